public import Linux
public import Logging
import Synchronization

/// Keeps what is served as it stands in the files: waits for changes of files and for requests, loads what they concern,
/// and hands on each new database.
///
///     let keeper = try ZoneKeeper(directory, logger: logger) { loading in server.publish(loading.database) }
///     keeper.run()                            // on a thread of its own, until stop()
///
/// Changes of one burst are handed on together. A zone that fails keeps its last good version; it is read again before
/// that is told, where its file may be half-written.
public final class ZoneKeeper: Sendable {
    /// What one reload came to.
    public struct Outcome: Sendable {
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

    /// Somebody who waits for the outcome of a reload.
    final class Waiter: Sendable {
        let done: Wakeup
        let outcome = Mutex(Outcome())

        init() throws(SystemError) {
            done = try Wakeup()
        }
    }

    /// What other threads leave for the one that runs.
    struct Mail {
        var reloads = 0
        var waiters: [Waiter] = []
        var loaded: [KeeperRounds.Job] = []
        var isStopped = false
    }

    let directory: ZoneDirectory
    let limits: KeeperLimits
    let watched: WatchedPaths?
    let logger: Logger
    let publish: @Sendable (ZoneDirectory.Loading) -> Void
    let wakeup: Wakeup
    let mail = Mutex(Mail())

    /// - Parameters:
    ///   - watches: whether files are watched; else it waits for requests only.
    ///   - publish: gets each loading, one at a time, on the thread that runs.
    public init(
        _ directory: ZoneDirectory, limits: KeeperLimits = KeeperLimits(), watches: Bool = true,
        logger: Logger = Logger(label: "minidns"), publish: @escaping @Sendable (ZoneDirectory.Loading) -> Void
    ) throws(SystemError) {
        self.directory = directory
        self.limits = limits
        self.logger = logger
        self.publish = publish
        wakeup = try Wakeup()
        var watched: WatchedPaths?
        if watches {
            do throws(SystemError) {
                watched = try WatchedPaths()
            } catch {
                logger.warning("changed files are not noticed (\(error)): minidns reload reads them")
            }
        }
        self.watched = watched
    }

    /// Asks for all zones to be read again.
    public func requestReload() {
        mail.withLock { $0.reloads += 1 }
        wakeup.signal()
    }

    /// Reads all zones again, and returns when that is done.
    public func reload() throws(SystemError) -> Outcome {
        let waiter = try Waiter()
        let isStopped = mail.withLock { mail in
            if !mail.isStopped { mail.waiters.append(waiter) }
            return mail.isStopped
        }
        if isStopped { return Outcome() }
        wakeup.signal()
        _ = waiter.done.wait()
        return waiter.outcome.withLock { $0 }
    }

    /// How all zones stand, in the order of the paths, then by file name; and what is wrong with the paths.
    public func status() -> (zones: [ZoneStatus], errors: [ZonePathError]) { directory.status() }

    /// Ends `run`, without waiting for what is being loaded.
    public func stop() {
        mail.withLock { $0.isStopped = true }
        directory.cancel()
        wakeup.signal()
    }

    /// Loads all zones, and then what changes, until `stop`.
    public func run() throws(SystemError) {
        var rounds = try KeeperRounds(self)
        defer {
            let left = mail.withLock { mail in
                mail.isStopped = true
                return mail.waiters
            }
            rounds.dismiss(left)
        }
        while !mail.withLock({ $0.isStopped }) { try rounds.next() }
    }
}
