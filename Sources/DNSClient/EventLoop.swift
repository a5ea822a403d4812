import DNS
import Linux
import Synchronization

/// Carries all queries of a resolver, on one thread: exchanges say what to do, and this does it.
///
///     askers ── Mailbox ──► flights: an exchange each, its attempt bound to
///                             ├─ a port (one UDP socket, shared by id), or
///                             └─ a connection (TCP, shared by id)
struct EventLoop: ~Copyable {
    /// An exchange under way.
    struct Flight {
        /// Who waits for it: more than one where the same was asked meanwhile and the cache is used.
        var requests: [Request]
        var exchange: Exchange
        var binding = Binding.none
        /// Counts attempts, so that timers of earlier ones are known.
        var attempt = 0
        private var current: Exchange.Attempt?
        /// Whether the current attempt was sent before, over a connection that was lost.
        private(set) var isResent = false

        init(_ request: Request, _ exchange: Exchange) {
            requests = [request]
            self.exchange = exchange
        }

        mutating func begin(_ attempt: Exchange.Attempt) {
            self.attempt += 1
            if current?.expiry != attempt.expiry { isResent = false }
            current = attempt
        }

        var server: SocketAddress? { current?.server }

        /// The current attempt, to be sent again; nil where it was before.
        mutating func resending() -> Exchange.Attempt? {
            defer { isResent = true }
            return isResent ? nil : current
        }
    }

    private struct Shared: Hashable {
        let question: Question
        let options: QueryOptions

        init?(_ request: Request) {
            guard request.key != nil else { return nil }
            question = request.question
            options = request.options
        }
    }

    /// What the current attempt waits on.
    enum Binding {
        case none
        case port(UInt64, id: UInt16)
        case connection(UInt64, id: UInt16)
    }

    let surroundings: Surroundings
    private let mailbox: Mailbox
    var poller: Poller
    var timers = Timers()
    var peers = Peers()
    var flights: [UInt64: Flight] = [:]
    private var tickets: [ObjectIdentifier: UInt64] = [:]
    var ports: [UInt64: Port] = [:]
    /// The ports of each server.
    var pools: [SocketAddress: [UInt64]] = [:]
    var connections: [UInt64: Connection] = [:]
    /// The connections to each server.
    var streams: [SocketAddress: [UInt64]] = [:]
    /// The flights that others may join, who ask the same in the same way.
    private var shared: [Shared: UInt64] = [:]
    /// Flights, ports and connections are numbered, and a number is used once.
    private var lastNumber: UInt64 = 0
    var now = 0
    var room = [UInt8](repeating: 0, count: Message.maximumCount)

    private static let wakeToken: UInt64 = 0

    init(_ mailbox: Mailbox, _ surroundings: Surroundings) throws(SystemError) {
        let poller = try Poller(limit: 256)
        try poller.add(mailbox.wakeup.descriptor, .read, token: Self.wakeToken)
        self.poller = poller
        self.mailbox = mailbox
        self.surroundings = surroundings
    }

    mutating func number() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    /// Runs until the mailbox says stop, or the system fails it.
    mutating func run() {
        do throws(SystemError) {
            while true {
                let ready = try poller.wait(milliseconds: waitingTime)
                now = surroundings.nanoseconds()
                for index in 0..<ready { serve(poller.token(index), poller.readiness(index)) }
                while let timer = timers.pop(now: now) { expire(timer) }
                let (commands, isStopped) = mailbox.collect()
                // What was asked meanwhile has all its time.
                if !commands.isEmpty { now = surroundings.nanoseconds() }
                for command in commands { obey(command) }
                if isStopped { return end(.cancelled) }
            }
        } catch {
            end(.system(error))
        }
    }

    private var waitingTime: Int {
        guard let next = timers.next else { return -1 }
        return max(0, (next - surroundings.nanoseconds() + 999_999) / 1_000_000)
    }

    private mutating func serve(_ token: UInt64, _ readiness: Readiness) {
        if ports[token] != nil {
            receiveDatagrams(at: token)
        } else if connections[token] != nil {
            serveConnection(token, readiness)
        }
    }

    private mutating func obey(_ command: Command) {
        switch command {
        case .start(let request):
            start(request)
        case .cancel(let ticket):
            cancel(ticket)
        }
    }

    private mutating func end(_ error: ResolverError) {
        mailbox.close(error)
        for flight in Array(flights.keys) { finish(flight, .failure(error)) }
    }
}

// MARK: Flights

extension EventLoop {
    private mutating func start(_ request: Request) {
        guard !request.ticket.isCancelled.load(ordering: .relaxed) else {
            return request.done(.failure(.cancelled))
        }
        if let key = request.key {
            // Whoever asks what is being asked already waits for the same reply.
            if let flight = Shared(request).flatMap({ shared[$0] }) { return join(flight, request) }
            if let reply = request.cache?.reply(to: request.question, key, now: now) {
                return request.done(.success(reply))
            }
        }
        guard flights.count < Limits.queriesInFlight else {
            return request.done(.failure(.tooManyQueries))
        }
        let asking: Asking
        do throws(WireError) {
            asking = try Asking(request.options, request.configuration)
        } catch {
            return request.done(.failure(.badQuery(error)))
        }
        let count = UInt64(max(1, asking.servers.count))
        let first = request.configuration.rotates ? Int(surroundings.random() % count) : 0
        let order = asking.order(first: first) { peers.isResting(asking.servers[$0], now) }
        var exchange = Exchange(request.question, asking, order: order, now: now)
        let step = exchange.next(now: now)
        let flight = number()
        flights[flight] = Flight(request, exchange)
        tickets[ObjectIdentifier(request.ticket)] = flight
        if let same = Shared(request) { shared[same] = flight }
        take(step, for: flight)
    }

