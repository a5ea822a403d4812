import DNS
import DNSServer
import Linux
import Logging
import Synchronization

/// `minidns check --syntax`: parses zone files, one after the other, and tells how long that took without reading them.
enum SyntaxCheck {
    /// What came of a file, and in how many nanoseconds.
    private struct Outcome {
        var problems: [ZoneFileError] = []
        var hidden = 0
        var isGood = true
        var records = 0
        var octets = 0
        var nanoseconds: UInt64 = 0
    }

    /// Whether all files are good.
    static func run(_ paths: [ZonePath], _ logger: Logger) -> Bool {
        let found = paths.map { $0.sources() }
        let sources = found.flatMap(\.sources)
        let done = Atomic(0)
        let outcomes = Progress.show("reading zones: \(done.load(ordering: .relaxed)) of \(sources.count)") {
            sources.map { source in
                defer { done.add(1, ordering: .relaxed) }
                return parse(source)
            }
        }
        for error in found.flatMap(\.errors) { logger.error("\(error)") }
        for (source, outcome) in zip(sources, outcomes) {
            logger.tell(outcome.problems, hidden: outcome.hidden, of: source.path)
            logger.debug("zone \(source.origin): \(describe([outcome]))")
        }
        logger.info("zones: \(sources.count), \(describe(outcomes))")
        return found.allSatisfy(\.errors.isEmpty) && outcomes.allSatisfy(\.isGood)
    }

    private static func parse(_ source: ZoneSource) -> Outcome {
        var outcome = Outcome()
        var reading: UInt64 = 0
        let start = Clock.nanoseconds
        let result = ZoneParser.parse(path: source.path, origin: source.origin, keepsRecords: false) { path in
            let start = Clock.nanoseconds
            let text = ZoneDirectory.text(of: path)
            reading += Clock.nanoseconds - start
            outcome.octets += (try? text.get().count) ?? 0
            return text
        }
        outcome.nanoseconds = Clock.nanoseconds - start - reading
        (outcome.records, outcome.isGood, outcome.problems) = (result.recordCount, !result.hasErrors, result.problems)
        outcome.hidden = result.errorCount + result.warningCount - outcome.problems.count
        return outcome
    }

    /// Octets a microsecond are megabytes a second.
    private static func describe(_ outcomes: [Outcome]) -> String {
        let microseconds = max(1, Int(outcomes.reduce(0) { $0 + $1.nanoseconds } / 1000))
        let (records, octets) = outcomes.reduce((0, 0)) { ($0.0 + $1.records, $0.1 + $1.octets) }
        return "\(records) records, \(octets) octets, parsed in \(microseconds / 1000) ms,"
            + " \(octets / microseconds) MB/s"
    }
}
