import ArgumentParser
import DNS
import DNSServer
import Linux
import Synchronization

/// `minidns format`: lays zone files out.
struct Format: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lay zone files out neatly: columns, one way of writing times, aligned comments.",
        discussion: """
            What a file means does not change, and is compared before anything is written. Comments, directives and \
            empty lines between groups stay. Also for files that are included.

            \(ExitStatus.help)
            """)

    @Argument(
        help: ArgumentHelp(
            "Zone files, directories of files NAME.zone, or - for standard input to standard output.", valueName: "path"
        ))
    var paths: [String]

    @Flag(help: "Write nothing; name the files that would change, and exit with 1 where there are some.")
    var check = false

    @Flag(help: "Write nothing; print what would change as a unified diff, and exit with 1 where something would.")
    var diff = false

    private static let limit = ServerLimits().zoneFileSize

    /// What came of the files so far; told when the progress is off the screen.
    private struct Outcome {
        var worst = ExitStatus.success
        var output: [UInt8] = []
        var errors = ""

        mutating func add(_ status: ExitStatus) { if status.rawValue > worst.rawValue { worst = status } }
    }

    func run() throws {
        var outcome = Outcome()
        // Before the progress is shown, which would stand in the way of somebody who types.
        let input = paths.contains("-") ? try Self.standardInput() : []
        let current = Mutex("")
        let result = Result {
            try Progress.show("laying out \(current.withLock { $0 })") {
                for path in paths {
                    for file in path == "-" ? [path] : try files(at: path) {
                        current.withLock { $0 = file }
                        try format(file, input, &outcome)
                    }
                }
            }
        }
        StandardStreams.write(outcome.errors, to: 2)
        try StandardStreams.write(all: outcome.output, to: 1)
        try result.get()
        if outcome.worst != .success { throw ExitCode(outcome.worst.rawValue) }
    }

    private func files(at path: String) throws(Failure) -> [String] {
        do throws(SystemError) {
            if try File.kind(path) != .directory { return [path] }
        } catch {
            throw Failure(status: error.isMissing ? .noZones : .systemRefused, message: "\(path): \(error.message)")
        }
        return ZonePath(path).sources().sources.map(\.path)
    }

    private func format(_ path: String, _ input: [UInt8], _ outcome: inout Outcome) throws(SystemError) {
        let contents = path == "-" ? nil : try File.read(path, limit: Self.limit)
        let text = contents?.octets ?? input
        let result: [UInt8]
        do throws(ZoneFormatter.Failure) {
            result = try ZoneFormatter.format(text, path: path)
        } catch {
            outcome.errors += error.problems.map { "error: \($0.textWithHint)\n" }.joined()
            return outcome.add(.brokenZone)
        }
        if check || diff {
            if result == text { return }
            outcome.add(.different)
            if diff {
                outcome.output += UnifiedDiff(from: text, to: result).octets(path: path)
            } else if contents != nil {
                outcome.output += "\(path)\n".utf8
            }
        } else if let contents {
            if result != text { try File.rewrite(path, result, ifStill: contents.status) }
        } else {
            outcome.output += result
        }
    }

    private static func standardInput() throws(SystemError) -> [UInt8] {
        let input = try InputFile.standardInput()
        var octets: [UInt8] = []
        var count = 0
        while true {
            if count == octets.count { octets += repeatElement(0, count: max(65_536, count)) }
            let read = try input.read(into: &octets, from: count)
            if read == 0 { break }
            count += read
            if count > limit { throw SystemError("read standard input", refused: "too large") }
        }
        return Array(octets.prefix(count))
    }
}
