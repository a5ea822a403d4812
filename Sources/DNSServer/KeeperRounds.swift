import Linux
import Logging

/// What the thread of a `ZoneKeeper` knows, and what it does each time something happened.
///
///     names in watched directories ──┐
///     SIGHUP, minidns reload ────────┼─► pending ──► up to 4 jobs ──► accept ──► publish
///     half-written, or gone: later ──┘   (zones)     (threads)          │
///            ▲                                                          │
///            └──────────────────────────────────────────────────────────┘
///
/// Events gather in a burst; when it is over, what they name is looked at, and what is there is pending. All is looked at
/// where names do not tell: when a path leads elsewhere, events were lost, or somebody asks.
struct KeeperRounds: ~Copyable {
    private let directory: ZoneDirectory
    private let limits: KeeperLimits
    private let watched: WatchedPaths?
    private let mail: KeeperMail
    private let logger: Logger
    private let publish: @Sendable (ZoneDirectory.Loading) -> Void
    private var poller: Poller
    /// Zones to be loaded, and not before when.
    private var pending: [ZoneSource: Int] = [:]
    private var retries: [ZoneSource: Int] = [:]
    private var loading: Set<ZoneSource> = []
    /// Of these, those that were removed meanwhile: what comes of them is not wanted, even where they are there again.
    private var abandoned: Set<ZoneSource> = []
    private var jobs = 0
    private var isStarted = false
    /// Zones with a file that somebody writes to: since when, and until when they are left alone.
    private var writing: [ZoneSource: (since: Int, until: Int)] = [:]
    /// When the events so far began, and when they are over.
    private var burst: (start: Int, end: Int)?
    /// What they named, by path; nil for everything.
    private var named: [ZonePath: Set<String>]?
    /// Whether all zones are read again, and whether somebody asked for that.
    private var readsAll = true
    private var isRequested = true
    private var pathCheck = 0
    private var waiters: [KeeperMail.Waiter] = []
    /// Those whose reload has begun, and for which zones they wait.
    private var waiting: [(waiter: KeeperMail.Waiter, zones: Set<ZoneSource>, reports: [ZoneReport])] = []

    init(
        _ directory: ZoneDirectory, _ limits: KeeperLimits, _ watched: WatchedPaths?, _ mail: KeeperMail,
        _ logger: Logger, _ publish: @escaping @Sendable (ZoneDirectory.Loading) -> Void
    ) throws(SystemError) {
        self.directory = directory
        self.limits = limits
        self.watched = watched
        self.mail = mail
        self.logger = logger
        self.publish = publish
        let poller = try Poller()
        try poller.add(mail.wakeup.descriptor, .read, token: 0)
        if let watched { try poller.add(watched.descriptor, .read, token: 1) }
        self.poller = poller
    }

    /// Waits until there is something to do, and does it.
    mutating func next() throws(SystemError) {
        var now = Clock.milliseconds
        if burst.map({ $0.end <= now }) ?? true {
            burst = nil
            work(now)
        }
        _ = try poller.wait(milliseconds: max(0, nextTime() - Clock.milliseconds))
        now = Clock.milliseconds
        let (asking, loaded) = mail.take()
        for job in loaded { finish(job, now) }
        for event in watched?.events() ?? [] { note(event, now) }
        if let asking {
            waiters += asking
            (named, readsAll, isRequested, burst) = (nil, true, true, nil)
        }
        if watched != nil, now >= pathCheck, watchPaths(now) { beginBurst(now) }
    }

    /// Lets those go who wait, since there will be no outcome.
    mutating func end() {
        let left = waiting.map(\.waiter) + waiters + (mail.take().waiters ?? [])
        for waiter in left { waiter.finish(ReloadOutcome()) }
    }

    private var canBegin: Bool { jobs < limits.loadingsAtOnce }

    /// When there is something to do, unless something happens before.
    private func nextTime() -> Int {
        var times = [watched == nil ? .max : pathCheck]
        if let burst { return min(times[0], burst.end) }
        if canBegin {
            for (source, time) in pending where !loading.contains(source) { times.append(time) }
        }
        times += directory.listing.absent.values
        return times.min() ?? .max
    }
}

// MARK: Events

extension KeeperRounds {
    private mutating func beginBurst(_ now: Int) {
        let start = burst?.start ?? now
        burst = (start, min(now + limits.quietMilliseconds, start + limits.burstMilliseconds))
    }

    private mutating func note(_ event: DirectoryEvent, _ now: Int) {
        if event.kind.contains(.overflow) {
            (named, readsAll) = (nil, true)
            return beginBurst(now)
        }
        guard let (exact, files) = watched?.reasons(for: event.name, in: event.watch), !(exact.isEmpty && files.isEmpty)
        else { return }
        var touched: [ZoneSource] = []
        for case .path(let path) in files {
            named?[path, default: []].insert(event.name)
            touched += [try? path.source(named: event.name)].compactMap(\.self)
        }
        for reason in exact {
            switch reason {
            case .zone(let source):
                wants(source)
                touched.append(source)
            case .path(let path) where path.isDirectory: named = nil
            case .path(let path):
                named?[path] = []
                touched += path.sources().sources
            }
        }
        for source in touched {
            if event.kind.contains(.written) {
                let since = writing[source]?.since ?? now
                writing[source] = (since, min(now + limits.writerMilliseconds, since + limits.longestWriteMilliseconds))
            } else if !event.kind.isDisjoint(with: [.closed, .appeared, .disappeared]) {
                writing[source] = nil
            }
        }
        beginBurst(now)
    }

    private mutating func wants(_ source: ZoneSource) {
        pending[source] = 0
        retries[source] = nil
    }

