public import DNS
public import Linux
public import Logging
import Synchronization

/// An authoritative server: one UDP worker a core, and one for all TCP connections.
///
///     let server = try Server(binding: [.loopback(.ipv4, port: 0)])
///     try server.start(serving: database)
///     …                                       // server.addresses[0] is where it answers
///     server.publish(another)
///     server.stop()
public final class Server: Sendable {
    /// What stops when the server does.
    private struct State {
        var listeners: [Listener]
        var threads: [Linux.Thread] = []
        var isStopped = false
    }

    /// Where the server answers, in the order that was asked for, with the ports that were chosen.
    public let addresses: [SocketAddress]
    public let workers: Int
    private let limits: ServerLimits
    private let logger: Logger
    private let publication: Publication
    private let limiter: RateLimiter?
    private let taps: [QueryTap]
    /// Who looks at single queries.
    public let observer: QueryObserver
    private let state: Mutex<State>

    /// Binds all addresses, UDP and TCP, and answers nothing yet: what comes waits for `start`.
    /// - Parameters:
    ///   - addresses: port 0 stands for any that is free, the same for UDP and TCP.
    ///   - workers: threads that answer UDP; nil for as many as the process may use processors.
    public init(
        binding addresses: [SocketAddress], workers: Int? = nil, limits: ServerLimits = ServerLimits(),
        logger: Logger = Logger(label: "minidns")
    ) throws(BindError) {
        let workers = max(1, workers ?? Machine.processors)
        var listeners: [Listener] = []
        for address in addresses { listeners.append(try Listener(address, workers: workers, limits: limits)) }
        self.addresses = listeners.map(\.address)
        self.workers = workers
        self.limits = limits
        self.logger = logger
        publication = Publication(limits.clients)
        limiter = limits.rateLimit.map {
            RateLimiter(answersASecond: $0, slip: limits.rateLimitSlip, entries: limits.rateLimitEntries)
        }
        taps = (0...workers).map { _ in QueryTap(room: limits.observer.queriesWaiting) }
        observer = QueryObserver(taps, limits.observer, logger)
        state = Mutex(State(listeners: listeners))
    }

    deinit {
        stop()
    }

    /// Starts to answer from a database. Does nothing where the server was started or stopped before.
    public func start(serving database: Database) throws(SystemError) {
        publish(database)
        try state.withLock { state throws(SystemError) in
            guard state.threads.isEmpty && !state.isStopped else { return }
            do throws(SystemError) {
                for number in 0..<workers {
                    state.threads.append(try startDatagramWorker(number, state.listeners.map { $0.datagrams[number] }))
                }
                state.threads.append(try startStreamWorker(state.listeners.map(\.stream)))
            } catch {
                publication.stop()
                throw error
            }
        }
    }

    /// Answers from this database from now on: when this returns, no worker has the one before.
    public func publish(_ database: Database) {
        publication.publish { $0.database = database }
    }

    /// Treats clients so from now on: when this returns, no worker goes by what held before.
    public func publish(_ clients: ClientPolicy) {
        publication.publish { $0.clients = clients }
    }

    /// Ends all threads and closes all sockets; returns when that is done.
    public func stop() {
        publication.stop()
        let threads = state.withLock { state in
            let threads = state.threads
            state = State(listeners: [], isStopped: true)
            return threads
        }
        for thread in threads { thread.join() }
        publication.release()
        observer.stop()
    }

    /// What was done so far, by all workers together.
    public var counters: Counters {
        var counters = Counters()
        for tap in taps.dropLast() { tap.counters.add(to: &counters.udp) }
        taps[workers].counters.add(to: &counters.tcp)
        for tap in taps { tap.counters.add(to: &counters) }
        return counters
    }
}

// MARK: Threads

extension Server {
    private func startDatagramWorker(_ number: Int, _ sockets: [Socket]) throws(SystemError) -> Linux.Thread {
        let (publication, tap, limits) = (publication, taps[number], limits)
        let (limiter, addresses) = (limiter, addresses)
        return try startThread("udp-\(number)") { subscriber throws(SystemError) in
            let descriptors = sockets.map(\.descriptor)
            let gatekeeper = Gatekeeper(limits, limiter, own: addresses)
            var worker = try DatagramWorker(descriptors, publication, subscriber, tap, limits, gatekeeper)
            try worker.run()
            withExtendedLifetime(sockets) {}
        }
    }

    private func startStreamWorker(_ listeners: [Socket]) throws(SystemError) -> Linux.Thread {
        let (publication, tap, limits, logger) = (publication, taps[workers], limits, logger)
        return try startThread("tcp") { subscriber throws(SystemError) in
            var worker = try StreamWorker(listeners, publication, subscriber, tap, limits, logger)
            try worker.run()
        }
    }

    /// Runs a worker on a thread of its own, and again after a rest where the system failed it.
    private func startThread(
        _ name: String, _ work: @escaping @Sendable (Subscriber) throws(SystemError) -> Void
    ) throws(SystemError) -> Linux.Thread {
        let subscriber = try publication.subscribe()
        let (publication, limits, logger) = (publication, limits, logger)
        return try Linux.Thread(name: name) {
            var rest = limits.workerRestartMilliseconds
            while !publication.isStopped {
                let start = Clock.milliseconds
                do throws(SystemError) {
                    try work(subscriber)
                } catch {
                    if Clock.milliseconds - start >= limits.workerLongestRestMilliseconds {
                        rest = limits.workerRestartMilliseconds
                    }
                    logger.error("worker \(name): \(error); it starts again in \(rest) ms")
                    let end = Clock.milliseconds + rest
                    // A publication wakes it and does not shorten the rest.
                    while !publication.isStopped, subscriber.wakeup.wait(milliseconds: end - Clock.milliseconds) {}
                    rest = min(rest * 2, limits.workerLongestRestMilliseconds)
                }
            }
        }
    }
}
