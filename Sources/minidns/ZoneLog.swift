import DNS
import DNSServer
import Linux
import Logging

/// Tells what a loading did.
struct ZoneLog {
    let logger: Logger

    /// Zones beyond this many are told in the summary only, unless something is wrong with them.
    static let zonesByLine = 20
    static let advice = "a file is named after its zone: example.test.zone"
    /// Lines that tell how a zone changed.
    private static let linesOfChanges = 20

    func report(_ loading: ZoneDirectory.Loading) {
        for error in loading.errors { logger.error("\(error)") }
        var lines = 0
        for report in loading.reports {
            logger.tell(report.problems, hidden: report.unreportedProblems, of: report.source.path)
            switch report.state {
            case .loaded:
                lines += 1
                if report.wasBroken { logger.notice("zone \(report.source.origin) is mended") }
                logger.log(level: lines <= Self.zonesByLine ? .info : .debug, "\(describe(report))")
                guard lines <= Self.zonesByLine else { continue }
                for line in report.changes(limit: Self.linesOfChanges) { logger.info("  \(line)") }
            case .unchanged:
                logger.debug("zone \(report.source.origin) is unchanged")
            case .keptLastGood:
                let (origin, path) = (report.source.origin, report.source.path)
                let since = "of \(Clock.timestamp(report.loadedAt))"
                logger.error("zone \(origin) keeps its last good version\(serial(report)), \(since): mend \(path)")
            case .unavailable:
                logger.error("zone \(report.source.origin) is not served (SERVFAIL): mend \(report.source.path)")
            }
        }
        for origin in loading.removed { logger.warning("zone \(origin) is no longer served: its file is gone") }
        if loading.zoneCount == 0 && loading.errors.isEmpty { logger.warning("there is no zone file; \(Self.advice)") }
        // Of a few files that changed, the lines above said all.
        if loading.isRequested || loading.reports.count > Self.zonesByLine { summarize(loading) }
    }

    private func summarize(_ loading: ZoneDirectory.Loading) {
        func count(_ state: ZoneReport.State) -> Int { loading.reports.count { $0.state == state } }
        let records = loading.reports.reduce(0) { $0 + ($1.zone?.recordCount ?? 0) }
        let parts = [
            (count(.loaded), "loaded"), (count(.unchanged), "unchanged"), (count(.keptLastGood), "kept"),
            (count(.unavailable), "broken"),
        ]
        let states = parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
        logger.info(
            "zones: \(states.isEmpty ? "none" : states), \(records) records, \(Self.print(loading.milliseconds)) ms")
    }

    private func describe(_ report: ZoneReport) -> String {
        let records = plural(report.zone?.recordCount ?? 0, "record")
        return "zone \(report.source.origin): \(records)\(serial(report)), \(Self.print(report.milliseconds)) ms"
    }

    private func serial(_ report: ZoneReport) -> String {
        report.zone.map { ", serial \($0.serial.value)" } ?? ""
    }

    private static func print(_ milliseconds: Double) -> String {
        milliseconds < 100 ? "\((milliseconds * 10).rounded() / 10)" : "\(Int(milliseconds))"
    }
}

extension Logger {
    /// Tells the problems of one zone, and how many more there are.
    func tell(
        _ problems: [ZoneFileError], hidden: Int, of path: String,
        _ text: (ZoneFileError) -> String = { $0.textWithoutSeverity }
    ) {
        for problem in problems { log(level: problem.severity == .error ? .error : .warning, "\(text(problem))") }
        if hidden > 0 { warning("\(path): \(hidden) more problems are not shown") }
    }
}
