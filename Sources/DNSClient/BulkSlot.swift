import DNS

/// One question of many that is under way.
struct BulkSlot {
    enum State {
        case free
        /// A query was sent over UDP.
        case datagram
        /// Waits for a connection to be free.
        case queued
        /// A query was sent over TCP.
        case stream
    }

    var state = State.free
    var usesEDNS = true
    /// Whether the query was sent a second time within its try, since those sent with it were answered long ago.
    var isRepeated = false
    var id: UInt16 = 0
    /// The port that the query was sent from.
    var port = 0
    /// The moments of the first query, of the current one and of its repetition.
    var started = 0
    var sent = 0
    var repeated = 0
    var number = 0
    /// Queries that were sent, repetitions not counted.
    var attempts = 0
    /// How many turns are over, and the server that had the first.
    var turn = 0
    var first = 0
    /// Servers that gave an error code, one bit each.
    var settled: UInt64 = 0
    var question: Question
    var notes: [Note] = []
    /// The first error code's reply, which is the result where nobody does better.
    var errorReply: BulkErrorReply?

    init(_ question: Question) { self.question = question }
}

/// A reply that is kept while other servers are asked.
final class BulkErrorReply {
    let octets: [UInt8]
    let result: BulkResult

    init(_ octets: Span<UInt8>, _ result: BulkResult) {
        self.octets = octets.indices.map { octets[$0] }
        self.result = result
    }
}

/// How many queries may be under way: more as long as more are answered for it, fewer where some get lost.
struct BulkWindow {
    private(set) var size = Limits.bulkWindow.lowerBound
    /// The most answers a second, and the size that they came with.
    private var best = 0.0
    private var bestSize = Limits.bulkWindow.lowerBound
    /// Rounds in which a larger window did not pay.
    private var flat = 0
    private var beginning = 0
    private var replies = 0
    private var losses = 0
    /// Whether there was nothing more to ask.
    var isStarved = false

    /// A larger window pays where this much more is answered.
    private static let gain = 1.15
    private static let trials = 3
    private static let roundsUntilNextTrial = 64
    private static let shortestRound = 2_000_000

    mutating func reply() { replies += 1 }
    mutating func loss() { losses += 1 }

    /// Looks back on a round, which is as many replies as may be under way.
    mutating func adapt(now: Int) {
        if beginning == 0 { beginning = now }
        guard replies + losses >= size, now - beginning >= Self.shortestRound else { return }
        let rate = Double(replies) * 1e9 / Double(now - beginning)
        if losses * 200 > replies {
            resize(size * 3 / 4)
            (best, bestSize, flat) = (rate, size, Self.trials)
        } else if rate > best * Self.gain {
            (best, bestSize, flat) = (rate, size, 0)
            if !isStarved { resize(size * 2) }
        } else if !isStarved {
            flat += 1
            if flat < Self.trials { resize(size * 5 / 4) }
            if flat == Self.trials { resize(bestSize) }
            if flat == Self.roundsUntilNextTrial { (best, flat) = (rate, 0) }
        }
        (beginning, replies, losses, isStarved) = (now, 0, 0, false)
    }

    private mutating func resize(_ size: Int) {
        self.size = min(max(size, Limits.bulkWindow.lowerBound), Limits.bulkWindow.upperBound)
    }
}

/// How long replies take (RFC 6298 §2), in nanoseconds.
struct BulkRoundTrip {
    private var mean = 0
    private var deviation = 0

    private static let least = 20_000_000

    /// A query without a reply for so long is late.
    var limit: Int { mean == 0 ? .max : max(Self.least, mean + 4 * deviation) }

    mutating func add(_ time: Int) {
        if mean == 0 {
            (mean, deviation) = (max(1, time), time / 2)
        } else {
            deviation += (abs(time - mean) - deviation) / 4
            mean = max(1, mean + (time - mean) / 8)
        }
    }
}
