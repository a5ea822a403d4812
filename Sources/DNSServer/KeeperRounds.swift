import Linux
import Logging
import Synchronization

/// What the thread of a `ZoneKeeper` knows, and what it does each time something happened.
struct KeeperRounds: ~Copyable {
    /// Zones that are loaded together.
    struct Job: Sendable {
        let number: Int
        let sources: [ZoneSource]
        let found: ZoneDirectory.Found
        let isRequested: Bool
        var results: [ZoneDirectory.Loaded] = []
    }

    /// Somebody who waits for zones, from jobs with that number on.
    private struct Waiting {
        let waiter: ZoneKeeper.Waiter
        let job: Int
        var zones: Set<ZoneSource>
    }

    private let keeper: ZoneKeeper
    private var poller: Poller
    /// Zones to be loaded, and not before when.
    private var pending: [ZoneSource: Int] = [:]
    private var retries: [ZoneSource: Int] = [:]
    private var loading: Set<ZoneSource> = []
    /// Of these, those that were removed meanwhile: what comes of them is not wanted, even where they are there again.
    private var abandoned: Set<ZoneSource> = []
    private var jobs = 0
    private var nextJob = 0
    private var isStarted = false
    /// Names that somebody writes to: since when, and until when they are left alone.
    private var writing: [WatchedPaths.Point: (since: Int, until: Int)] = [:]
    /// When the events so far began, and when they are over.
    private var burst: (start: Int, end: Int)?
    private var looks = true
    private var isRequested = true
    private var toldErrors: Set<ZonePathError> = []
    private var pathCheck = 0
    private var waiting: [Waiting] = []

    private var limits: KeeperLimits { keeper.limits }

    init(_ keeper: ZoneKeeper) throws(SystemError) {
        self.keeper = keeper
        let poller = try Poller()
        try poller.add(keeper.wakeup.descriptor, .read, token: 0)
        if let watched = keeper.watched { try poller.add(watched.descriptor, .read, token: 1) }
        self.poller = poller
    }

    /// Waits until there is something to do, and does it.
    mutating func next() throws(SystemError) {
        var now = Clock.milliseconds
        if burst == nil || burst!.end <= now {
            burst = nil
            work(now)
        }
        _ = try poller.wait(milliseconds: max(0, nextTime() - Clock.milliseconds))
        now = Clock.milliseconds
        keeper.wakeup.clear()
        let loaded = keeper.mail.withLock { mail in
            defer { mail.loaded = [] }
            return mail.loaded
        }
        for job in loaded { finish(job) }
        for event in keeper.watched?.events() ?? [] { note(event, now) }
        takeRequests(now)
        if keeper.watched != nil, now >= pathCheck {
            pathCheck = now + limits.pathCheckMilliseconds
            if watchPaths() { beginBurst(now) }
        }
    }

    /// The first loading, which is that of all zones, comes before all else.
    private var isStarting: Bool { !isStarted && jobs > 0 }

    private mutating func takeRequests(_ now: Int) {
        if isStarting { return }
        let (reloads, waiters) = keeper.mail.withLock { mail in
            defer { (mail.reloads, mail.waiters) = (0, []) }
            return (mail.reloads, mail.waiters)
        }
        if reloads == 0 && waiters.isEmpty { return }
        isRequested = true
        burst = nil
        work(now, for: waiters)
    }

    /// Lets those go who wait, since there will be no outcome.
    func dismiss(_ waiters: [ZoneKeeper.Waiter]) {
        for waiter in waiting.map(\.waiter) + waiters { waiter.done.signal() }
    }

    /// When there is something to do, unless something happens before.
    private func nextTime() -> Int {
        var times = [keeper.watched == nil ? .max : pathCheck]
        if isStarting { return times[0] }
        if let burst { times.append(burst.end) }
        if canBegin {
            for (source, time) in pending where !loading.contains(source) { times.append(time) }
        }
        if let since = keeper.directory.vanishedSince { times.append(since + limits.vanishedMilliseconds) }
        return times.min() ?? .max
    }

