import DNS
import DNSServer
import Linux
import Logging
import Synchronization

/// `minidns check --syntax`: parses zone files, one after the other, and tells how long that took without reading them.
enum SyntaxCheck {
    /// What was parsed, and in how many nanoseconds.
    private struct Tally: CustomStringConvertible {
        var octets = 0
        var records = 0
        var nanoseconds: UInt64 = 0

        /// Octets a microsecond are megabytes a second.
        var description: String {
            let microseconds = max(1, Int(nanoseconds / 1000))
            return "\(records) records, \(octets) octets, parsed in \(microseconds / 1000) ms,"
                + " \(octets / microseconds) MB/s"
        }
    }

    /// Whether all files are good.
    static func run(_ paths: [ZonePath], _ logger: Logger) -> Bool {
        let found = paths.map { $0.sources() }
        let sources = found.flatMap(\.sources)
        let done = Atomic(0)
        let results = Progress.show("reading zones: \(done.load(ordering: .relaxed)) of \(sources.count)") {
            sources.map { source in
                defer { done.add(1, ordering: .relaxed) }
                return parse(source)
            }
        }
        for error in found.flatMap(\.errors) { logger.error("\(error)") }
        var total = Tally()
        for (source, (result, tally)) in zip(sources, results) {
            logger.tell(result.problems, hidden: result.unreportedProblems, of: source.path)
            logger.debug("zone \(source.origin): \(tally)")
            total.octets += tally.octets
            total.records += tally.records
            total.nanoseconds += tally.nanoseconds
        }
        logger.info("zones: \(sources.count), \(total)")
        return found.allSatisfy(\.errors.isEmpty) && !results.contains { $0.result.hasErrors }
    }

    private static func parse(_ source: ZoneSource) -> (result: ZoneParseResult, tally: Tally) {
        var tally = Tally()
        var reading: UInt64 = 0
        let start = Clock.nanoseconds
        let result = ZoneParser.parse(path: source.path, origin: source.origin, keepsRecords: false) { path in
            let start = Clock.nanoseconds
            let text = ZoneDirectory.text(of: path)
            reading += Clock.nanoseconds - start
            tally.octets += (try? text.get().count) ?? 0
            return text
        }
        tally.nanoseconds = Clock.nanoseconds - start - reading
        tally.records = result.recordCount
        return (result, tally)
    }
}
