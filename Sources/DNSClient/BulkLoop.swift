import DNS
import Linux

/// One run of a bulk resolver: the queries that are under way, and what is known of the servers.
///
///     questions ──► slots: an exchange each, its query bound to
///                     ├─ a port (one UDP socket; the id finds the slot), or
///                     └─ the thread of a resolver (TCP)
struct BulkLoop: ~Copyable {
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
    /// A query that is being written, and a reply that is being read.
    var query: [UInt8] = []
    private var reply: [UInt8] = []
    /// What goes before each query.
    let head: [UInt8]

    private let streams: BulkStreams
    private var streamCount = 0
    /// Slots that wait to be asked over TCP, the oldest last.
    private var queue: [Int] = []

    /// Why no query can be sent, whomever to.
    private var exhaustion: SystemError?

    private static let lookEvery = 5_000_000

    init(
        _ asking: Asking, _ configuration: ResolverConfiguration, _ surroundings: Surroundings
    ) throws(SystemError) {
        // All first, since what has some of them cannot be given up half made.
        let poller = try Poller(limit: 256)
        let head = surroundings.head(.udp)
        let outgoing = try DatagramBatch(
            slots: Limits.bulkDatagrams, querySize: 1, replySize: head.count + asking.largestQuery)
        let streams = try BulkStreams(configuration, surroundings)
        try poller.add(streams.wakeup.descriptor, .read, token: .max)
        self.streams = streams
        self.head = head
        self.poller = poller
        self.outgoing = outgoing
        self.asking = asking
        self.surroundings = surroundings
        rotates = configuration.rotates
        peers = asking.servers.map { _ in Peer(random: surroundings.random()) }
        portsOfServer = asking.servers.map { _ in nil }
    }

    mutating func run(
        _ next: () -> BulkNext, _ tick: () -> Bool, _ result: BulkReceiver
    ) throws(SystemError) {
        let size = max(asking.options.edns?.udpPayloadSize ?? 0, EDNS.leastPayloadSize)
        // Its own variable, so that a reply is read in place while the loop changes.
        var incoming = try DatagramBatch(slots: Limits.bulkDatagrams, querySize: Int(size), replySize: 1)
        now = surroundings.nanoseconds()
        look(result)
        var input = BulkNext.later
        while true {
            if case .end = input {} else { input = start(next, result) }
            if let exhaustion { throw exhaustion }
            if count == 0, case .end = input { return }
            flush()
            let ready = try poller.wait(milliseconds: Self.lookEvery / 1_000_000)
            now = surroundings.nanoseconds()
            for index in 0..<ready {
                let token = poller.token(index)
                if token == .max {
                    receiveStreams(result)
                } else {
                    try receive(at: Int(token), &incoming, result)
                }
            }
            if now - lastLook < Self.lookEvery { continue }
            if !tick() { return }
            look(result)
        }
    }

    /// Begins as many questions as there is room for.
    private mutating func start(_ next: () -> BulkNext, _ result: BulkReceiver) -> BulkNext {
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
            take(step, for: index, result)
        }
        return .later
    }

    /// Goes through all that is under way for what is late.
    private mutating func look(_ result: BulkReceiver) {
        lastLook = now
        window.adapt(now: now, late: roundTrip.limit)
        let late = min(roundTrip.limit, asking.timeout)
        // What waits for a connection, or is asked over TCP, has its own time.
        for index in slots.indices where slots[index].isDatagram {
            let age = now - slots[index].exchange.sent
            if now >= slots[index].exchange.expiry {
                peers[slots[index].exchange.server].noteSilence(now, limit: Limits.bulkSilences)
                let step = slots[index].exchange.expired(now: now)
                take(step, for: index, result)
            } else if slots[index].repetitions < Limits.bulkRepetitions,
                age >> (2 * slots[index].repetitions) >= late
            {
                slots[index].repetitions += 1
                slots[index].repeated = now
                window.repetition(sent: slots[index].exchange.sent)
                put(index)
            }
        }
        for port in ports.indices { ports[port].mismatches = 0 }
        let first = rotates ? Int(random() % UInt16(peers.count)) : 0
        order = asking.order(first: first) { [peers, now] in peers[$0].isResting(now) }
    }
}

