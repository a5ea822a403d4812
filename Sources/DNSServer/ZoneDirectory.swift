public import DNS
import Linux
import Synchronization

/// The zones of some paths: what did not change is kept, what fails keeps its last good version, and one database holds
/// them all.
///
/// `load` does everything at once. A `ZoneKeeper` does it step by step: it finds zones, loads some of them, several times
/// at once, and accepts what was loaded.
public final class ZoneDirectory: Sendable {
    /// The outcome of a loading.
    public struct Loading: Sendable {
        public let database: Database
        /// Of the zones that were loaded now, in the order of the paths, then by file name.
        public let reports: [ZoneReport]
        public let errors: [ZonePathError]
        /// Origins that were served before and are no more.
        public let removed: [Name]
        /// How many zones there are.
        public let zoneCount: Int
        /// Whether somebody asked for it, and no change of a file led to it.
        public internal(set) var isRequested = true
        public let milliseconds: Double

        /// Whether everything that was asked for is served as it stands in its file.
        public var isComplete: Bool {
            errors.isEmpty && reports.allSatisfy { $0.state == .loaded || $0.state == .unchanged }
        }
    }

    /// What looking for zones brought.
    struct Found {
        /// Zones whose file is new, or was away.
        var added: [ZoneSource] = []
        /// Origins without a file.
        var removed: [Name] = []
        var errors: [ZonePathError] = []
        var start = Clock.nanoseconds
    }

    typealias Loaded = (zone: LoadedZone, report: ZoneReport)

    private struct State {
        var sources: [ZoneSource] = []
        var zones: [ZoneSource: LoadedZone] = [:]
        var errors: [ZonePathError] = []
        /// Files that are gone, and since when in milliseconds.
        var vanished: [ZoneSource: Int] = [:]
        /// Zones whose place cannot be seen.
        var away: Set<ZoneSource> = []
    }

    public let paths: [ZonePath]
    private let limits: ServerLimits
    private let serials: Serials?
    private let seed: UInt64
    private let state = Mutex(State())
    private let loadings = Mutex(())
    private let isCancelled = Atomic(false)

    /// - Parameter serials: what judges and gives serials; they are as the files have them where it is nil.
    public init(_ paths: [ZonePath], limits: ServerLimits = ServerLimits(), serials: Serials? = nil) {
        self.paths = paths
        self.limits = limits
        self.serials = serials
        seed = Machine.randomNumber()
    }

    /// Makes a loading that is under way end soon, and each later one at once. What it returns is
    /// not to be served.
    public func cancel() {
        isCancelled.store(true, ordering: .relaxed)
    }

    /// Loads all zones, over as many threads as the process may use processors. Calls from several
    /// threads follow one another.
    public func load(threads: Int? = nil) -> Loading {
        loadings.withLock { _ in
            let found = find()
            return accept(load(sources, threads: threads), found)
        }
    }

    /// How all zones stand, in the order of the paths, then by file name; and what is wrong with the paths.
    public func status() -> (zones: [ZoneStatus], errors: [ZonePathError]) {
        state.withLock { state in
            let zones = state.sources.map { source in
                let zone = state.zones[source]
                return ZoneStatus(
                    source: source, zone: zone?.zone, loadedAt: zone?.loadedAt ?? 0,
                    failure: zone == nil ? "it is being loaded" : zone?.failure)
            }
            return (zones, state.errors)
        }
    }

    static func milliseconds(since start: UInt64) -> Double {
        Double(Clock.nanoseconds - start) / 1_000_000
    }
}

// MARK: Finding

extension ZoneDirectory {
    /// All zones that there are.
    var sources: [ZoneSource] { state.withLock { $0.sources } }

    /// Zones whose place cannot be seen.
    var away: Set<ZoneSource> { state.withLock { $0.away } }

    /// Zones that there is no use in loading: their file or its place is gone, for now.
    var absent: Set<ZoneSource> { state.withLock { $0.away.union($0.vanished.keys) } }

    /// When the first of the vanished files has been gone since.
    var vanishedSince: Int? { state.withLock { $0.vanished.values.min() } }

    /// Looks what the paths hold now. One call at a time.
    /// - Parameter patienceMilliseconds: so long a file may be gone before its zone is.
    func find(patienceMilliseconds: Int = 0) -> Found {
        var found = Found()
        let before = state.withLock { $0 }
        var (sources, errors, away) = look(before)
        errors += Self.duplicates(in: &sources)
        let now = Clock.milliseconds
        let present = Set(sources)
        let origins = Set(sources.map(\.origin))
        var vanished: [ZoneSource: Int] = [:]
        for source in before.sources where !present.contains(source) && !origins.contains(source.origin) {
            let since = before.vanished[source] ?? now
            guard now - since < patienceMilliseconds else { continue }
            vanished[source] = since
            sources.append(source)
            errors.removeAll { $0.path == source.path }
        }
        // A zone that moved to another file keeps the last good version too.
        let lastGood = Dictionary(before.zones.map { ($0.key.origin, $0.value) }) { first, _ in first }
        let served = Set(sources.map(\.origin))
        found.errors = errors
        found.added = sources.filter { source in
            before.zones[source] == nil || before.away.contains(source) && !away.contains(source)
                || before.vanished[source] != nil && vanished[source] == nil
        }
        found.removed = Set(before.sources.map(\.origin)).subtracting(served).sorted { "\($0)" < "\($1)" }
        state.withLock { state in
            state.zones = Dictionary(
                uniqueKeysWithValues: sources.compactMap { source in
                    (state.zones[source] ?? lastGood[source.origin]).map { (source, $0) }
                })
            state.sources = sources
            state.errors = errors
            state.vanished = vanished
            state.away = away
        }
        return found
    }