    private var canBegin: Bool { jobs < limits.loadingsAtOnce }
}

// MARK: Events

extension KeeperRounds {
    private mutating func beginBurst(_ now: Int) {
        let start = burst?.start ?? now
        burst = (start, min(now + limits.quietMilliseconds, start + limits.burstMilliseconds))
    }

    private mutating func note(_ event: DirectoryEvent, _ now: Int) {
        if event.kind.contains(.overflow) {
            reloadAll()
            looks = true
            return beginBurst(now)
        }
        guard let concern = keeper.watched?.concern(of: event.name, in: event.watch) else { return }
        guard !concern.zones.isEmpty || concern.isPath || concern.isZoneFile else { return }
        let point = WatchedPaths.Point(watch: event.watch, name: event.name)
        if event.kind.contains(.written) {
            let since = writing[point]?.since ?? now
            writing[point] = (since, min(now + limits.writerMilliseconds, since + limits.longestWriteMilliseconds))
        } else if !event.kind.isDisjoint(with: [.closed, .appeared, .disappeared]) {
            writing[point] = nil
        }
        for source in concern.zones {
            pending[source] = 0
            retries[source] = nil
        }
        if concern.isPath || event.name.isEmpty {
            looks = true
        } else if concern.isZoneFile, !event.kind.contains(.written) {
            // A zone file that is known needs no looking for: it is gone, or is there again.
            let isGone = !event.kind.isDisjoint(with: .disappeared)
            if isGone || !event.kind.isDisjoint(with: [.appeared, .closed]) {
                for source in concern.zones where source.path.hasSuffix("/\(event.name)") {
                    keeper.directory.note(source, isGone: isGone)
                }
            }
            if concern.zones.isEmpty { looks = true }
        }
        beginBurst(now)
    }

    /// Watches what the paths lead to now.
    /// - Returns: whether that is something else than before. Then all files may be others.
    private mutating func watchPaths() -> Bool {
        guard let watched = keeper.watched else { return false }
        var isOther = false
        for path in keeper.directory.paths {
            let before = watched.points(for: .path(path))
            let points = watched.watch(path.place, for: .path(path), isDirectory: path.isDirectory)
            watched.keep(points, for: .path(path))
            if points != before { isOther = true }
        }
        if let error = watched.takeFailure() {
            keeper.logger.warning("not all changes of files are noticed (\(error)): minidns reload reads them")
        }
        if isOther {
            looks = true
            reloadAll()
        }
        return isOther
    }

    private mutating func reloadAll() {
        for source in keeper.directory.sources { pending[source] = 0 }
    }
}

// MARK: Loading

extension KeeperRounds {
    /// Begins to load what is to be loaded.
    private mutating func work(_ now: Int, for waiters: [ZoneKeeper.Waiter] = []) {
        if isStarting { return }
        var found = ZoneDirectory.Found()
        let isDue = keeper.directory.vanishedSince.map { $0 + limits.vanishedMilliseconds <= now } ?? false
        let looked = looks || isDue || isRequested
        if looked {
            _ = watchPaths()
            found = keeper.directory.find(patienceMilliseconds: limits.vanishedMilliseconds)
            looks = false
            for source in found.added { pending[source] = 0 }
            for source in found.dropped { forget(source) }
            if isRequested { reloadAll() }
            let errors = found.errors
            if !isRequested { found.errors.removeAll { toldErrors.contains($0) } }
            toldErrors = Set(errors)
        }
        let absent = pending.isEmpty ? [] : keeper.directory.absent
        for waiter in waiters {
            let zones = Set(pending.keys).subtracting(keeper.directory.away)
            waiting.append(Waiting(waiter: waiter, job: nextJob, zones: zones))
        }
        for source in absent { pending[source] = nil }
        let ready = takeReady(now)
        if ready.isEmpty {
            if looked, isRequested || !found.removed.isEmpty || !found.errors.isEmpty {
                hand(keeper.directory.accept([], found), isRequested)
            }
        } else {
            begin(ready, found)
        }
        isRequested = false
        settleWaiters()
    }

