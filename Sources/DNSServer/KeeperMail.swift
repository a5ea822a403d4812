import Linux
import Synchronization

/// What one reload came to.
public struct ReloadOutcome: Sendable {
    /// Of the zones that changed or failed.
    public internal(set) var reports: [ZoneReport] = []
    public internal(set) var errors: [ZonePathError] = []
    /// How many zones there are.
    public internal(set) var zoneCount = 0
    /// False where the server ended meanwhile.
    public internal(set) var isComplete = false

    /// Whether each zone is served as it stands in its file.
    public var isGood: Bool { isComplete && errors.isEmpty && reports.allSatisfy { $0.state == .loaded } }
}

/// What other threads leave for the one that keeps the zones.
final class KeeperMail: Sendable {
    /// Somebody who waits for the outcome of a reload.
    final class Waiter: Sendable {
        private let done: Wakeup
        private let outcome = Mutex(ReloadOutcome())

        init() throws(SystemError) {
            done = try Wakeup()
        }

        func finish(_ outcome: ReloadOutcome) {
            self.outcome.withLock { $0 = outcome }
            done.signal()
        }

        func wait() -> ReloadOutcome {
            _ = done.wait()
            return outcome.withLock { $0 }
        }
    }

    /// Zones that are loaded together.
    struct Job: Sendable {
        let sources: [ZoneSource]
        let isRequested: Bool
        /// As `Clock.nanoseconds`.
        let start: UInt64
        var results: [LoadedZone.Outcome] = []
    }

    private struct Letters {
        /// Those who wait for a reload; nil where nobody asks for one.
        var waiters: [Waiter]?
        var loaded: [Job] = []
        var isStopped = false
    }

    let wakeup: Wakeup
    private let letters = Mutex(Letters())

    init() throws(SystemError) {
        wakeup = try Wakeup()
    }

    /// Asks for all zones to be read again.
    /// - Returns: false where nobody will do it.
    @discardableResult
    func ask(_ waiter: Waiter? = nil) -> Bool {
        defer { wakeup.signal() }
        return letters.withLock { letters in
            if letters.isStopped { return false }
            letters.waiters = (letters.waiters ?? []) + [waiter].compactMap(\.self)
            return true
        }
    }

    func add(_ loaded: Job) {
        letters.withLock { $0.loaded.append(loaded) }
        wakeup.signal()
    }

    /// Takes what was left.
    func take() -> (waiters: [Waiter]?, loaded: [Job]) {
        wakeup.clear()
        return letters.withLock { letters in
            defer { (letters.waiters, letters.loaded) = (nil, []) }
            return (letters.waiters, letters.loaded)
        }
    }

    var isStopped: Bool { letters.withLock { $0.isStopped } }

    func stop() {
        letters.withLock { $0.isStopped = true }
        wakeup.signal()
    }
}
