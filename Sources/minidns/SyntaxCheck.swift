import DNS
import DNSServer
import Linux
import Logging

/// `minidns check --syntax`: parses zone files, one after the other, and tells how long that took without reading them.
struct SyntaxCheck {
    let logger: Logger
    private let limit = ServerLimits().zoneFileSize
    private var hasErrors = false
    private var total = Tally()

    /// What was parsed, and in how many nanoseconds.
    private struct Tally {
        var octets = 0
        var records = 0
        var nanoseconds: UInt64 = 0
    }

    init(logger: Logger) {
        self.logger = logger
    }

    /// Whether all files are good.
    mutating func run(_ paths: [ZonePath]) -> Bool {
        var count = 0
        for path in paths {
            let found = path.sources()
            for error in found.errors {
                hasErrors = true
                logger.error("\(error)")
            }
            for source in found.sources { parse(source) }
            count += found.sources.count
        }
        logger.info("zones: \(count), \(describe(total))")
        return !hasErrors
    }

    private mutating func parse(_ source: ZoneSource) {
        var tally = Tally()
        var reading: UInt64 = 0
        let start = Clock.nanoseconds
        let result = ZoneParser.parse(path: source.path, origin: source.origin, keepsRecords: false) { path in
            let start = Clock.nanoseconds
            defer { reading += Clock.nanoseconds - start }
            do throws(SystemError) {
                let octets = try File.read(path, limit: limit).octets
                tally.octets += octets.count
                return .success(octets)
            } catch {
                return .failure(ZoneReadError(error.message))
            }
        }
        tally.nanoseconds = Clock.nanoseconds - start - reading
        tally.records = result.recordCount
        for problem in result.problems {
            logger.log(level: problem.severity == .error ? .error : .warning, "\(problem.textWithoutSeverity)")
        }
        if result.unreportedProblems > 0 {
            logger.error("\(source.path): \(result.unreportedProblems) more problems are not shown")
        }
        if result.hasErrors { hasErrors = true }
        logger.debug("zone \(source.origin): \(describe(tally))")
        total.octets += tally.octets
        total.records += tally.records
        total.nanoseconds += tally.nanoseconds
    }

    /// Octets a microsecond are megabytes a second.
    private func describe(_ tally: Tally) -> String {
        let microseconds = max(1, Int(tally.nanoseconds / 1000))
        return "\(tally.records) records, \(tally.octets) octets, parsed in \(microseconds / 1000) ms,"
            + " \(tally.octets / microseconds) MB/s"
    }
}