    private func look(_ before: State) -> (sources: [ZoneSource], errors: [ZonePathError], away: Set<ZoneSource>) {
        var sources: [ZoneSource] = []
        var errors: [ZonePathError] = []
        var away: Set<ZoneSource> = []
        for path in paths {
            let found = path.sources()
            sources += found.sources
            errors += found.errors
            if found.errors.isEmpty { continue }
            let kept = before.sources.filter { path.keeps($0, after: found.errors) }
            sources += kept
            away.formUnion(kept)
        }
        var seen = Set<ZoneSource>()
        return (sources.filter { seen.insert($0).inserted }, errors, away)
    }

    /// Leaves of two files for one zone the first, and tells of the other.
    private static func duplicates(in sources: inout [ZoneSource]) -> [ZonePathError] {
        var first: [Name: String] = [:]
        var errors: [ZonePathError] = []
        sources.removeAll { source in
            guard let other = first.updateValue(source.path, forKey: source.origin) else { return false }
            first[source.origin] = other
            errors.append(
                ZonePathError(
                    path: source.path,
                    message: "the zone \(source.origin) has another file already, \(other), which is used",
                    isMissing: false))
            return true
        }
        return errors
    }
}

// MARK: Loading

extension ZoneDirectory {
    /// Loads these zones; nothing is served of it before it is accepted. Several calls at once are for different zones.
    /// - Parameter watched: what is to be watched for changes.
    func load(_ sources: [ZoneSource], threads: Int? = nil, watched: WatchedPaths? = nil) -> [Loaded] {
        let work = LoadingWork(count: sources.count)
        let threads = LoadingThreads(threads ?? Machine.processors)
        let former = state.withLock { $0.zones }
        threads.run(sources.count) { [self] index in
            let isCancelled = { self.isCancelled.load(ordering: .relaxed) }
            if isCancelled() { return }
            let source = sources[index]
            var points: Set<WatchedPaths.Point> = []
            let loader = ZoneFileLoader(
                seed: seed, limits: limits, parallel: threads.run, serials: serials, isCancelled: isCancelled,
                willRead: { path in
                    if let watched { points.formUnion(watched.watch(path, for: .zone(source))) }
                })
            work.finish(index, LoadedZone.load(source, former[source], loader))
            watched?.keep(points, for: .zone(source))
        }
        return work.results(else: { LoadedZone.notLoaded(sources[$0], former[sources[$0]]) })
    }

    /// Takes what was loaded, as far as it is still wanted, into a new database.
    func accept(_ loaded: [Loaded], _ found: Found) -> Loading {
        let loaded = remember(loaded)
        return state.withLock { state in
            let wanted = Set(state.sources)
            for (zone, report) in loaded where wanted.contains(report.source) { state.zones[report.source] = zone }
            var zones: [CompiledZone] = []
            var unavailable: [Name] = []
            for source in state.sources {
                guard let zone = state.zones[source] else { continue }
                if let zone = zone.zone { zones.append(zone) } else { unavailable.append(source.origin) }
            }
            return Loading(
                database: Database(zones: zones, unavailable: unavailable, seed: seed),
                reports: loaded.map(\.report).filter { wanted.contains($0.source) }, errors: found.errors,
                removed: found.removed, zoneCount: state.sources.count,
                milliseconds: Self.milliseconds(since: found.start))
        }
    }

    /// Sees to it that no serial is served that would be forgotten.
    private func remember(_ loaded: [Loaded]) -> [Loaded] {
        let former = state.withLock { $0.zones }
        let ours = loaded.compactMap { zone, report in
            zone.edition.flatMap { edition in
                zone.hasOurSerial && report.state == .loaded
                    ? (report.source.origin, edition, former[report.source]?.zone == nil) : nil
            }
        }
        guard let serials, !ours.isEmpty else { return loaded }
        do throws(SystemError) {
            try serials.save(ours)
            return loaded
        } catch {
            return loaded.map { zone, report in
                guard zone.hasOurSerial, report.state == .loaded else { return (zone, report) }
                return zone.withoutSerial(report, former[report.source], error)
            }
        }
    }
}

/// The loadings, done by several threads.
private final class LoadingWork: Sendable {
    private let finished: Mutex<[ZoneDirectory.Loaded?]>

    init(count: Int) {
        finished = Mutex(Array(repeating: nil, count: count))
    }

    func finish(_ index: Int, _ result: ZoneDirectory.Loaded) {
        finished.withLock { $0[index] = result }
    }

    func results(else missing: (Int) -> ZoneDirectory.Loaded) -> [ZoneDirectory.Loaded] {
        finished.withLock { results in results.indices.map { results[$0] ?? missing($0) } }
    }
}
