public import Linux
public import Logging

/// Keeps what is served as it stands in the files: waits for changes of files and for requests, loads what they concern,
/// and hands on each new database.
///
///     let keeper = try ZoneKeeper(directory, logger: logger) { loading in server.publish(loading.database) }
///     keeper.run()                            // on a thread of its own, until stop()
///
/// Changes of one burst are handed on together. A zone that fails keeps its last good version; it is read again before
/// that is told, where its file may be half-written.
public final class ZoneKeeper: Sendable {
    private let directory: ZoneDirectory
    private let limits: KeeperLimits
    private let watches: Bool
    private let logger: Logger
    private let publish: @Sendable (ZoneDirectory.Loading) -> Void
    private let mail: KeeperMail

    /// - Parameters:
    ///   - watches: whether files are watched; else it waits for requests only.
    ///   - publish: gets each loading, one at a time, on the thread that runs.
    public init(
        _ directory: ZoneDirectory, limits: KeeperLimits = KeeperLimits(), watches: Bool = true,
        logger: Logger = Logger(label: "minidns"), publish: @escaping @Sendable (ZoneDirectory.Loading) -> Void
    ) throws(SystemError) {
        self.directory = directory
        self.limits = limits
        self.watches = watches
        self.logger = logger
        self.publish = publish
        mail = try KeeperMail()
    }

    /// Asks for all zones to be read again.
    public func requestReload() { mail.ask() }

    /// Reads all zones again, and returns when that is done.
    public func reload() throws(SystemError) -> ReloadOutcome {
        let waiter = try KeeperMail.Waiter()
        return mail.ask(waiter) ? waiter.wait() : ReloadOutcome()
    }

    /// How all zones stand, in the order of the paths, then by file name; and what is wrong with the paths.
    public func status() -> (zones: [ZoneStatus], errors: [ZonePathError]) { directory.status() }

    /// Ends `run`, without waiting for what is being loaded.
    public func stop() {
        directory.cancel()
        mail.stop()
    }

    /// Loads all zones, and then what changes, until `stop`.
    public func run() throws(SystemError) {
        var watched: WatchedPaths?
        if watches {
            do throws(SystemError) {
                watched = try WatchedPaths()
            } catch {
                logger.warning("changed files are not noticed (\(error)): minidns reload reads them")
            }
        }
        var rounds = try KeeperRounds(directory, limits, watched, mail, logger, publish)
        defer {
            mail.stop()
            rounds.end()
        }
        while !mail.isStopped { try rounds.next() }
    }
}
