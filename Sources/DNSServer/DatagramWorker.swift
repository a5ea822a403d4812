import DNS
import Linux

/// Answers the datagrams of its own sockets on its own thread: receive a batch, respond to each
/// query from the database, send the batch. Nothing is allocated, locked, counted or logged for a
/// query.
struct DatagramWorker: ~Copyable {
    private var batch: DatagramBatch
    private var responder: Responder
    private var prepared = QueryBatch()
    private var gatekeeper: Gatekeeper
    private var poller: Poller
    private let sockets: [Int32]
    /// Of each socket.
    private var merging: [ReplyMerging]
    private let publication: Publication
    private let subscriber: Subscriber
    private let counters: WorkerCounters
    private var watch: QueryWatch
    private let slots: Int
    private let batchesInARow: Int
    /// How many the last batch has.
    private var received = 0
    /// The socket of a batch that waits for the newer database.
    private var unanswered: Int?
    /// With one socket to look after, the worker waits in the call that receives, for as long as queries keep coming.
    /// The poller does not watch the socket meanwhile: it would hear of every datagram, which costs 0.2 µs.
    private let waits: Bool
    private var isWatched = true

    private static let wakeToken = UInt64.max
    private static let readiness: Readiness = [.read, .onlyNews]

    init(
        _ sockets: [Int32], _ publication: Publication, _ subscriber: Subscriber, _ tap: QueryTap,
        _ limits: ServerLimits, _ gatekeeper: consuming Gatekeeper
    ) throws(SystemError) {
        let batch = try DatagramBatch(slots: limits.datagramsAtOnce)
        let poller = try Poller()
        for (index, socket) in sockets.enumerated() { try poller.add(socket, Self.readiness, token: UInt64(index)) }
        try poller.add(subscriber.wakeup.descriptor, .read, token: Self.wakeToken)
        self.batch = batch
        self.poller = poller
        self.responder = Responder(limits.responderOptions)
        self.gatekeeper = gatekeeper
        self.sockets = sockets
        merging = Array(repeating: ReplyMerging(isOn: limits.mergesReplies), count: sockets.count)
        self.publication = publication
        self.subscriber = subscriber
        counters = tap.counters
        watch = QueryWatch(tap, over: .udp)
        slots = limits.datagramsAtOnce
        batchesInARow = limits.batchesInARow
        waits = sockets.count == 1
    }

    /// Serves until the publication stops.
    mutating func run() throws(SystemError) {
        while !publication.isStopped {
            let edition = publication.snapshot(for: subscriber)
            gatekeeper.mayAsk = edition.clients.mayAsk
            responder.use(edition.clients.cookieSecrets)
            try serve(edition.database, edition.generation)
        }
    }

    /// Serves one database while it is the newest.
    private mutating func serve(_ database: Database, _ generation: UInt64) throws(SystemError) {
        if let index = unanswered { answer(index, database) }
        if !isWatched { try receiveAll(database, generation) }
        while publication.generation == generation {
            for index in 0..<(try poller.wait()) {
                let token = poller.token(index)
                if token == Self.wakeToken {
                    subscriber.wakeup.clear()
                } else if waits {
                    try receiveAll(database, generation)
                } else {
                    try drain(Int(token), database, generation)
                }
            }
        }
    }

    /// Receives from the only socket until a waiting ends without a datagram; then the poller watches it again.
    private mutating func receiveAll(_ database: Database, _ generation: UInt64) throws(SystemError) {
        if isWatched { poller.remove(sockets[0]) }
        isWatched = false
        while publication.generation == generation {
            guard try receive(0, database, generation) > 0 else {
                isWatched = true
                return try poller.add(sockets[0], Self.readiness, token: 0)
            }
        }
    }

    /// Receives again without polling while batches come back full and before other sockets get their turn.
    private mutating func drain(_ index: Int, _ database: Database, _ generation: UInt64) throws(SystemError) {
        for _ in 0..<batchesInARow where publication.generation == generation {
            if try receive(index, database, generation) < slots { return }
        }
        try poller.change(sockets[index], Self.readiness, token: UInt64(index))
    }

