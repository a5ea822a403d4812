import DNS
import Linux

/// Limits how many equal answers a second the clients of one prefix get, so that nobody can have a flood of answers sent
/// to somebody else by asking in their name. All UDP workers share one.
///
/// A fixed table holds a number for each pair of prefix and answer that was seen of late:
///
///     the time up to which the answers given are paid for, in µs (40 bits) | answers withheld (4) | tag (20)
///
/// Each answer moves that time on by the pair's share of a second; an answer that would move it more than a second ahead of
/// now is withheld (a leaky bucket). A pair can stand in any of the four numbers of one set, and takes the place of the one
/// that owes least. So pairs that are over their limit stay: to push one out takes four others of the same set that owe as
/// much, and which those are nobody knows but the seed. A pair that is pushed out is forgiven, never blamed. It is blamed
/// for another where set and tag agree: one of a million pairs, for each of its set that is over the limit.
///
/// Workers write without waiting for each other: where two count at the same moment, one answer may be forgotten.
public final class RateLimiter: Sendable {
    /// What becomes of an answer.
    public enum Verdict: Sendable {
        case send
        /// Tell the client to come over TCP instead: one that asked in its own name can.
        case slip
        case drop
    }

    private let words: SharedWords
    private let setMask: UInt64
    /// What an answer costs, and how much may be owed, in µs.
    private let cost: Int64
    private let slip: UInt64
    private let seed = Machine.randomNumber() | 1

    private static let ways = 4
    private static let window: Int64 = 1_000_000
    private static let tagMask: UInt64 = 0xF_FFFF
    private static let withheldMask: UInt64 = 0xF0_0000
    private static let withheldShift: UInt64 = 20
    private static let timeShift: UInt64 = 24

    /// - Parameters:
    ///   - answersASecond: 1 to 1,000,000 for each pair of prefix and answer.
    ///   - slip: of the answers beyond it each of this number slips: 1 for all of them, 0 for none; at most 15.
    ///   - entries: pairs that are remembered, 8 octets each; a power of two.
    public init(answersASecond: Int, slip: Int, entries: Int = 1 << 16) {
        let sets = max(1, entries / Self.ways)
        precondition((1...1_000_000).contains(answersASecond) && (0...15).contains(slip) && sets & (sets - 1) == 0)
        words = SharedWords(count: sets * Self.ways)
        setMask = UInt64(sets - 1)
        cost = Self.window / Int64(answersASecond)
        self.slip = UInt64(slip)
    }

    /// The prefix that clients are counted by: /24 of IPv4, /56 of IPv6.
    static func prefix(of address: UInt128) -> UInt64 {
        address &>> 32 == 0xFFFF
            ? UInt64(truncatingIfNeeded: address) &>> 8 : ~UInt64(truncatingIfNeeded: address &>> 72)
    }

    /// Counts an answer, at a time in µs that never goes back.
    /// - Parameters:
    ///   - address: the client's; IPv4 as IPv4-mapped.
    ///   - subject: the answer's, as the responder says.
    public func judge(_ address: UInt128, _ subject: UInt64, at now: UInt64) -> Verdict {
        let hash = mixed(mixed(seed, Self.prefix(of: address)), subject)
        let tag = hash & Self.tagMask
        let set = Int(truncatingIfNeeded: (hash &>> 32) & setMask) &* Self.ways
        for index in set..<(set &+ Self.ways) {
            let word = words[index]
            if word & Self.tagMask == tag { return count(word, Self.owed(word, now), tag, at: index, now) }
        }
        return count(0, 0, tag, at: leastOwing(from: set, now), now)
    }

    @inline(__always)
    private func leastOwing(from set: Int, _ now: UInt64) -> Int {
        var place = set
        var least = Int64.max
        for index in set..<(set &+ Self.ways) {
            let owed = Self.owed(words[index], now)
            if owed == 0 { return index }
            if owed < least { (place, least) = (index, owed) }
        }
        return place
    }

    /// What is owed at this time: more than a second where another worker looked at the clock later. Time that is further
    /// away was wrapped round, or is long ago.
    @inline(__always)
    private static func owed(_ word: UInt64, _ now: UInt64) -> Int64 {
        let owed = Int64(bitPattern: ((word &>> timeShift) &- now) &<< timeShift) &>> Int64(timeShift)
        return owed > 0 && owed <= 2 &* window ? owed : 0
    }

    @inline(__always)
    private func count(_ word: UInt64, _ owed: Int64, _ tag: UInt64, at index: Int, _ now: UInt64) -> Verdict {
        if owed &+ cost <= Self.window {
            let paid = (now &+ UInt64(bitPattern: owed &+ cost)) &<< Self.timeShift
            words[index] = paid | word & Self.withheldMask | tag
            return .send
        }
        if slip == 0 { return .drop }
        let withheld = ((word & Self.withheldMask) &>> Self.withheldShift) &+ 1
        let slips = withheld >= slip
        words[index] = word & ~Self.withheldMask | (slips ? 0 : withheld &<< Self.withheldShift)
        return slips ? .slip : .drop
    }
}
