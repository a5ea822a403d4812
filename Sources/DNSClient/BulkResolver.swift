public import DNS
import Linux

/// What became of one question of many.
public struct BulkResult: Sendable {
    public let question: Question
    /// The questions are counted from 0.
    public let number: Int
    public let provenance: Provenance
}

/// Asks very many questions, one thread for all: hundreds to thousands are under way at once, over 16 source ports for
/// each server, as many as the servers keep up with.
///
///     var resolver = try BulkResolver(configuration: .system())
///     try resolver.run {
///         names.next().map { .question(Question($0, .a)) } ?? .end
///     } result: { result, octets in
///         if octets.isEmpty { print(result.question.name, "has no reply") }
///         else { print(try Message(decoding: octets).answer) }
///     }
///
/// Servers, tries, times, options and what is done against forgery are as for `Resolver`. A query whose reply is late,
/// compared with those of others, is sent again within its try.
public struct BulkResolver: ~Copyable {
    public enum Input {
        case question(Question)
        /// There will be more; to be asked again in some milliseconds.
        case later
        /// There are no more; what is under way comes to its end.
        case end
    }

    /// Takes a result in the order of the replies, and the octets of the reply: none where there is no usable one.
    /// Where it throws, the reply cannot be read, and the question is asked again.
    public typealias Receiver = (BulkResult, Span<UInt8>) throws(WireError) -> Void

    let asking: Asking
    let surroundings: Surroundings
    private let rotates: Bool
    var poller: Poller
    var outgoing: DatagramBatch
    var now = 0

    var slots: [BulkSlot] = []
    private var free: [Int] = []
    /// The slot of each id; no two queries under way have one id, whatever their port.
    var slotOfID = [UInt16](repeating: .max, count: 1 << 16)
    var window = BulkWindow()
    var roundTrip = BulkRoundTrip()
    private var count = 0
    private var lastNumber = -1
    private var lastLook = 0
    /// What is known of each server, and the order in which they are asked now.
    var peers: [Peer]
    private var order: [Int] = []

    var ports: [BulkPort] = []
    /// The first port of each server.
    var portsOfServer: [Int?]
    /// The port that the queries of `outgoing` leave from, and how many they are.
    var batch = (port: 0, count: 0)
    var randomNumbers: (word: UInt64, left: Int) = (0, 0)
    /// A query that is being written, and a reply that is being read.
    var query: [UInt8] = []
    private var reply: [UInt8] = []

    private let streams: BulkStreams
    private var streamCount = 0
    /// Slots that wait to be asked over TCP, the oldest last.
    private var queue: [Int] = []

    private static let lookEvery = 5_000_000

    /// - Throws: where there is no server, the options leave no room for a question, or the system has no sockets left.
    public init(
        configuration: ResolverConfiguration, surroundings: Surroundings = .system
    ) throws(ResolverError) {
        guard !configuration.servers.isEmpty else { throw .noServers }
        let asking: Asking
        do throws(WireError) {
            asking = try Asking(configuration.options, configuration)
        } catch {
            throw .badQuery(error)
        }
        // All first, since what has one of them cannot be given up half made.
        let poller = try Self.ofSystem { () throws(SystemError) in try Poller(limit: 256) }
        let outgoing = try Self.ofSystem { () throws(SystemError) in
            try DatagramBatch(slots: Limits.bulkDatagrams, querySize: 1, replySize: asking.largestQuery)
        }
        streams = try Self.ofSystem { () throws(SystemError) in
            let streams = try BulkStreams(configuration, surroundings)
            try poller.add(streams.wakeup.descriptor, .read, token: .max)
            return streams
        }
        self.poller = poller
        self.outgoing = outgoing
        self.asking = asking
        self.surroundings = surroundings
        rotates = configuration.rotates
        peers = asking.servers.map { _ in Peer(random: surroundings.random()) }
        portsOfServer = asking.servers.map { _ in nil }
    }

    private static func ofSystem<Made: ~Copyable>(
        _ body: () throws(SystemError) -> Made
    ) throws(ResolverError) -> Made {
        do throws(SystemError) {
            return try body()
        } catch {
            throw .system(error)
        }
    }

    /// Asks what `next` says, as soon as there is room for it, until it says that there is no more.
    /// - Parameters:
    ///   - tick: called every few milliseconds; where it says false, the rest is given up.
    ///   - result: called once for each question.
    public mutating func run(
        next: () -> Input, tick: () -> Bool = { true }, result: Receiver
    ) throws(ResolverError) {
        do throws(SystemError) {
            let size = max(asking.options.edns?.udpPayloadSize ?? 0, EDNS.leastPayloadSize)
            // Its own variable, so that a reply is read in place while the resolver changes.
            var incoming = try DatagramBatch(slots: Limits.bulkDatagrams, querySize: Int(size), replySize: 1)
            now = surroundings.nanoseconds()
            try look(result)
            var input = Input.later
            while true {
                if case .end = input {} else { input = try start(next, result) }
                if count == 0, case .end = input { return }
                flush()
                let ready = try poller.wait(milliseconds: Self.lookEvery / 1_000_000)
                now = surroundings.nanoseconds()
                for index in 0..<ready {
                    let token = poller.token(index)
                    if token == .max {
                        try receiveStreams(result)
                    } else {
                        try receive(at: Int(token), &incoming, result)
                    }
                }
                if now - lastLook < Self.lookEvery { continue }
                if !tick() { return }
                try look(result)
            }
        } catch {
            throw .system(error)
        }
    }

