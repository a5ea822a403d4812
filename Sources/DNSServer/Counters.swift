import Synchronization

/// What the server did since its start.
public struct Counters: Hashable, Sendable {
    /// Complete messages that came.
    public var queries = 0
    /// Replies that left, or were handed to a connection.
    public var replies = 0
    /// Replies that could not be sent.
    public var dropped = 0
    /// Answers that the rate limit withheld, and those that it replaced by the advice to come over TCP.
    public var limited = 0
    public var slipped = 0
    /// TCP connections that were accepted, and those that are open.
    public var connectionsAccepted = 0
    public var connectionsOpen = 0

    static func + (left: Counters, right: Counters) -> Counters {
        Counters(
            queries: left.queries + right.queries, replies: left.replies + right.replies,
            dropped: left.dropped + right.dropped, limited: left.limited + right.limited,
            slipped: left.slipped + right.slipped,
            connectionsAccepted: left.connectionsAccepted + right.connectionsAccepted,
            connectionsOpen: left.connectionsOpen + right.connectionsOpen)
    }
}

/// The counters of one worker, which alone adds to them, once a batch; anybody may read them.
final class WorkerCounters: Sendable {
    private let queries = Atomic(0)
    private let replies = Atomic(0)
    private let dropped = Atomic(0)
    private let limited = Atomic(0)
    private let slipped = Atomic(0)
    private let connectionsAccepted = Atomic(0)
    private let connectionsOpen = Atomic(0)

    func add(queries: Int, replies: Int, dropped: Int) {
        self.queries.add(queries, ordering: .relaxed)
        self.replies.add(replies, ordering: .relaxed)
        if dropped != 0 { self.dropped.add(dropped, ordering: .relaxed) }
    }

    func add(limited: Int, slipped: Int) {
        if limited != 0 { self.limited.add(limited, ordering: .relaxed) }
        if slipped != 0 { self.slipped.add(slipped, ordering: .relaxed) }
    }

    func connectionOpened() {
        connectionsAccepted.add(1, ordering: .relaxed)
        connectionsOpen.add(1, ordering: .relaxed)
    }

    func connectionClosed() {
        connectionsOpen.subtract(1, ordering: .relaxed)
    }

    var sum: Counters {
        Counters(
            queries: queries.load(ordering: .relaxed), replies: replies.load(ordering: .relaxed),
            dropped: dropped.load(ordering: .relaxed), limited: limited.load(ordering: .relaxed),
            slipped: slipped.load(ordering: .relaxed),
            connectionsAccepted: connectionsAccepted.load(ordering: .relaxed),
            connectionsOpen: connectionsOpen.load(ordering: .relaxed))
    }
}
