public import DNS
import Linux
import Synchronization

/// What became of one zone in one loading.
public struct ZoneReport: Sendable {
    public enum State: Sendable {
        /// Read and served from now on.
        case loaded
        /// Its files did not change.
        case unchanged
        /// Its new version cannot be served; the one from before goes on.
        case keptLastGood
        /// It cannot be served: queries for it get SERVFAIL.
        case unavailable
    }

    public let source: ZoneSource
    public let state: State
    /// The zone that is served.
    public let zone: CompiledZone?
    /// Errors and warnings of the version that was read.
    public let problems: [ZoneFileError]
    /// Problems beyond those.
    public let unreportedProblems: Int
    public let milliseconds: Double
}

/// The zones of some paths, loaded all together: what did not change is kept, what fails keeps its
/// last good version, and one database holds them all.
public final class ZoneDirectory: Sendable {
    /// The outcome of a loading.
    public struct Loading: Sendable {
        public let database: Database
        /// In the order of the paths, then by file name.
        public let reports: [ZoneReport]
        public let errors: [ZonePathError]
        /// Origins that were served before and are no more.
        public let removed: [Name]
        public let milliseconds: Double

        /// Whether everything that was asked for is served as it stands in its file.
        public var isComplete: Bool {
            errors.isEmpty && reports.allSatisfy { $0.state == .loaded || $0.state == .unchanged }
        }
    }

    public let paths: [ZonePath]
    private let limits: ServerLimits
    private let seed: UInt64
    private let state = Mutex<[ZoneSource: LoadedZone]>([:])
    private let isCancelled = Atomic(false)

    public init(_ paths: [ZonePath], limits: ServerLimits = ServerLimits()) {
        self.paths = paths
        self.limits = limits
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
        let start = Clock.nanoseconds
        return state.withLock { zones in
            let before = zones
            var (sources, errors) = findSources(before)
            errors += Self.duplicates(in: &sources)
            let results = loadAll(sources, before, threads: threads ?? Machine.processors)
            zones = Dictionary(uniqueKeysWithValues: zip(sources, results.map(\.zone)))
            let reports = results.map(\.report)
            let served = Set(sources.map(\.origin))
            let unavailable = reports.filter { $0.zone == nil }.map(\.source.origin)
            return Loading(
                database: Database(zones: reports.compactMap(\.zone), unavailable: unavailable, seed: seed),
                reports: reports, errors: errors,
                removed: Set(before.keys.map(\.origin)).subtracting(served).sorted { "\($0)" < "\($1)" },
                milliseconds: Self.milliseconds(since: start))
        }
    }

    static func milliseconds(since start: UInt64) -> Double {
        Double(Clock.nanoseconds - start) / 1_000_000
    }
}

// MARK: Steps

extension ZoneDirectory {
    /// What the paths hold now. A directory that is gone as a whole keeps what was served from it:
    /// it is more likely away for a moment than emptied.
    private func findSources(_ before: [ZoneSource: LoadedZone]) -> ([ZoneSource], [ZonePathError]) {
        var sources: [ZoneSource] = []
        var errors: [ZonePathError] = []
        for path in paths {
            let found = path.sources()
            sources += found.sources
            errors += found.errors
            if found.errors.contains(where: { $0.path == path.description }) {
                let prefix = path.description.hasSuffix("/") ? path.description : path.description + "/"
                sources += before.keys.filter { $0.path.hasPrefix(prefix) || $0.path == path.description }
                    .sorted { $0.path < $1.path }
            }
        }
        var seen = Set<ZoneSource>()
        return (sources.filter { seen.insert($0).inserted }, errors)
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

    private func loadAll(
        _ sources: [ZoneSource], _ before: [ZoneSource: LoadedZone], threads: Int
    ) -> [(zone: LoadedZone, report: ZoneReport)] {
        let work = LoadingWork(count: sources.count)
        let threads = LoadingThreads(threads)
        let (limits, seed) = (limits, seed)
        // Files of an origin that moved to another path keep the last good version too.
        let lastGood = Dictionary(before.map { ($0.key.origin, $0.value) }) { first, _ in first }
        threads.run(sources.count) { [self] index in
            let isCancelled = { self.isCancelled.load(ordering: .relaxed) }
            if isCancelled() { return }
            let source = sources[index]
            let former = before[source] ?? lastGood[source.origin]
            let loader = ZoneFileLoader(seed: seed, limits: limits, parallel: threads.run, isCancelled: isCancelled)
            work.finish(index, LoadedZone.load(source, former, loader))
        }
        return work.results(else: { LoadedZone.notLoaded(sources[$0], before[sources[$0]]) })
    }
}

/// The loadings, done by several threads.
private final class LoadingWork: Sendable {
    private let finished: Mutex<[(zone: LoadedZone, report: ZoneReport)?]>

    init(count: Int) {
        finished = Mutex(Array(repeating: nil, count: count))
    }

    func finish(_ index: Int, _ result: (zone: LoadedZone, report: ZoneReport)) {
        finished.withLock { $0[index] = result }
    }

    func results(
        else missing: (Int) -> (zone: LoadedZone, report: ZoneReport)
    ) -> [(zone: LoadedZone, report: ZoneReport)] {
        finished.withLock { results in results.indices.map { results[$0] ?? missing($0) } }
    }
}