    /// Begins as many questions as there is room for.
    private mutating func start(_ next: () -> Input, _ result: Receiver) throws(SystemError) -> Input {
        // Some at once, since sending one by one costs more.
        let least = min(Limits.bulkDatagrams / 2, window.size / 4)
        guard count == 0 || window.size - count >= least else { return .later }
        while count < window.size {
            let input = next()
            guard case .question(let question) = input else {
                window.isStarved = true
                return input
            }
            lastNumber += 1
            if asking.options.answersSpecialNames, let reply = SpecialNames.reply(to: question, asking.options) {
                let end = BulkResult(question: question, number: lastNumber, provenance: reply.provenance)
                try? result(end, reply.octets.span)
                continue
            }
            let slot = BulkSlot(exchange: Exchange(question, asking, order: order, now: now), number: lastNumber)
            let index = free.popLast() ?? slots.count
            if index == slots.count { slots.append(slot) } else { slots[index] = slot }
            count += 1
            let step = slots[index].exchange.next(now: now)
            try take(step, for: index, result)
        }
        return .later
    }

    /// Goes through all that is under way for what is late.
    private mutating func look(_ result: Receiver) throws(SystemError) {
        lastLook = now
        window.adapt(now: now, late: roundTrip.limit)
        let late = min(roundTrip.limit, asking.timeout)
        for index in slots.indices {
            let isDatagram = slots[index].state == .datagram
            // What a resolver asks over TCP has its own time.
            guard isDatagram || slots[index].state == .queued else { continue }
            let age = now - slots[index].exchange.sent
            if now >= (isDatagram ? slots[index].exchange.expiry : slots[index].exchange.deadline) {
                peers[slots[index].exchange.server].noteSilence(now, limit: Limits.bulkSilences)
                let step = slots[index].exchange.expired(now: now)
                try take(step, for: index, result)
            } else if isDatagram, slots[index].repetitions < Limits.bulkRepetitions,
                age >> (2 * slots[index].repetitions) >= late
            {
                slots[index].repetitions += 1
                slots[index].repeated = now
                window.repetition(sent: slots[index].exchange.sent)
                try sendDatagram(index, isNew: false)
            }
        }
        for port in ports.indices { ports[port].mismatches = 0 }
        let first = rotates ? Int(random()) % peers.count : 0
        order = asking.order(first: first) { [peers, now] in peers[$0].isResting(now) }
    }
}

// MARK: Outcomes

extension BulkResolver {
    /// Has a message judged; false where it replies to something else.
    mutating func judge(_ octets: Span<UInt8>, for index: Int, _ result: Receiver) throws(SystemError) -> Bool {
        let server = slots[index].exchange.server
        switch slots[index].exchange.received(octets, &peers[server], now: now) {
        case .stranger: return false
        case .next(let step): try take(step, for: index, result)
        case .answer:
            reply.removeAll(keepingCapacity: true)
            for offset in octets.indices { reply.append(octets[offset]) }
            slots[index].exchange.restoreName(in: &reply)
            do throws(WireError) {
                try result(end(of: index, slots[index].exchange.provenance(now: now)), reply.span)
                finish(index)
            } catch {
                try fail(index, .malformed(error), result)
            }
        }
        return true
    }

    /// The current query is lost.
    mutating func fail(_ index: Int, _ reason: Note.Reason, _ result: Receiver) throws(SystemError) {
        let step = slots[index].exchange.failed(reason, now: now)
        try take(step, for: index, result)
    }

    private mutating func take(
        _ step: Exchange.Step, for index: Int, _ result: Receiver
    ) throws(SystemError) {
        release(index)
        switch step {
        case .send(let attempt):
            slots[index].repetitions = 0
            if attempt.transport == .udp { return try sendDatagram(index, isNew: true) }
            slots[index].state = .queued
            queue.insert(index, at: 0)
            serveQueue()
        case .end:
            let none: [UInt8] = []
            let isTaken: Void? = slots[index].exchange.kept.flatMap { kept in
                var octets = kept.octets
                slots[index].exchange.restoreName(in: &octets)
                return try? result(end(of: index, kept.provenance), octets.span)
            }
            if isTaken == nil {
                try? result(end(of: index, slots[index].exchange.provenance(now: now)), none.span)
            }
            finish(index)
        }
    }

    private func end(of index: Int, _ provenance: Provenance) -> BulkResult {
        BulkResult(question: slots[index].exchange.question, number: slots[index].number, provenance: provenance)
    }

    /// Lets go of what the current query waited on.
    private mutating func release(_ index: Int) {
        switch slots[index].state {
        case .free, .stream: break
        case .datagram:
            slotOfID[Int(slots[index].id)] = .max
            ports[slots[index].port].count -= 1
        case .queued: queue.removeAll { $0 == index }
        }
        slots[index].state = .free
    }

    private mutating func finish(_ index: Int) {
        release(index)
        free.append(index)
        count -= 1
    }
}

// MARK: TCP

extension BulkResolver {
    /// Asks for those that wait, as many as there may be at once.
    private mutating func serveQueue() {
        while streamCount < Limits.bulkConnections, let index = queue.popLast() {
            streamCount += 1
            slots[index].state = .stream
            var options = asking.options
            options.transport = .tcp
            if !slots[index].exchange.usesEDNS { options.edns = nil }
            streams.ask(slots[index].exchange.server, slots[index].exchange.question, options, for: index)
        }
    }

    private mutating func receiveStreams(_ result: Receiver) throws(SystemError) {
        for (index, outcome) in streams.collect() {
            streamCount -= 1
            switch outcome {
            case .success(let reply): _ = try judge(reply.octets.span, for: index, result)
            case .failure(.system(let error)): try fail(index, .failed(error), result)
            case .failure(let error): try fail(index, error.notes.last?.reason ?? .busy, result)
            }
        }
        serveQueue()
    }
}
