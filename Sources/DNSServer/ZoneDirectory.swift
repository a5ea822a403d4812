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
        /// Zones whose file is no more.
        var dropped: [ZoneSource] = []
        /// Origins without a file.
        var removed: [Name] = []
        var errors: [ZonePathError] = []
        var start = Clock.nanoseconds
    }

    typealias Loaded = (zone: LoadedZone, report: ZoneReport)

    struct State {
        var sources: [ZoneSource] = []
        /// As the sources; nil where one was not loaded yet.
        var zones: [LoadedZone?] = []
        /// Where each source stands in both.
        var places: [ZoneSource: Int] = [:]
        var errors: [ZonePathError] = []
        /// Files that are gone, and since when in milliseconds.
        var vanished: [ZoneSource: Int] = [:]
        /// Zones whose place cannot be seen.
        var away: Set<ZoneSource> = []

        subscript(source: ZoneSource) -> LoadedZone? { places[source].flatMap { zones[$0] } }
    }

    public let paths: [ZonePath]
    private let limits: ServerLimits
    private let serials: Serials?
    private let seed: UInt64
    private let state = Mutex(State())
    private let loadings = Mutex(())
    private let isCancelled = Atomic(false)
    private let counts = Mutex((done: 0, count: 0))
    /// Directories of files that were read so far; nil once somebody took them.
    private let places = Mutex<Set<String>?>([])

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
            let zones = zip(state.sources, state.zones).map { source, zone in
                ZoneStatus(
                    source: source, zone: zone?.zone, loadedAt: zone?.loadedAt ?? 0,
                    failure: zone == nil ? "it is being loaded" : zone?.failure)
            }
            return (zones, state.errors)
        }
    }

    /// The directories of all files that were looked at so far, links followed; to be taken once.
    public func takePlaces() -> Set<String> {
        places.withLock { places in
            defer { places = nil }
            return places ?? []
        }
    }

    private func note(reading path: String) {
        places.withLock { places in
            if places == nil { return }
            places!.insert(File.parent(of: path))
            if File.isLink(path), let file = File.resolved(path) { places!.insert(File.parent(of: file)) }
        }
    }

    /// How many zones were looked at so far, of how many.
    public var progress: (done: Int, count: Int) { counts.withLock { $0 } }

    func note(done: Int = 0, of count: Int = 0) {
        counts.withLock { $0 = ($0.done + done, $0.count + count) }
    }

    static func milliseconds(since start: UInt64) -> Double {
        Double(Clock.nanoseconds - start) / 1_000_000
    }
}

// MARK: Finding

extension ZoneDirectory {
    func has(_ source: ZoneSource) -> Bool { state.withLock { $0.places[source] != nil } }

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
        let (origins, duplicates) = Self.duplicates(in: &sources)
        errors += duplicates
        if sources.count > limits.zones {
            let message = "there are more than \(limits.zones) zones: this one and those behind it are not served"
            errors.append(ZonePathError(path: sources[limits.zones].path, message: message, isMissing: false))
            sources.removeSubrange(limits.zones...)
        }
        var places: [ZoneSource: Int] = [:]
        places.reserveCapacity(sources.count)
        for (place, source) in sources.enumerated() { places[source] = place }
        var (vanished, lastGood): ([ZoneSource: Int], [Name: LoadedZone]) = ([:], [:])
        let now = Clock.milliseconds
        for source in before.sources where places[source] == nil {
            if origins[source.origin] != nil {
                found.dropped.append(source)
                // A zone that moved to another file keeps the last good version too.
                lastGood[source.origin] = before[source]
                continue
            }
            let since = before.vanished[source] ?? now
            guard now - since < patienceMilliseconds else {
                found.dropped.append(source)
                found.removed.append(source.origin)
                continue
            }
            vanished[source] = since
            places[source] = sources.count
            sources.append(source)
            errors.removeAll { $0.path == source.path }
        }
        let zones = sources.map { before[$0] ?? lastGood[$0.origin] }
        found.errors = errors
        found.added = zip(sources, zones).compactMap { source, zone in
            let isNew = zone == nil || !lastGood.isEmpty && before.places[source] == nil
            let isBack =
                before.away.contains(source) && !away.contains(source)
                || before.vanished[source] != nil && vanished[source] == nil
            return isNew || isBack ? source : nil
        }
        found.removed.sort { "\($0)" < "\($1)" }
        state.withLock { state in
            state = State(
                sources: sources, zones: zones, places: places, errors: errors, vanished: vanished, away: away)
        }
        return found
    }

    /// Tells that a zone's file was moved away or removed just now, or that it is there again.
    func note(_ source: ZoneSource, isGone: Bool) {
        state.withLock { state in
            guard state.places[source] != nil, isGone != (state.vanished[source] != nil) else { return }
            state.vanished[source] = isGone ? Clock.milliseconds : nil
        }
    }

    func look(_ before: State) -> (sources: [ZoneSource], errors: [ZonePathError], away: Set<ZoneSource>) {
        var sources: [ZoneSource] = []
        var errors: [ZonePathError] = []
        var away: Set<ZoneSource> = []
        for path in paths {
            let found = path.sources()
            sources += found.sources
            errors += found.errors.map { error in
                guard !error.isMissing, let advice = limits.adviceOnReading(error.path) else { return error }
                return ZonePathError(path: error.path, message: "\(error.message): \(advice)", isMissing: false)
            }
            if found.errors.isEmpty { continue }
            let kept = before.sources.filter { path.keeps($0, after: found.errors) }
            sources += kept
            away.formUnion(kept)
        }
        if paths.count > 1 || !away.isEmpty {
            var seen = Set<ZoneSource>()
            sources.removeAll { !seen.insert($0).inserted }
        }
        return (sources, errors, away)
    }

    /// Leaves of two files for one zone the first, and tells of the other.
    /// - Returns: the zones, with their file.
    static func duplicates(
        in sources: inout [ZoneSource]
    ) -> (origins: [Name: String], errors: [ZonePathError]) {
        var first: [Name: String] = [:]
        first.reserveCapacity(sources.count)
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
        return (first, errors)
    }
}

