import DNS
import DNSClient
import DNSServer
import Linux
import Synchronization

/// Where the zones that are compared come from.
enum ComparedZones {
    /// The zones of a file or directory. A single file without an origin of its own is the zone that `other` says, as
    /// copies of zone files have other names.
    static func files(_ path: String, like other: String = "") throws(Failure) -> [Name: CompiledZone] {
        var path = ZonePath(path)
        if let source = single(path), let namesake = single(ZonePath(other)), source.origin != namesake.origin {
            if isNamed(other, namesake) {
                path = ZonePath("\(namesake.origin)=\(source.path)")
            } else if !isNamed(path.description, source) {
                throw failure(
                    """
                    \(source.path) and \(namesake.path) are by their names of the zones \(source.origin) and \
                    \(namesake.origin): say which zone they are, as in minidns diff ORIGIN=\(source.path) \(namesake.path)
                    """)
            }
        }
        if let missing = path.missing { throw failure("\(missing)") }
        let directory = ZoneDirectory([path])
        let loading = directory.showingProgress { directory.load() }
        let errors = loading.errorTexts()
        guard errors.isEmpty else { throw failure(errors.joined(separator: "\nerror: ")) }
        let zones = loading.reports.compactMap(\.zone)
        if zones.isEmpty {
            throw failure("\(path) has no zone file; \(ZoneLog.advice)")
        }
        return Dictionary(uniqueKeysWithValues: zones.map { ($0.origin, $0) })
    }

    /// The same zones as a server has them.
    static func fetch(like zones: [Name: CompiledZone], from server: SocketAddress) throws(Failure) -> [Name:
        CompiledZone]
    {
        var fetched: [Name: CompiledZone] = [:]
        for origin in zones.keys.sorted() { fetched[origin] = try fetch(origin, from: server) }
        return fetched
    }

    private static func fetch(_ origin: Name, from server: SocketAddress) throws(Failure) -> CompiledZone {
        var collector = ZoneCollector(origin: origin, source: "\(origin) from \(server)")
        var foreign: Record?
        let count = Atomic(0)
        let progress = Progress("records of \(origin): \(count.load(ordering: .relaxed))")
        defer { progress.stop() }
        do throws(TransferError) {
            try Transfer(of: origin, from: server).receive { batch in
                count.add(batch.records.count, ordering: .relaxed)
                foreign = batch.records.first { !collector.append($0) }
                return foreign == nil
            }
        } catch {
            let reason = foreign.map { "\($0.owner) does not fit into the zone" } ?? "\(error)"
            throw failure("the zone \(origin) cannot be had from \(server): \(reason)")
        }
        let loaded = ZoneLoader.load(collector.finish(), seed: Machine.randomNumber())
        guard let zone = loaded.zone else {
            let errors = loaded.problems.filter { $0.severity == .error }
            throw failure(errors.map { "\($0.path): \($0.message)" }.joined(separator: "\n"))
        }
        return zone
    }

    private static func single(_ path: ZonePath) -> ZoneSource? {
        guard (try? File.kind(path.description)) != .directory else { return nil }
        return path.sources().sources.first
    }

    /// Whether the path says the zone's origin itself.
    private static func isNamed(_ path: String, _ source: ZoneSource) -> Bool { path != source.path }

    private static func failure(_ message: String) -> Failure { Failure(status: .notCompared, message: message) }
}