    /// Watches what the paths lead to now.
    /// - Returns: whether that is something else than before. Then all files may be others.
    @discardableResult
    private mutating func watchPaths(_ now: Int) -> Bool {
        guard let watched else { return false }
        pathCheck = now + limits.pathCheckMilliseconds
        var isOther = false
        for path in directory.paths {
            let before = watched.points(for: .path(path))
            let points = watched.watch(path.place, for: .path(path), isDirectory: path.isDirectory)
            watched.keep(points, for: .path(path))
            if points != before { isOther = true }
        }
        if let error = watched.takeFailure() {
            logger.warning("not all changes of files are noticed (\(error)): minidns reload reads them")
        }
        if isOther { (named, readsAll) = (nil, true) }
        return isOther
    }
}

// MARK: Loading

extension KeeperRounds {
    /// Looks where something happened, and begins to load what is to be loaded.
    private mutating func work(_ now: Int) {
        let start = Clock.nanoseconds
        let isDue = directory.listing.isDue
        // Nobody would have told that it is there again.
        if isDue, watched == nil { named = nil }
        if named == nil { watchPaths(now) }
        if named?.isEmpty != true || isDue {
            let change = directory.look(
                at: named, patienceMilliseconds: limits.vanishedMilliseconds, tellsAll: isRequested)
            for source in change.dropped { forget(source) }
            for source in readsAll ? directory.sources : change.present { wants(source) }
            (named, readsAll) = ([:], false)
        }
        let absent = directory.listing.absent
        if !waiters.isEmpty {
            let zones = Set(pending.keys.filter { absent[$0] != .max })
            waiting += waiters.map { ($0, zones, []) }
            waiters = []
        }
        // There is no use in loading what is gone for now.
        for source in absent.keys { pending[source] = nil }
        let ready = takeReady(now)
        if !ready.isEmpty {
            begin(ready, start)
        } else if isRequested || directory.hasNews {
            hand([], isRequested, since: start)
        }
        isRequested = false
        settleWaiters()
    }

    /// Lets go of what is known of a zone whose file is no more.
    private mutating func forget(_ source: ZoneSource) {
        pending[source] = nil
        retries[source] = nil
        if loading.contains(source) { abandoned.insert(source) }
        watched?.keep([], for: .zone(source))
        for index in waiting.indices { waiting[index].zones.remove(source) }
    }

    /// The zones whose time has come, unless somebody is writing their files.
    private mutating func takeReady(_ now: Int) -> [ZoneSource] {
        guard canBegin else { return [] }
        writing = writing.filter { $0.value.until > now }
        for (source, writer) in writing where pending[source] != nil { pending[source] = writer.until }
        let ready = directory.sources.filter { source in
            pending[source].map { $0 <= now && !loading.contains(source) } ?? false
        }
        for source in ready { pending[source] = nil }
        return ready
    }

    private mutating func begin(_ sources: [ZoneSource], _ start: UInt64) {
        let job = KeeperMail.Job(sources: sources, isRequested: isRequested, start: start)
        jobs += 1
        loading.formUnion(sources)
        let (directory, watched, mail) = (directory, watched, mail)
        let load: @Sendable () -> Void = {
            var job = job
            job.results = directory.load(job.sources, watched: watched)
            mail.add(job)
        }
        // The first loading comes before all else.
        guard isStarted else { return load() }
        do throws(SystemError) {
            _ = try Linux.Thread(name: "loading", stackSize: 8 << 20) {
                // Clients come first.
                Linux.Thread.lowerPriority()
                load()
            }
        } catch {
            logger.warning("zones are loaded one after the other: \(error)")
            load()
        }
    }

    private mutating func finish(_ job: KeeperMail.Job, _ now: Int) {
        jobs -= 1
        if jobs == 0 { loading = [] } else { loading.subtract(job.sources) }
        var results = job.results
        results.removeAll { abandoned.remove($0.report.source) != nil || isTentative($0.report, now) }
        let listing = directory.listing
        for source in job.sources where !listing.has(source) { forget(source) }
        hand(results, job.isRequested, since: job.start)
        for result in results where !(retries.isEmpty && waiting.isEmpty) {
            let source = result.report.source
            retries[source] = nil
            // What is wanted again was asked for while it was being loaded.
            if pending[source] != nil { continue }
            for index in waiting.indices { waiting[index].zones.remove(source) }
        }
        settleWaiters()
    }

    /// Whether a failure is not told yet: the file may be half-written, and is read again.
    private mutating func isTentative(_ report: ZoneReport, _ now: Int) -> Bool {
        guard isStarted, report.state == .keptLastGood || report.state == .unavailable else { return false }
        if pending[report.source] != nil { return true }
        let age = report.changedAt.map { Clock.secondsSince1970 - $0 / 1_000_000_000 } ?? 0
        let retry = retries[report.source, default: 0]
        guard age * 1000 <= limits.settledMilliseconds, retry < limits.retries else { return false }
        retries[report.source] = retry + 1
        pending[report.source] = now + limits.retryMilliseconds << retry
        return true
    }

    private mutating func hand(_ loaded: [LoadedZone.Outcome], _ isRequested: Bool, since start: UInt64) {
        let loading = directory.accept(loaded, isRequested: isRequested, since: start)
        isStarted = true
        publish(loading)
        for index in waiting.indices { waiting[index].reports += loading.reports.filter { $0.state != .unchanged } }
    }

    private mutating func settleWaiters() {
        let (count, errors) = (directory.listing.sources.count, directory.listing.errors)
        for (waiter, _, reports) in waiting.filter({ $0.zones.isEmpty }) {
            waiter.finish(ReloadOutcome(reports: reports, errors: errors, zoneCount: count, isComplete: true))
        }
        waiting.removeAll { $0.zones.isEmpty }
    }
}