    /// Lets go of what is known of a zone whose file is no more.
    private mutating func forget(_ source: ZoneSource) {
        pending[source] = nil
        retries[source] = nil
        if loading.contains(source) { abandoned.insert(source) }
        keeper.watched?.keep([], for: .zone(source))
        for index in waiting.indices { waiting[index].zones.remove(source) }
    }

    /// The zones whose time has come, unless somebody is writing their files.
    private mutating func takeReady(_ now: Int) -> [ZoneSource] {
        guard canBegin else { return [] }
        writing = writing.filter { $0.value.until > now }
        var ready: [ZoneSource] = []
        for (source, time) in pending where time <= now && !loading.contains(source) {
            if let until = busyUntil(source) {
                pending[source] = until
            } else {
                ready.append(source)
            }
        }
        for source in ready { pending[source] = nil }
        return ready.count > 1 ? keeper.directory.sources.filter(Set(ready).contains) : ready
    }

    private func busyUntil(_ source: ZoneSource) -> Int? {
        if writing.isEmpty { return nil }
        let points = keeper.watched?.points(for: .zone(source)) ?? []
        let name = source.path.split(separator: "/").last
        return writing.filter { points.contains($0.key) || $0.key.name[...] == name }.map(\.value.until).max()
    }

    private mutating func begin(_ sources: [ZoneSource], _ found: ZoneDirectory.Found) {
        let job = Job(number: nextJob, sources: sources, found: found, isRequested: isRequested)
        nextJob += 1
        jobs += 1
        loading.formUnion(sources)
        let (keeper, givesWay) = (keeper, isStarted)
        let load: @Sendable () -> Void = {
            // From the first loading on there are clients, who come first.
            if givesWay { Linux.Thread.lowerPriority() }
            var job = job
            job.results = keeper.directory.load(job.sources, watched: keeper.watched)
            keeper.mail.withLock { $0.loaded.append(job) }
            keeper.wakeup.signal()
        }
        do throws(SystemError) {
            _ = try Linux.Thread(name: "loading", stackSize: 8 << 20, load)
        } catch {
            keeper.logger.warning("zones are loaded one after the other: \(error)")
            load()
        }
    }

    private mutating func finish(_ job: Job) {
        jobs -= 1
        loading.subtract(job.sources)
        let now = Clock.milliseconds
        let results = job.results.filter { abandoned.remove($0.report.source) == nil && !isTentative($0.report, now) }
        let settled = Set(results.map(\.report.source))
        for source in settled { retries[source] = nil }
        for source in job.sources where !keeper.directory.has(source) { forget(source) }
        hand(keeper.directory.accept(results, job.found), job.isRequested)
        for index in waiting.indices where waiting[index].job <= job.number { waiting[index].zones.subtract(settled) }
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

    private mutating func hand(_ loading: ZoneDirectory.Loading, _ isRequested: Bool) {
        var loading = loading
        loading.isRequested = isRequested
        isStarted = true
        keeper.publish(loading)
        for waiting in waiting {
            waiting.waiter.outcome.withLock { outcome in
                outcome.reports += loading.reports.filter { $0.state != .unchanged }
                outcome.zoneCount = loading.zoneCount
            }
        }
    }

    private mutating func settleWaiters() {
        for waiting in waiting where waiting.zones.isEmpty {
            let errors = keeper.directory.status().errors
            waiting.waiter.outcome.withLock { outcome in
                outcome.errors = errors
                outcome.isComplete = true
            }
            waiting.waiter.done.signal()
        }
        waiting.removeAll { $0.zones.isEmpty }
    }
}
