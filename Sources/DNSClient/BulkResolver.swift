public import DNS
public import Linux

/// What became of one question of many.
public struct BulkResult: Sendable {
    public let question: Question
    /// The questions are counted from 0.
    public let number: Int
    /// Who answered, or was asked last.
    public let server: SocketAddress
    public let transport: Reply.Transport
    /// From the sending of the last query to its end.
    public let duration: Duration
    /// How many queries were sent; one that is sent again because it seems to be lost is not counted.
    public let attempts: Int
    /// Why the ones before were not enough, and the last one where there is no reply.
    public let notes: [Note]
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
/// Servers, tries, times and options are the configuration's, as for `Resolver`. A query whose reply is late, compared
/// with those of others, is sent again within its try.
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

    let configuration: ResolverConfiguration
    let servers: [SocketAddress]
    let timeout: Int
    let turns: Int
    let surroundings: Surroundings
    /// Queries for the root's A records, with EDNS and without: the name is put between their 12th and 13th octet.
    let templates: (edns: [UInt8], plain: [UInt8])
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
    private var lastLook = 0
    /// Timeouts of a server since its last reply.
    private var silences: [Int]
    private var silencesCleared = 0

    var ports: [BulkPort] = []
    /// The first port of each server.
    var portsOfServer: [Int?]
    /// The port that the queries of `outgoing` leave from, and how many they are.
    var batch = (port: 0, count: 0)
    var randomNumbers: (word: UInt64, left: Int) = (0, 0)

    let streams: BulkStreams
    var streamCount = 0
    /// Slots that wait to be asked over TCP, the oldest last.
    var queue: [Int] = []

    private static let lookEvery = 5_000_000
    private static let silencesUntilAvoided = 64
    private static let avoidedFor = 5_000_000_000

    public init(
        configuration: ResolverConfiguration, surroundings: Surroundings = .system
    ) throws(ResolverError) {
        guard !configuration.servers.isEmpty else { throw .noServers }
        let templates = try Self.templates(configuration.options)
        let size = templates.edns.count + Name.maximumCount
        guard size <= Message.maximumCount else { throw .badQuery(.noRoom) }
        // Both first, since what has one of them cannot be given up half made.
        let poller = try Self.ofSystem { () throws(SystemError) in try Poller(limit: 256) }
        let outgoing = try Self.ofSystem { () throws(SystemError) in
            try DatagramBatch(slots: Limits.bulkDatagrams, querySize: 1, replySize: size)
        }
        streams = try Self.ofSystem { () throws(SystemError) in
            let streams = try BulkStreams(configuration, surroundings)
            try poller.add(streams.wakeup.descriptor, .read, token: .max)
            return streams
        }
        self.poller = poller
        self.outgoing = outgoing
        self.templates = templates
        self.configuration = configuration
        self.surroundings = surroundings
        servers = Array(configuration.servers.prefix(Limits.servers))
        timeout = configuration.timeout.nanoseconds
        turns = servers.count * max(1, min(configuration.tries, Limits.tries))
        silences = Array(repeating: 0, count: servers.count)
        portsOfServer = Array(repeating: nil, count: servers.count)
    }

