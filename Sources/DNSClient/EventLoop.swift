import DNS
import Linux
import Synchronization

/// Carries all queries of a resolver, on one thread: exchanges say what to do, and this does it.
///
///     askers ── Mailbox ──► flights: an exchange each, its attempt bound to
///                             ├─ a port (one UDP socket, shared by id), or
///                             └─ a connection (TCP, its own)
struct EventLoop: ~Copyable {
    /// An exchange under way.
    struct Flight {
        let request: Request
        var exchange: Exchange
        var binding = Binding.none
        /// Counts attempts, so that timers of earlier ones are known.
        var attempt = 0
    }

    /// What the current attempt waits on.
    enum Binding {
        case none
        case port(UInt64, id: UInt16)
        case connection(UInt64)
    }

    let surroundings: Surroundings
    private let mailbox: Mailbox
    var poller: Poller
    private var timers = Timers()
    var flights: [UInt64: Flight] = [:]
    private var tickets: [ObjectIdentifier: UInt64] = [:]
    var ports: [UInt64: Port] = [:]
    /// The ports of each server.
    var pools: [SocketAddress: [UInt64]] = [:]
    var connections: [UInt64: Connection] = [:]
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
            if let flight = tickets[ObjectIdentifier(ticket)] { finish(flight, .failure(.cancelled)) }
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
            return request.continuation.resume(returning: .failure(.cancelled))
        }
        guard flights.count < Limits.queriesInFlight else {
            return request.continuation.resume(returning: .failure(.tooManyQueries))
        }
        let count = UInt64(max(1, min(request.configuration.servers.count, Limits.servers)))
        let first = request.configuration.rotates ? Int(surroundings.random() % count) : 0
        var exchange = Exchange(request.question, request.options, request.configuration, first: first, now: now)
        let step = exchange.next(now: now)
        let flight = number()
        flights[flight] = Flight(request: request, exchange: exchange)
        tickets[ObjectIdentifier(request.ticket)] = flight
        take(step, for: flight)
    }

    /// Does what an exchange said. Where an attempt cannot even be sent the exchange is told, and goes on.
    mutating func take(_ step: Exchange.Step, for flight: UInt64) {
        var step = step
        release(flight)
        while case .send(let attempt) = step {
            flights[flight]?.attempt += 1
            guard let reason = send(attempt, for: flight) else {
                let number = flights[flight]?.attempt ?? 0
                return timers.add(.init(moment: attempt.expiry, flight: flight, attempt: number))
            }
            release(flight)
            guard let next = flights[flight]?.exchange.failed(reason, now: now) else { return }
            step = next
        }
        if case .finish(let result) = step { finish(flight, result) }
    }

    private mutating func send(_ attempt: Exchange.Attempt, for flight: UInt64) -> Note.Reason? {
        switch attempt.transport {
        case .udp: sendDatagram(attempt, for: flight)
        case .tcp: connect(attempt, for: flight)
        }
    }

    private mutating func expire(_ timer: Timers.Entry) {
        guard flights[timer.flight]?.attempt == timer.attempt,
            let step = flights[timer.flight]?.exchange.expired(now: now)
        else { return }
        take(step, for: timer.flight)
    }

    /// Tells the exchange that its attempt is lost.
    mutating func fail(_ flight: UInt64, _ reason: Note.Reason) {
        guard let step = flights[flight]?.exchange.failed(reason, now: now) else { return }
        take(step, for: flight)
    }

    private mutating func finish(_ flight: UInt64, _ result: Result<Reply, ResolverError>) {
        release(flight)
        guard let request = flights.removeValue(forKey: flight)?.request else { return }
        tickets[ObjectIdentifier(request.ticket)] = nil
        request.continuation.resume(returning: result)
    }

    /// Lets go of what the flight's attempt waited on.
    private mutating func release(_ flight: UInt64) {
        guard let binding = flights[flight]?.binding else { return }
        flights[flight]?.binding = .none
        switch binding {
        case .none: break
        case .port(let port, let id): release(id, of: port)
        case .connection(let connection): close(connection: connection)
        }
    }
}