    /// Receives one batch and answers it; how many came.
    private mutating func receive(
        _ index: Int, _ database: Database, _ generation: UInt64
    ) throws(SystemError) -> Int {
        received = try batch.receive(from: sockets[index], waits: waits)
        guard received > 0 else { return 0 }
        unanswered = index
        // What came while it waited may be asked after the newer database was seen elsewhere.
        if publication.generation == generation { answer(index, database) }
        return received
    }

    /// Answers what was received last, from that socket.
    private mutating func answer(_ index: Int, _ database: Database) {
        unanswered = nil
        gatekeeper.begin(&responder)
        watch.begin()
        let replies = Self.respond(
            to: batch.queries, from: database, with: &responder, &prepared, &gatekeeper, &watch, into: &batch.replies)
        let sent = batch.send(to: sockets[index], received, merging: &merging[index])
        counters.add(queries: received, replies: sent, dropped: replies - sent)
        counters.add(limited: gatekeeper.limited, slipped: gatekeeper.slipped)
    }

    private static func respond(
        to queries: borrowing ReceivedDatagrams, from database: Database, with responder: inout Responder,
        _ prepared: inout QueryBatch, _ gate: inout Gatekeeper, _ watch: inout QueryWatch,
        into replies: inout ReplyDatagrams
    ) -> Int {
        if database.isLarge {
            return respondInPasses(
                to: queries, from: database, with: &responder, &prepared, &gate, &watch, into: &replies)
        }
        var sent = 0
        for index in 0..<queries.count {
            guard let client = gate.client(queries.peer(index)) else { continue }
            let query = queries.octets(index)
            var reply = replies.slot(index)
            var octets = responder.respond(to: query, over: .udp, from: database, for: client, into: &reply)
            if octets > 0 { octets = limit(octets, to: query, of: client, database, &responder, &gate, &reply) }
            replies.set(index, count: octets)
            if octets > 0 { sent += 1 }
            if watch.count(responder.summary, octets: octets) {
                watch.handOn(queries.octets(index), from: queries.peer(index), responder.summary, octets: octets)
            }
        }
        return sent
    }

    /// Answers the batch in passes: see `QueryBatch`.
    private static func respondInPasses(
        to queries: borrowing ReceivedDatagrams, from database: Database, with responder: inout Responder,
        _ prepared: inout QueryBatch, _ gate: inout Gatekeeper, _ watch: inout QueryWatch,
        into replies: inout ReplyDatagrams
    ) -> Int {
        var sent = 0
        var start = 0
        while start < queries.count {
            let count = min(QueryBatch.count, queries.count - start)
            for index in 0..<count { prepared.prepare(index, queries.octets(start + index), from: database) }
            prepared.fetch(count, from: database)
            for index in 0..<count {
                guard let client = gate.client(queries.peer(start + index)) else { continue }
                let query = queries.octets(start + index)
                var reply = replies.slot(start + index)
                var octets = responder.respond(
                    to: query, preparedAt: index, of: &prepared, from: database, for: client, into: &reply)
                if octets > 0 { octets = limit(octets, to: query, of: client, database, &responder, &gate, &reply) }
                replies.set(start + index, count: octets)
                if octets > 0 { sent += 1 }
                if watch.count(responder.summary, octets: octets) {
                    let (query, peer) = (queries.octets(start + index), queries.peer(start + index))
                    watch.handOn(query, from: peer, responder.summary, octets: octets)
                }
            }
            start += count
        }
        return sent
    }

    /// The octets of what is sent of an answer that stands in `reply`: all, or no more than the rate limit lets pass.
    @inline(__always)
    private static func limit(
        _ octets: Int, to query: Span<UInt8>, of client: Client, _ database: Database, _ responder: inout Responder,
        _ gate: inout Gatekeeper, _ reply: inout MutableSpan<UInt8>
    ) -> Int {
        switch gate.verdict(on: client, responder.subject) {
        case .send: octets
        case .slip: responder.respond(toLimited: query, from: database, for: client, into: &reply)
        case .drop: 0
        }
    }
}