    private static func templates(_ options: QueryOptions) throws(ResolverError) -> (edns: [UInt8], plain: [UInt8]) {
        do throws(WireError) {
            let root = Question(.root, .a)
            return (
                try options.query(for: root, id: 0, usesEDNS: true, version: nil, cookie: nil),
                try options.query(for: root, id: 0, usesEDNS: false, version: nil, cookie: nil)
            )
        } catch {
            throw .badQuery(error)
        }
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
            let size = max(Int(configuration.options.edns?.udpPayloadSize ?? 0), Int(EDNS.leastPayloadSize))
            // Its own variable, so that a reply is read in place while the resolver changes.
            var incoming = try DatagramBatch(slots: Limits.bulkDatagrams, querySize: size, replySize: 1)
            now = surroundings.nanoseconds()
            var input = Input.later
            while true {
                if case .end = input {} else { input = try start(next) }
                if count == 0, case .end = input { return }
                try flush()
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
    private mutating func start(_ next: () -> Input) throws(SystemError) -> Input {
        // Some at once, since sending one by one costs more.
        let least = min(Limits.bulkDatagrams / 2, window.size / 4)
        guard count == 0 || window.size - count >= least else { return .later }
        while count < window.size {
            let input = next()
            guard case .question(let question) = input else {
                window.isStarved = true
                return input
            }
            try begin(question)
        }
        return .later
    }

    private var lastNumber = -1

    private mutating func begin(_ question: Question) throws(SystemError) {
        var slot = BulkSlot(question)
        lastNumber += 1
        slot.number = lastNumber
        slot.started = now
        slot.first = silences.firstIndex { $0 < Self.silencesUntilAvoided } ?? 0
        let index = free.popLast() ?? slots.count
        if index == slots.count { slots.append(slot) } else { slots[index] = slot }
        count += 1
        try attempt(index)
    }

    /// The server whose turn it is.
    func server(of index: Int) -> Int { (slots[index].first + slots[index].turn) % servers.count }

    /// Sends the slot's query to the server whose turn it is.
    mutating func attempt(_ index: Int, over transport: Reply.Transport? = nil) throws(SystemError) {
        slots[index].sent = now
        slots[index].attempts += 1
        slots[index].repetitions = 0
        let isStream = transport == .tcp || configuration.options.transport == .tcp
        slots[index].state = isStream ? .queued : .datagram
        if configuration.options.edns == nil { slots[index].usesEDNS = false }
        if isStream {
            queue.insert(index, at: 0)
            serveQueue()
        } else {
            try sendDatagram(index, claimsID: true)
        }
    }

    /// Goes through all that is under way for what is late.
    private mutating func look(_ result: Receiver) throws(SystemError) {
        lastLook = now
        window.adapt(now: now, late: roundTrip.limit)
        let deadline = configuration.deadline.nanoseconds
        let late = min(roundTrip.limit, timeout)
        // What a resolver asks over TCP has its own time.
        for index in slots.indices where slots[index].state == .datagram || slots[index].state == .queued {
            let age = now - slots[index].sent
            if now - slots[index].started >= deadline || age >= timeout && slots[index].state == .datagram {
                silences[server(of: index)] += 1
                try fail(index, .timedOut(.nanoseconds(min(age, timeout))), result)
            } else if slots[index].state == .datagram, slots[index].repetitions < Limits.bulkRepetitions,
                age >> (2 * slots[index].repetitions) >= late
            {
                slots[index].repetitions += 1
                slots[index].repeated = now
                window.repetition(sent: slots[index].sent)
                try sendDatagram(index, claimsID: false)
            }
        }
        for port in ports.indices { ports[port].mismatches = 0 }
        if now - silencesCleared >= Self.avoidedFor {
            silencesCleared = now
            for server in silences.indices { silences[server] = 0 }
        }
    }
}

// MARK: Outcomes

extension BulkResolver {
    /// The current query is lost: the next turn, if there is one.
    mutating func fail(_ index: Int, _ reason: Note.Reason, _ result: Receiver) throws(SystemError) {
        note(index, reason)
        let end = self.result(of: index)
        release(index)
        slots[index].turn += 1
        while slots[index].turn < turns, slots[index].settled >> UInt64(server(of: index)) & 1 != 0 {
            slots[index].turn += 1
        }
        if slots[index].turn < turns, now - slots[index].started < configuration.deadline.nanoseconds {
            slots[index].usesEDNS = true
            return try attempt(index)
        }
        // What cannot be read was not kept, so neither of them throws.
        if let kept = slots[index].errorReply {
            let octets = kept.octets
            try? result(kept.result, octets.span)
        } else {
            let none: [UInt8] = []
            try? result(end, none.span)
        }
        finish(index)
    }

    /// Judges a reply that has the id and the question of the query.
    mutating func judge(_ index: Int, _ octets: Span<UInt8>, _ result: Receiver) throws(SystemError) {
        silences[server(of: index)] = 0
        let code = ResponseCode(rawValue: UInt16(octets[3] & 15))
        if slots[index].usesEDNS, code == .formatError || code == .notImplemented {
            note(index, .ednsRefused(code))
            let transport: Reply.Transport = slots[index].state == .stream ? .tcp : .udp
            release(index)
            slots[index].usesEDNS = false
            return try attempt(index, over: transport)
        }
        if servers.count > 1, code == .serverFailure || code == .refused || code == .notImplemented {
            if slots[index].errorReply == nil {
                slots[index].errorReply = BulkErrorReply(octets, self.result(of: index))
            }
            slots[index].settled |= 1 << UInt64(server(of: index))
            return try fail(index, .responseCode(code), result)
        }
        do throws(WireError) {
            try result(self.result(of: index), octets)
        } catch {
            return try fail(index, .malformed(error), result)
        }
        release(index)
        finish(index)
    }

    mutating func note(_ index: Int, _ reason: Note.Reason) {
        guard slots[index].notes.count < Limits.notes else { return }
        let transport: Reply.Transport = slots[index].state == .datagram ? .udp : .tcp
        slots[index].notes.append(Note(server: servers[server(of: index)], transport: transport, reason: reason))
    }

    private func result(of index: Int) -> BulkResult {
        BulkResult(
            question: slots[index].question, number: slots[index].number, server: servers[server(of: index)],
            transport: slots[index].state == .datagram ? .udp : .tcp,
            duration: .nanoseconds(max(0, now - slots[index].sent)), attempts: slots[index].attempts,
            notes: slots[index].notes)
    }

    /// Lets go of what the current query waited on.
    mutating func release(_ index: Int) {
        switch slots[index].state {
        case .free, .stream: return
        case .datagram:
            slotOfID[Int(slots[index].id)] = .max
            ports[slots[index].port].count -= 1
        case .queued: queue.removeAll { $0 == index }
        }
    }

    private mutating func finish(_ index: Int) {
        slots[index].state = .free
        slots[index].errorReply = nil
        free.append(index)
        count -= 1
    }
}
