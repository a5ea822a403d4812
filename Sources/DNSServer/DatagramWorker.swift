import DNS
import Linux

/// Answers the datagrams of its own sockets on its own thread: receive a batch, respond to each
/// query from the database, send the batch. Nothing is allocated, locked, counted or logged for a
/// query.
struct DatagramWorker: ~Copyable {
    private var batch: DatagramBatch
    private var responder: Responder
    private var prepared = QueryBatch()
    private var poller: Poller
    private let sockets: [Int32]
    /// Of each socket.
    private var merging: [ReplyMerging]
    private let publication: Publication
    private let subscriber: Subscriber
    private let counters: WorkerCounters
    private let slots: Int
    private let batchesInARow: Int
    /// How many the last batch has.
    private var received = 0
    /// The socket of a batch that waits for the newer database.
    private var unanswered: Int?
    /// With one socket to look after, the worker waits in the call that receives: one call less than to poll first.
    private let waits: Bool

    private static let wakeToken = UInt64.max
    private static let readiness: Readiness = [.read, .onlyNews]

    init(
        _ sockets: [Int32], _ publication: Publication, _ subscriber: Subscriber, _ counters: WorkerCounters,
        _ limits: ServerLimits
    ) throws(SystemError) {
        let batch = try DatagramBatch(slots: limits.datagramsAtOnce)
        let poller = try Poller()
        for (index, socket) in sockets.enumerated() { try poller.add(socket, Self.readiness, token: UInt64(index)) }
        try poller.add(subscriber.wakeup.descriptor, .read, token: Self.wakeToken)
        self.batch = batch
        self.poller = poller
        self.responder = Responder(limits.responderOptions)
        self.sockets = sockets
        merging = Array(repeating: ReplyMerging(isOn: limits.mergesReplies), count: sockets.count)
        self.publication = publication
        self.subscriber = subscriber
        self.counters = counters
        slots = limits.datagramsAtOnce
        batchesInARow = limits.batchesInARow
        waits = sockets.count == 1
    }

    /// Serves until the publication stops.
    mutating func run() throws(SystemError) {
        while !publication.isStopped {
            let (database, generation) = publication.snapshot(for: subscriber)
            try serve(database, generation)
        }
    }

    /// Serves one database while it is the newest.
    private mutating func serve(_ database: Database, _ generation: UInt64) throws(SystemError) {
        if let index = unanswered { answer(index, database) }
        while publication.generation == generation {
            for index in 0..<(try poller.wait()) {
                let token = poller.token(index)
                if token == Self.wakeToken {
                    subscriber.wakeup.clear()
                } else {
                    try drain(Int(token), database, generation)
                }
            }
        }
    }

    /// Receives again without polling: until a waiting ends without a datagram, or else while batches come back full and
    /// before others get their turn.
    private mutating func drain(_ index: Int, _ database: Database, _ generation: UInt64) throws(SystemError) {
        var batches = 0
        while publication.generation == generation && (waits || batches < batchesInARow) {
            batches += 1
            received = try batch.receive(from: sockets[index], waits: waits)
            if received > 0 {
                unanswered = index
                // What came while it waited may be asked after the newer database was seen elsewhere.
                guard publication.generation == generation else { break }
                answer(index, database)
            }
            if waits ? received == 0 : received < slots { return }
        }
        try poller.change(sockets[index], Self.readiness, token: UInt64(index))
    }

    /// Answers what was received last, from that socket.
    private mutating func answer(_ index: Int, _ database: Database) {
        unanswered = nil
        let replies = Self.respond(
            to: batch.queries, from: database, with: &responder, &prepared, into: &batch.replies)
        let sent = batch.send(to: sockets[index], received, merging: &merging[index])
        counters.add(queries: received, replies: sent, dropped: replies - sent)
    }

    private static func respond(
        to queries: borrowing ReceivedDatagrams, from database: Database, with responder: inout Responder,
        _ prepared: inout QueryBatch, into replies: inout ReplyDatagrams
    ) -> Int {
        if database.isLarge {
            return respondInPasses(to: queries, from: database, with: &responder, &prepared, into: &replies)
        }
        var sent = 0
        for index in 0..<queries.count {
            var reply = replies.slot(index)
            let octets = responder.respond(to: queries.octets(index), over: .udp, from: database, into: &reply)
            replies.set(index, count: octets)
            if octets > 0 { sent += 1 }
        }
        return sent
    }

    /// Answers the batch in passes: see `QueryBatch`.
    private static func respondInPasses(
        to queries: borrowing ReceivedDatagrams, from database: Database, with responder: inout Responder,
        _ prepared: inout QueryBatch, into replies: inout ReplyDatagrams
    ) -> Int {
        var sent = 0
        var start = 0
        while start < queries.count {
            let count = min(QueryBatch.count, queries.count - start)
            for index in 0..<count { prepared.prepare(index, queries.octets(start + index), from: database) }
            for index in 0..<count { prepared.fetchSlot(index, from: database) }
            for index in 0..<count { prepared.fetch(index, from: database) }
            for index in 0..<count { prepared.fetchBlock(index, from: database) }
            for index in 0..<count {
                var reply = replies.slot(start + index)
                let octets = responder.respond(
                    to: queries.octets(start + index), preparedAt: index, of: &prepared, from: database, into: &reply)
                replies.set(start + index, count: octets)
                if octets > 0 { sent += 1 }
            }
            start += count
        }
        return sent
    }
}
