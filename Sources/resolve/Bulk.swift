import DNS
import DNSClient
import Linux

/// `resolve --bulk`: very many names, from a file or from standard input.
final class Bulk {
    private var input: BulkInput
    private var results: BulkOutput
    private let showsProgress = StandardStreams.isTerminal(2)
    private let start = Clock.milliseconds
    private var flushed = 0
    private var shown = (time: 0, printed: 0)
    private var failure: Failure?
    private var isInterrupted = false

    private static let progressEvery = 500
    private static let flushEvery = 100

    private init(_ input: consuming BulkInput, _ results: consuming BulkOutput) {
        self.input = input
        self.results = results
        Interruption.note()
    }

    static func run(_ lookup: Lookup, _ output: Output) async throws(Failure) -> ExitStatus {
        let options = lookup.bulk
        guard options.skip >= 0 else { throw .usage("--skip must be a number of lines") }
        var lookup = lookup
        let file = try takeFile(from: &lookup)
        let plan = try Plan(lookup)
        let isOther = lookup.trace || lookup.diff || plan.searches || !lookup.axfr.isEmpty || plan.since != nil
        guard !isOther, plan.expectation == nil, [.full, .json].contains(lookup.format),
            !plan.types.contains(where: BulkInput.isTransfer)
        else { throw .usage("--bulk looks up names, as they stand, and prints JSON lines: nothing else goes with it") }
        let configuration = try await Configuration(for: plan, lookup)
        let input = BulkInput(file, plan, skip: options.skip)
        let results = BulkOutput(output, isInOrder: !options.asTheyCome, skip: options.skip)
        return try Bulk(input, results).run(configuration, plan.options)
    }

    /// The file that is named among the words, or standard input.
    private static func takeFile(from lookup: inout Lookup) throws(Failure) -> InputFile {
        let isFile = { (word: String) in
            !word.hasPrefix("@") && (word.contains("/") || RecordType(word) == nil && RecordClass(word) == nil)
        }
        let files = lookup.words.filter(isFile)
        lookup.words.removeAll(where: isFile)
        guard files.count <= 1, lookup.names.isEmpty, lookup.addresses.isEmpty else {
            throw .usage("--bulk takes one file, and no names beside it")
        }
        do throws(SystemError) {
            guard let path = files.first, path != "-" else { return try .standardInput() }
            return try .open(path)
        } catch {
            throw Failure(status: .localFailure, message: "\(error)")
        }
    }

    private func run(_ configuration: Configuration, _ options: QueryOptions) throws(Failure) -> ExitStatus {
        do throws(ResolverError) {
            try configuration.bulkResolver(options).run {
                next()
            } tick: {
                tick()
            } result: { result, octets throws(WireError) in
                try results.add(result, octets)
            }
        } catch {
            results.flush()
            throw Failure(status: .localFailure, message: "\(error)")
        }
        results.flush()
        if let failure = failure ?? results.failure { throw failure }
        summarize()
        return isInterrupted
            ? .interrupted : results.badLines > 0 ? .usage : results.unanswered > 0 ? .noReply : .answer
    }

    private func next() -> BulkNext {
        while results.hasRoom {
            switch input.next() {
            case .question(let question, let line):
                results.begin(line: line)
                return .question(question)
            case .bad(let line, let error): results.bad(line: line, error)
            case .later: return .later
            case .end: return .end
            case .failed(let error):
                failure = Failure(status: .localFailure, message: "cannot read the names: \(error.message)")
                return .end
            }
        }
        return .later
    }

    /// Whether to go on.
    private func tick() -> Bool {
        let now = Clock.milliseconds
        if now - flushed >= Self.flushEvery {
            results.flush()
            flushed = now
        }
        if showsProgress, now - shown.time >= Self.progressEvery { showProgress(now) }
        isInterrupted = Interruption.wasNoted
        return results.failure == nil && failure == nil && !isInterrupted
    }
}

// MARK: What is told

extension Bulk {
    private func showProgress(_ now: Int) {
        let rate = shown.time == 0 ? 0 : (results.finished - shown.printed) * 1_000 / (now - shown.time)
        shown = (now, results.finished)
        StandardStreams.write("\r\(results.finished) done, \(rate) a second, line \(results.linesDone) \u{1B}[K", to: 2)
    }

    /// What it came to, on standard error.
    private func summarize() {
        if showsProgress { StandardStreams.write("\r\u{1B}[K", to: 2) }
        let milliseconds = max(1, Clock.milliseconds - start)
        let codes = results.codes.enumerated().filter { $0.element > 0 }
            .map { "\(ResponseCode(rawValue: UInt16($0.offset))) \($0.element)" }
        let others = [
            (results.unanswered, "without reply"), (results.overTCP, "over TCP"), (results.badLines, "bad lines"),
        ]
        let parts = codes + others.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        var lines = [
            "\(results.finished) questions in \(Double(milliseconds) / 1_000) s, "
                + "\(results.finished * 1_000 / milliseconds) a second"
        ]
        if !parts.isEmpty { lines[0] += ": " + parts.joined(separator: ", ") }
        if isInterrupted { lines.append("interrupted; to go on: --skip \(results.linesDone)") }
        Main.complain(lines)
    }
}