// MARK: Outcomes

extension BulkLoop {
    /// Has a message judged; false where it replies to something else.
    mutating func judge(_ octets: Span<UInt8>, for index: Int, _ result: BulkReceiver) -> Bool {
        let server = slots[index].exchange.server
        switch slots[index].exchange.received(octets, &peers[server], now: now) {
        case .stranger: return false
        case .next(let step): take(step, for: index, result)
        case .answer:
            reply.removeAll(keepingCapacity: true)
            for offset in octets.indices { reply.append(octets[offset]) }
            slots[index].exchange.restoreName(in: &reply)
            do throws(WireError) {
                if asking.signer != nil { reply = try slots[index].exchange.unsigned(reply) }
                try result(end(of: index, slots[index].exchange.provenance(now: now)), reply.span)
                finish(index)
            } catch {
                fail(index, .malformed(error), result)
            }
        }
        return true
    }

    /// The current query is lost.
    mutating func fail(_ index: Int, _ reason: Note.Reason, _ result: BulkReceiver) {
        let step = slots[index].exchange.failed(reason, now: now)
        take(step, for: index, result)
    }

    private mutating func take(_ first: Exchange.Step, for index: Int, _ result: BulkReceiver) {
        release(index)
        var step = first
        while case .send(let attempt) = step {
            slots[index].repetitions = 0
            if attempt.transport == .tcp {
                queue.insert(index, at: 0)
                return serveQueue(result)
            }
            do throws(SystemError) {
                return try sendDatagram(index)
            } catch {
                if error.isExhaustion { exhaustion = error }
                peers[slots[index].exchange.server].noteSilence(now, limit: Limits.bulkSilences)
                step = slots[index].exchange.failed(.failed(error), now: now)
            }
        }
        let isTaken: Void? = slots[index].exchange.kept.flatMap { kept in
            var octets = kept.octets
            slots[index].exchange.restoreName(in: &octets)
            return try? result(end(of: index, kept.provenance), octets.span)
        }
        if isTaken == nil {
            let none: [UInt8] = []
            try? result(end(of: index, slots[index].exchange.provenance(now: now)), none.span)
        }
        finish(index)
    }

    private func end(of index: Int, _ provenance: Provenance) -> BulkResult {
        BulkResult(question: slots[index].exchange.question, number: slots[index].number, provenance: provenance)
    }

    /// Lets go of what the current query waited on.
    private mutating func release(_ index: Int) {
        if slots[index].isDatagram {
            slotOfID[Int(slots[index].id)] = .max
            ports[slots[index].port].count -= 1
        }
        slots[index].isDatagram = false
    }

    private mutating func finish(_ index: Int) {
        release(index)
        free.append(index)
        count -= 1
    }
}

// MARK: TCP

extension BulkLoop {
    /// Asks for those that wait, as many as there may be at once.
    private mutating func serveQueue(_ result: BulkReceiver) {
        while streamCount < Limits.bulkConnections, let index = queue.popLast() {
            guard now < slots[index].exchange.deadline else {
                let step = slots[index].exchange.expired(now: now)
                take(step, for: index, result)
                continue
            }
            streamCount += 1
            var options = asking.options
            options.transport = .tcp
            if !slots[index].exchange.usesEDNS { options.edns = nil }
            let server = asking.servers[slots[index].exchange.server]
            streams.ask(server, slots[index].exchange.question, options, for: index)
        }
    }

    private mutating func receiveStreams(_ result: BulkReceiver) {
        for (index, outcome) in streams.collect() {
            streamCount -= 1
            switch outcome {
            case .success(let reply): _ = judge(reply.octets.span, for: index, result)
            case .failure(.system(let error)): fail(index, .failed(error), result)
            case .failure(let error): fail(index, error.notes.last?.reason ?? .busy, result)
            }
        }
        serveQueue(result)
    }
}
