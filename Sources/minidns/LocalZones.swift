import DNS
import DNSServer
import Linux
import Logging

/// Zones of files, parsed and compiled, with the places of their records.
struct LocalZones {
    struct Loaded {
        let source: ZoneSource
        /// The records of the file, whether it is served or not.
        let records: Zone
        /// Nil where the file has errors.
        let compiled: CompiledZone?
    }

    private(set) var zones: [Loaded] = []
    private let seed = Machine.randomNumber()

    /// Reads the zones that are wanted. What is wrong with their files is logged; as in the server, the first file of a
    /// zone counts.
    init(_ paths: [String], where isWanted: (Name) -> Bool) throws(Failure) {
        let logger = Logger(label: "minidns") { _ in StandardErrorLog(level: .error, stampsTime: false) }
        var seen: Set<Name> = []
        for path in paths.map(ZonePath.init) {
            if let missing = path.missing { throw Failure(status: .noZones, message: "\(missing)") }
            let found = path.sources()
            for error in found.errors { logger.error("\(error)") }
            for source in found.sources where isWanted(source.origin) && seen.insert(source.origin).inserted {
                zones.append(load(source, logger))
            }
        }
    }

    var database: Database {
        Database(
            zones: zones.compactMap(\.compiled),
            unavailable: zones.filter { $0.compiled == nil }.map(\.source.origin), seed: seed)
    }

    private func load(_ source: ZoneSource, _ logger: Logger) -> Loaded {
        let limit = ServerLimits().zoneFileSize
        let parsed = ZoneParser.parse(path: source.path, origin: source.origin) { path in
            do throws(SystemError) {
                return .success(try File.read(path, limit: limit).octets)
            } catch {
                return .failure(ZoneReadError(error.message))
            }
        }
        var problems = parsed.problems
        var compiled: CompiledZone?
        if !parsed.hasErrors {
            let loaded = ZoneLoader.load(parsed.zone, seed: seed)
            compiled = loaded.zone
            problems += loaded.problems
        }
        for problem in problems where problem.severity == .error { logger.error("\(problem.textWithoutSeverity)") }
        return Loaded(source: source, records: parsed.zone, compiled: compiled)
    }
}
