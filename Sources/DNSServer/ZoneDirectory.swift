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
        public let isRequested: Bool
        public let milliseconds: Double

        /// Whether everything that was asked for is served as it stands in its file.
        public var isComplete: Bool {
            errors.isEmpty && reports.allSatisfy { $0.state == .loaded || $0.state == .unchanged }
        }
    }

    private struct State {
        var listing: ZoneListing
        var zones: [Name: LoadedZone] = [:]
        /// What is told with the next loading.
        var removed: [Name] = []
        var errors: [ZonePathError] = []
    }

    public let paths: [ZonePath]
    private let limits: ServerLimits
    private let serials: Serials?
    private let seed: UInt64
    private let state: Mutex<State>
    private let loadings = Mutex(())
    private let isCancelled = Atomic(false)
    private let done = Atomic(0)
    private let begun = Atomic(0)
    /// Directories that files were read from, other than those of the paths; nil once somebody took them.
    private let places = Mutex<Set<String>?>([])

    /// - Parameter serials: what judges and gives serials; they are as the files have them where it is nil.
    public init(_ paths: [ZonePath], limits: ServerLimits = ServerLimits(), serials: Serials? = nil) {
        self.paths = paths
        self.limits = limits
        self.serials = serials
        seed = Machine.randomNumber()
        state = Mutex(State(listing: ZoneListing(paths, limits)))
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
            let start = Clock.nanoseconds
            _ = look()
            return accept(load(sources, threads: threads), since: start)
        }
    }

    /// How all zones stand, in the order of the paths, then by file name; and what is wrong with the paths.
    public func status() -> (zones: [ZoneStatus], errors: [ZonePathError]) {
        state.withLock { state in
            let zones = state.listing.sources.map { source in
                let zone = state.zones[source.origin]
                return ZoneStatus(
                    source: source, zone: zone?.zone, loadedAt: zone?.loadedAt ?? 0,
                    failure: zone == nil ? "it is being loaded" : zone?.failure)
            }
            return (zones, state.listing.errors)
        }
    }

    /// The directories of all files that were looked at so far, links followed; to be taken once.
    public func takePlaces() -> Set<String> {
        let ofPaths = paths.map { $0.isDirectory ? $0.place : File.parent(of: $0.place) }
        return places.withLock { places in
            defer { places = nil }
            return (places ?? []).union(ofPaths)
        }
    }

    private func note(reading path: String) {
        let found = [path, File.resolved(path)].compactMap(\.self).map(File.parent)
        places.withLock { $0?.formUnion(found) }
    }

    /// How many zones were looked at so far, of how many.
    public var progress: (done: Int, count: Int) { (done.load(ordering: .relaxed), begun.load(ordering: .relaxed)) }

    func note(done: Int = 0, of count: Int = 0) {
        self.done.add(done, ordering: .relaxed)
        begun.add(count, ordering: .relaxed)
    }
}

// MARK: Steps

extension ZoneDirectory {
    /// All zones that there are.
    var sources: [ZoneSource] { state.withLock { $0.listing.sources } }

    /// Which zones there are, as far as was looked.
    var listing: ZoneListing { state.withLock { $0.listing } }

    /// Looks what the paths hold now: see `ZoneListing.look`. One call at a time.
    /// - Parameter tellsAll: whether errors that were told before are told again.
    func look(
        at names: [ZonePath: Set<String>]? = nil, patienceMilliseconds: Int = 0, tellsAll: Bool = true
    ) -> ZoneListing.Change {
        var listing = listing
        let former = Set(listing.errors)
        let change = listing.look(at: names, patienceMilliseconds: patienceMilliseconds)
        state.withLock { state in
            state.listing = listing
            for origin in change.removed { state.zones[origin] = nil }
            state.removed += change.removed
            let isNew = { !former.contains($0) }
            state.errors = tellsAll ? listing.errors : state.errors + listing.errors.filter(isNew)
        }
        return change
    }

    /// Whether there is anything to tell beyond what was loaded.
    var hasNews: Bool { state.withLock { !$0.removed.isEmpty || !$0.errors.isEmpty } }

    /// Loads these zones and remembers their serials; nothing is served of it before it is accepted. Several calls at
    /// once are for different zones.
    /// - Parameter watched: what is to be watched for changes.
    func load(_ sources: [ZoneSource], threads: Int? = nil, watched: WatchedPaths? = nil) -> [LoadedZone.Outcome] {
        let finished = Mutex([LoadedZone.Outcome?](repeating: nil, count: sources.count))
        let threads = LoadingThreads(threads)
        let former = state.withLock { state in sources.map { state.zones[$0.origin] } }
        note(of: sources.count)
        threads.run(sources.count) { [self] index in
            defer { note(done: 1) }
            let isCancelled = { self.isCancelled.load(ordering: .relaxed) }
            if isCancelled() { return }
            let source = sources[index]
            var points: Set<WatchedPaths.Point> = []
            let loader = ZoneFileLoader(
                seed: seed, limits: limits, parallel: threads.run, serials: serials, isCancelled: isCancelled,
                willFollow: { path in
                    self.note(reading: path)
                    if let watched { points.formUnion(watched.watch(path, for: .zone(source))) }
                })
            let outcome = LoadedZone.load(source, former[index], loader)
            finished.withLock { $0[index] = outcome }
            watched?.keep(points, for: .zone(source))
        }
        let outcomes = finished.withLock { $0 }
        return remember(outcomes.indices.map { outcomes[$0] ?? LoadedZone.notLoaded(sources[$0], former[$0]) }, former)
    }

    /// Takes what was loaded, as far as it is still wanted, into a new database.
    /// - Parameter start: when it was begun, as `Clock.nanoseconds`.
    func accept(_ loaded: [LoadedZone.Outcome], isRequested: Bool = true, since start: UInt64) -> Loading {
        state.withLock { state in
            var reports: [ZoneReport] = []
            reports.reserveCapacity(loaded.count)
            state.zones.reserveCapacity(state.listing.sources.count)
            for outcome in loaded where state.listing.has(outcome.report.source) {
                state.zones[outcome.report.source.origin] = outcome.zone
                reports.append(outcome.report)
            }
            var zones: [CompiledZone] = []
            var unavailable: [Name] = []
            zones.reserveCapacity(state.listing.sources.count)
            for source in state.listing.sources {
                guard let known = state.zones[source.origin] else { continue }
                if let zone = known.zone { zones.append(zone) } else { unavailable.append(source.origin) }
            }
            defer { (state.removed, state.errors) = ([], []) }
            return Loading(
                database: Database(zones: zones, unavailable: unavailable, seed: seed),
                reports: reports, errors: state.errors, removed: state.removed,
                zoneCount: state.listing.sources.count, isRequested: isRequested,
                milliseconds: Clock.milliseconds(since: start))
        }
    }

    /// Sees to it that no serial is served that would be forgotten.
    private func remember(_ loaded: [LoadedZone.Outcome], _ former: [LoadedZone?]) -> [LoadedZone.Outcome] {
        guard let serials, loaded.contains(where: { $0.zone.hasOurSerial }) else { return loaded }
        let ours = zip(loaded, former).compactMap { loaded, former in
            loaded.zone.edition.flatMap { edition in
                loaded.zone.hasOurSerial && loaded.report.state == .loaded
                    ? (loaded.report.source.origin, edition, former?.zone == nil) : nil
            }
        }
        if ours.isEmpty { return loaded }
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
