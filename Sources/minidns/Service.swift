import DNS
import DNSServer
import Linux
import Logging
import Synchronization

/// A server, what keeps its zones, and the thread that listens to signals.
final class Service: Sendable {
    private let server: Server
    private let directory: ZoneDirectory
    private let keeper: ZoneKeeper
    private let control: ControlSocket?
    private let requests: ControlRequests
    private let logger: Logger
    private let progress: Progress
    /// Set where the zones cannot be kept any longer.
    private let failure: Failing

    private final class Failing: Sendable {
        let error = Mutex<SystemError?>(nil)
        let wakeup: Wakeup

        init() throws(SystemError) {
            wakeup = try Wakeup()
        }

        func fail(_ error: SystemError) {
            self.error.withLock { $0 = error }
            wakeup.signal()
        }
    }

    /// - Parameters:
    ///   - clients: what is called with each reload; nil where no file says anything of it.
    ///   - control: where the control socket is to be; nil for the usual place, as far as it can be had.
    ///   - willServe: called once zones are loaded, before the first answer, and gives what is to be told of it.
    init(
        server: Server, directory: ZoneDirectory, clients: ControlRequests.Clients?, watches: Bool, control: String?,
        observation options: ObservationOptions, logger: Logger, willServe: @escaping @Sendable () -> String
    ) throws(SystemError) {
        self.server = server
        self.directory = directory
        self.logger = logger
        let failure = try Failing()
        self.failure = failure
        let isStarted = Mutex(false)
        let progress = Progress(directory.progressText)
        self.progress = progress
        let keeper = try ZoneKeeper(directory, watches: watches, logger: logger) { loading in
            progress.stop()
            isStarted.withLock { isStarted in
                do throws(SystemError) {
                    if isStarted {
                        server.publish(loading.database)
                    } else {
                        let notice = willServe()
                        try server.start(serving: loading.database)
                        // With one processor the workers would wait for what is yet to be told.
                        Linux.Thread.yield()
                        logger.notice("\(notice)")
                    }
                } catch {
                    return failure.fail(error)
                }
                ZoneLog(logger: logger).report(loading)
                Machine.releaseFreeMemory()
                if !isStarted { logger.notice("listening on \(Self.list(server.addresses))") }
                isStarted = true
                let status = "STATUS=\(loading.zoneCount) zones"
                ServiceNotification.send(loading.isRequested ? "READY=1\n\(status)" : status)
            }
        }
        self.keeper = keeper
        let requests = ControlRequests(
            server, directory, keeper, clients: clients, logger: logger,
            queryLog: (options.queryLog, options.queryLogSample))
        self.requests = requests
        try options.start(requests, logger)
        self.control = try Self.control(at: control, port: server.addresses.first?.port ?? 0, logger) {
            requests.reply(to: $0)
        }
    }

    /// A socket that the user did not ask for may be missing.
    private static func control(
        at path: String?, port: UInt16, _ logger: Logger, _ handler: @escaping ControlSocket.Handler
    ) throws(SystemError) -> ControlSocket? {
        if let path { return try ControlSocket(at: path, handler: handler) }
        do throws(SystemError) {
            return try ControlSocket(at: ControlPath.standard(port: port), handler: handler)
        } catch {
            logger.info(
                "minidns status, reload, top and querylog cannot reach this server (\(error)): name a socket with --control"
            )
            return nil
        }
    }

    /// Serves until a signal ends it, and ends the process then.
    func run(_ signals: borrowing Signals) throws(SystemError) {
        var poller = try Poller()
        try poller.add(signals.descriptor, .read, token: 0)
        try poller.add(failure.wakeup.descriptor, .read, token: 1)
        let (keeper, failure) = (keeper, failure)
        let thread = try Linux.Thread(name: "zones", stackSize: 8 << 20) {
            do throws(SystemError) {
                try keeper.run()
            } catch {
                failure.fail(error)
            }
        }
        try control?.start()
        while true {
            _ = try poller.wait()
            while let signal = signals.next() {
                switch signal {
                case .reload:
                    logger.notice("reading the zones again (SIGHUP)")
                    ServiceNotification.reloading()
                    try? requests.readClients()
                    keeper.requestReload()
                case .terminate:
                    progress.stop()
                    logger.notice("ending")
                    ServiceNotification.send("STOPPING=1")
                    control?.stop()
                    directory.cancel()
                    server.stop()
                    // A loading thread may be deep in a large file: nobody waits for it.
                    withExtendedLifetime(thread) { Machine.endProcess(ExitStatus.success.rawValue) }
                }
            }
            if let error = failure.error.withLock({ $0 }) {
                control?.stop()
                throw error
            }
        }
    }

    private static func list(_ addresses: [SocketAddress]) -> String {
        addresses.map(\.description).joined(separator: ", ")
    }
}
