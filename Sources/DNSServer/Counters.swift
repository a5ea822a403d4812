public import DNS
import Synchronization

/// What the server did since its start.
public struct Counters: Hashable, Sendable {
    /// What came and left over UDP, or over TCP.
    public struct Traffic: Hashable, Sendable {
        /// Complete messages that came.
        public var queries = 0
        /// Replies that left, or were handed to a connection.
        public var replies = 0
        /// Replies that could not be sent.
        public var dropped = 0
        /// Replies with TC set.
        public var truncated = 0
        /// Queries by the type that they ask for; those of types without a name are together under nil.
        public var types: [RecordType?: Int] = [:]
        /// Replies by their code.
        public var codes: [ResponseCode: Int] = [:]
    }

    /// A bound that was reached, by what happened then.
    public enum Limit: Int, CaseIterable, Sendable, CustomStringConvertible {
        /// Connections closed because there were too many, in all and of one client.
        case connections, connectionsPerClient
        /// Connections closed because all together left too many octets with us.
        case connectionMemory
        /// Connections closed because they were idle.
        case connectionIdle
        /// Connections closed, or accepting paused, for want of descriptors or memory.
        case descriptors
        /// Answers withheld, and answers replaced by the advice to come over TCP.
        case rateDropped, rateSlipped

        private static let names = [
            "connections", "connections_per_client", "connection_memory", "connection_idle", "descriptors",
            "rate_dropped", "rate_slipped",
        ]

        public var description: String { Self.names[rawValue] }
    }

    public var udp = Traffic()
    public var tcp = Traffic()
    /// How often each limit was reached.
    public var limits: [Limit: Int] = [:]
    /// TCP connections that were accepted, and those that are open.
    public var connectionsAccepted = 0
    public var connectionsOpen = 0

    public var queries: Int { udp.queries + tcp.queries }
    public var replies: Int { udp.replies + tcp.replies }
    public var dropped: Int { udp.dropped + tcp.dropped }
    public var limited: Int { limits[.rateDropped] ?? 0 }
    public var slipped: Int { limits[.rateSlipped] ?? 0 }
}

/// The counters of one worker, which alone changes them: plain loads and stores, which anybody may read.
final class WorkerCounters: Sendable {
    private enum Place {
        /// No other memory shares a line of the processor's cache with a counter.
        static let padding = 8
        static let queries = padding
        static let replies = queries + 1
        static let dropped = queries + 2
        static let truncated = queries + 3
        static let accepted = queries + 4
        static let closed = queries + 5
        static let lost = queries + 6
        static let limits = queries + 7
        static let codes = limits + 8
        /// Higher codes are counted as this one, which has no meaning.
        static let lastCode = 24
        static let types = codes + lastCode + 1
        /// Higher types are counted as this one, which has no meaning.
        static let lastType = 272
    }

    private let counts = InlineArray<336, Atomic<Int>> { _ in Atomic(0) }

    @inline(__always)
    private func add(_ number: Int, at place: Int) {
        counts[place].store(counts[place].load(ordering: .relaxed) &+ number, ordering: .relaxed)
    }

    /// Once a batch.
    func add(queries: Int, replies: Int, dropped: Int) {
        add(queries, at: Place.queries)
        add(replies, at: Place.replies)
        if dropped != 0 { add(dropped, at: Place.dropped) }
    }

    /// - Parameter octets: of the reply; 0 where there is none.
    @inline(__always)
    func add(_ summary: ResponseSummary, octets: Int) {
        guard summary.marks.contains(.isQuery) else { return }
        add(1, at: Place.types &+ min(Int(summary.type.rawValue), Place.lastType))
        if octets == 0 { return }
        add(1, at: Place.codes &+ min(Int(summary.code.rawValue), Place.lastCode))
        if summary.marks.contains(.isTruncated) { add(1, at: Place.truncated) }
    }

    func add(limited: Int, slipped: Int) {
        if limited != 0 { reached(.rateDropped, times: limited) }
        if slipped != 0 { reached(.rateSlipped, times: slipped) }
    }

    func reached(_ limit: Counters.Limit, times: Int = 1) { add(times, at: Place.limits + limit.rawValue) }

    var queries: Int { self[Place.queries] }

    var lostLogLines: Int { self[Place.lost] }

    func logLineLost() { add(1, at: Place.lost) }

    func connectionOpened() { add(1, at: Place.accepted) }

    func connectionClosed() { add(1, at: Place.closed) }

    private subscript(place: Int) -> Int { counts[place].load(ordering: .relaxed) }

    func add(to traffic: inout Counters.Traffic) {
        traffic.queries += self[Place.queries]
        traffic.replies += self[Place.replies]
        traffic.dropped += self[Place.dropped]
        traffic.truncated += self[Place.truncated]
        for code in 0...Place.lastCode where self[Place.codes + code] > 0 {
            traffic.codes[ResponseCode(rawValue: UInt16(code)), default: 0] += self[Place.codes + code]
        }
        for number in 0...Place.lastType where self[Place.types + number] > 0 {
            let type = RecordType(rawValue: UInt16(number))
            traffic.types[number < Place.lastType && type.hasMnemonic ? type : nil, default: 0] +=
                self[Place.types + number]
        }
    }

    func add(to counters: inout Counters) {
        for limit in Counters.Limit.allCases {
            counters.limits[limit, default: 0] += self[Place.limits + limit.rawValue]
        }
        // What is closed was accepted before, and is read before.
        let closed = self[Place.closed]
        let accepted = self[Place.accepted]
        counters.connectionsAccepted += accepted
        counters.connectionsOpen += accepted - closed
    }
}