// MARK: Loading

extension ZoneDirectory {
    /// Loads these zones and remembers their serials; nothing is served of it before it is accepted. Several calls at
    /// once are for different zones.
    /// - Parameter watched: what is to be watched for changes.
    func load(_ sources: [ZoneSource], threads: Int? = nil, watched: WatchedPaths? = nil) -> [Loaded] {
        let work = LoadingWork(count: sources.count)
        let threads = LoadingThreads(threads ?? Machine.processors)
        let former = state.withLock { state in sources.map { state[$0] } }
        note(of: sources.count)
        threads.run(sources.count) { [self] index in
            defer { note(done: 1) }
            let isCancelled = { self.isCancelled.load(ordering: .relaxed) }
            if isCancelled() { return }
            let source = sources[index]
            var points: Set<WatchedPaths.Point> = []
            let loader = ZoneFileLoader(
                seed: seed, limits: limits, parallel: threads.run, serials: serials, isCancelled: isCancelled,
                willRead: { path in
                    self.note(reading: path)
                    if let watched { points.formUnion(watched.watch(path, for: .zone(source))) }
                })
            work.finish(index, LoadedZone.load(source, former[index], loader))
            watched?.keep(points, for: .zone(source))
        }
        return remember(work.results(else: { LoadedZone.notLoaded(sources[$0], former[$0]) }), former)
    }

    /// Takes what was loaded, as far as it is still wanted, into a new database.
    func accept(_ loaded: [Loaded], _ found: Found) -> Loading {
        state.withLock { state in
            var reports: [ZoneReport] = []
            for (zone, report) in loaded {
                guard let place = state.places[report.source] else { continue }
                state.zones[place] = zone
                reports.append(report)
            }
            var zones: [CompiledZone] = []
            var unavailable: [Name] = []
            for (source, loaded) in zip(state.sources, state.zones) {
                guard let loaded else { continue }
                if let zone = loaded.zone { zones.append(zone) } else { unavailable.append(source.origin) }
            }
            return Loading(
                database: Database(zones: zones, unavailable: unavailable, seed: seed),
                reports: reports, errors: found.errors, removed: found.removed, zoneCount: state.sources.count,
                milliseconds: Self.milliseconds(since: found.start))
        }
    }

    /// Sees to it that no serial is served that would be forgotten.
    private func remember(_ loaded: [Loaded], _ former: [LoadedZone?]) -> [Loaded] {
        let ours = zip(loaded, former).compactMap { loaded, former in
            loaded.zone.edition.flatMap { edition in
                loaded.zone.hasOurSerial && loaded.report.state == .loaded
                    ? (loaded.report.source.origin, edition, former?.zone == nil) : nil
            }
        }
        guard let serials, !ours.isEmpty else { return loaded }
        do throws(SystemError) {
            try serials.save(ours)
            return loaded
        } catch {
            return zip(loaded, former).map { loaded, former in
                guard loaded.zone.hasOurSerial, loaded.report.state == .loaded else { return loaded }
                return loaded.zone.withoutSerial(loaded.report, former, error)
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