    private mutating func join(_ flight: UInt64, _ request: Request) {
        flights[flight]?.requests.append(request)
        tickets[ObjectIdentifier(request.ticket)] = flight
    }

    private mutating func cancel(_ ticket: Ticket) {
        guard let flight = tickets.removeValue(forKey: ObjectIdentifier(ticket)),
            let index = flights[flight]?.requests.firstIndex(where: { $0.ticket === ticket }),
            let request = flights[flight]?.requests.remove(at: index)
        else { return }
        request.done(.failure(.cancelled))
        if flights[flight]?.requests.isEmpty == true { finish(flight, .failure(.cancelled), Shared(request)) }
    }

    /// Does what an exchange said. Where an attempt cannot even be sent the exchange is told, and goes on.
    mutating func take(_ step: Exchange.Step, for flight: UInt64) {
        var step = step
        release(flight)
        while case .send(let attempt) = step {
            flights[flight]?.begin(attempt)
            guard
                let reason = attempt.transport == .udp
                    ? sendDatagram(attempt, for: flight) : sendOverStream(attempt, for: flight)
            else {
                let number = flights[flight]?.attempt ?? 0
                return timers.add(.init(moment: attempt.expiry, flight: flight, attempt: number))
            }
            // No server is to blame, and none would do better.
            if case .failed(let error) = reason, error.isExhaustion { return finish(flight, .failure(.system(error))) }
            release(flight)
            guard let next = flights[flight]?.exchange.failed(reason, now: now) else { return }
            step = next
        }
        if let result = flights[flight]?.exchange.result { finish(flight, result) }
    }

    /// The octets of a flight's query, with the cookies of the server.
    mutating func query(of flight: UInt64, id: UInt16, _ server: SocketAddress, source: SocketAddress?) -> [UInt8] {
        let random = surroundings.random
        let peer = peers.with(server, random: random) { peer in
            peer.noteSource(source, random: random)
            return peer
        }
        return flights[flight]?.exchange.query(id: id, peer, random: random) ?? []
    }

    /// Has a message with a flight's id judged; false where it does not reply to its query.
    @discardableResult
    mutating func judge(_ message: [UInt8], for flight: UInt64, from server: SocketAddress) -> Bool {
        let now = now
        guard var exchange = flights[flight]?.exchange else { return false }
        let judgement = peers.with(server, random: surroundings.random) {
            exchange.received(message.span, &$0, now: now)
        }
        flights[flight]?.exchange = exchange
        switch judgement {
        case .stranger: return false
        case .next(let step): take(step, for: flight)
        case .answer:
            do throws(WireError) {
                finish(flight, .success(try exchange.reply(message, exchange.provenance(now: now))))
            } catch {
                fail(flight, .malformed(error))
            }
        }
        return true
    }

    private mutating func expire(_ timer: Timers.Entry) {
        if connections[timer.flight] != nil { return expireConnection(timer) }
        guard let flight = flights[timer.flight], flight.attempt == timer.attempt,
            let step = flights[timer.flight]?.exchange.expired(now: now)
        else { return }
        noteSilence(of: flight)
        take(step, for: timer.flight)
    }

    /// Tells the exchange that its attempt is lost.
    mutating func fail(_ flight: UInt64, _ reason: Note.Reason) {
        guard let failed = flights[flight], let step = flights[flight]?.exchange.failed(reason, now: now) else {
            return
        }
        if case .failed = reason { noteSilence(of: failed) }
        take(step, for: flight)
    }

    private mutating func noteSilence(of flight: Flight) {
        guard let server = flight.server else { return }
        let now = now
        peers.with(server, random: surroundings.random) { $0.noteSilence(now) }
    }

    private mutating func finish(_ flight: UInt64, _ result: Result<Reply, ResolverError>, _ same: Shared? = nil) {
        release(flight)
        guard let finished = flights.removeValue(forKey: flight) else { return }
        if let same = same ?? finished.requests.first.flatMap(Shared.init) { shared[same] = nil }
        if case .success(let reply) = result, let request = finished.requests.first, let key = request.key {
            request.cache?.store(reply, key, now: now)
        }
        for request in finished.requests {
            tickets[ObjectIdentifier(request.ticket)] = nil
            request.done(result.map { $0.asked(request.question) })
        }
    }

    /// Lets go of what the flight's attempt waited on.
    private mutating func release(_ flight: UInt64) {
        guard let binding = flights[flight]?.binding else { return }
        flights[flight]?.binding = .none
        switch binding {
        case .none: break
        case .port(let port, let id): release(id, of: port)
        case .connection(let connection, let id): release(id, ofConnection: connection)
        }
    }
}
