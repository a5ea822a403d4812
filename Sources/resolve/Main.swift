import ArgumentParser
import DNS
import DNSClient
import Linux

/// Standard output, whose failures end the command.
struct Output {
    /// Asked before anything else could be opened in its place.
    let isOpen: Bool

    func write(_ text: String) throws(Failure) {
        try write(octets: Array(text.utf8))
    }

    func write(octets: [UInt8]) throws(Failure) {
        if octets.isEmpty { return }
        guard isOpen else { throw Failure(status: .localFailure, message: "standard output is closed") }
        do throws(SystemError) {
            try StandardStreams.write(all: octets, to: 1)
        } catch {
            // Who reads no more has seen enough.
            if error.isClosedPipe { Machine.endProcess(ExitStatus.answer.rawValue) }
            throw Failure(status: .localFailure, message: "cannot write the answer: \(error.message)")
        }
    }
}

@main
enum Main {
    static func main() async {
        let output = Output(isOpen: StandardStreams.isOpen(1))
        StandardStreams.reserve()
        StandardStreams.ignoreClosedPipes()
        StandardStreams.endOnInterrupt(ExitStatus.interrupted.rawValue)
        let status: ExitStatus
        do throws(Failure) {
            status = try await run(output)
        } catch {
            complain(["error: \(error.message)"])
            status = error.status
        }
        Machine.endProcess(status.rawValue)
    }

    /// Writes lines to standard error, where names and texts of others may stand in them.
    static func complain(_ lines: [String]) {
        for line in lines.flatMap({ $0.split(separator: "\n") }) {
            StandardStreams.write(Style.escaped(String(line)) + "\n", to: 2)
        }
    }

    private static func run(_ output: Output) async throws(Failure) -> ExitStatus {
        let words = Array(CommandLine.arguments.dropFirst())
        var lookup: Lookup
        do {
            lookup = try Lookup.parse(words)
        } catch {
            // The version and completion scripts are thrown too.
            let text = Lookup.fullMessage(for: error) + "\n"
            guard Lookup.exitCode(for: error) == .success else {
                StandardStreams.write("\(text)See: resolve --help\n", to: 2)
                return .usage
            }
            try output.write(text)
            return .answer
        }
        if lookup.help || lookup.helpAll {
            try output.write((lookup.help ? Lookup.screen : Lookup.helpMessage(columns: 80)) + "\n")
            return .answer
        }
        // Scripts and pipes get the same everywhere.
        let isPersonal = StandardStreams.isTerminal(1) && !lookup.noConfig
        guard isPersonal, let file = try StartUpFile() else { return try await run(lookup, output) }
        do {
            lookup = try Lookup.parse(file.words(before: lookup.words) + words)
        } catch {
            throw file.note(on: Failure(status: .usage, message: Lookup.message(for: error)))
        }
        do throws(Failure) {
            return try await run(lookup, output)
        } catch {
            throw file.note(on: error)
        }
    }

    private static func run(_ written: Lookup, _ output: Output) async throws(Failure) -> ExitStatus {
        var lookup = written
        try lookup.applyHabits()
        if lookup.bulk.bulk { return try await Bulk.run(lookup, output) }
        if lookup.bulk.asTheyCome || lookup.bulk.skip != 0 { throw .usage("--as-they-come and --skip are for --bulk") }
        let plan = try Plan(lookup)
        let session = Session(
            plan: plan, configuration: try await Configuration(for: plan, lookup),
            printer: Printer(lookup, plan.options, output))
        return try await session.run()
    }
}
