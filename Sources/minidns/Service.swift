import DNSServer
import Linux
import Logging
import Synchronization

/// A server, its zones, and the two threads that look after them: one loads, one listens to signals.
final class Service: Sendable {
    private let server: Server
    private let directory: ZoneDirectory
    private let logger: Logger
    /// Signals for the loading thread. Those that come while it loads make it load once more, so
    /// that an edit made before the last of them is always seen.
    private let requests: Wakeup
    /// Set where the loading thread cannot go on.
    private let failure = Mutex<SystemError?>(nil)
    private let failed: Wakeup

    init(server: Server, directory: ZoneDirectory, logger: Logger) throws(SystemError) {
        self.server = server
        self.directory = directory
        self.logger = logger
        requests = try Wakeup()
        failed = try Wakeup()
    }

    /// Serves until a signal ends it, and ends the process then.
    func run(_ signals: borrowing Signals) throws(SystemError) {
        var poller = try Poller()
        try poller.add(signals.descriptor, .read, token: 0)
        try poller.add(failed.descriptor, .read, token: 1)
        let loading = try Linux.Thread(name: "loading", stackSize: 8 << 20) { [self] in load() }
        requests.signal()
        while true {
            _ = try poller.wait()
            while let signal = signals.next() {
                switch signal {
                case .reload:
                    logger.notice("reading the zones again (SIGHUP)")
                    requests.signal()
                case .terminate:
                    logger.notice("ending")
                    directory.cancel()
                    server.stop()
                    // The loading thread may be deep in a large file: nobody waits for it.
                    withExtendedLifetime(loading) { Machine.endProcess(ExitStatus.success.rawValue) }
                }
            }
            if let error = failure.withLock({ $0 }) { throw error }
        }
    }

    private func load() {
        var isStarted = false
        while requests.wait() {
            let loading = directory.load()
            do throws(SystemError) {
                if isStarted { server.publish(loading.database) } else { try server.start(serving: loading.database) }
            } catch {
                failure.withLock { $0 = error }
                failed.signal()
                return
            }
            Machine.releaseFreeMemory()
            ZoneLog(logger: logger).report(loading)
            if !isStarted { logger.notice("listening on \(Self.list(server.addresses))") }
            // From now on there are clients, who come first.
            if !isStarted { Linux.Thread.lowerPriority() }
            isStarted = true
        }
    }

    private static func list(_ addresses: [SocketAddress]) -> String {
        addresses.map(\.description).joined(separator: ", ")
    }
}
