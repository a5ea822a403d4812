import Testing

@testable import DNSServer

struct RateLimiterTests {
    private static func address(_ octets: [UInt8]) -> UInt128 {
        let number = octets.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        return octets.count == 4 ? 0xFFFF << 32 | number : number
    }

    private static let client = address([192, 0, 2, 1])

    /// How many of so many answers, evenly over a time in µs, get each verdict.
    private static func flood(
        _ limiter: RateLimiter, _ answers: Int, over microseconds: Int, from start: Int = 0,
        beside: (Int, UInt64) -> Void = { _, _ in }
    ) -> (sent: Int, slipped: Int, dropped: Int) {
        var counts = (sent: 0, slipped: 0, dropped: 0)
        for number in 0..<answers {
            let now = UInt64(start + number * microseconds / answers)
            switch limiter.judge(client, 1, at: now) {
            case .send: counts.sent += 1
            case .slip: counts.slipped += 1
            case .drop: counts.dropped += 1
            }
            beside(number, now)
        }
        return counts
    }

    /// Ten seconds of 10,000 a second: what was saved up, and the rate.
    @Test(arguments: [(100, 2), (100, 1), (100, 3), (100, 10), (100, 0), (1, 2), (5_000, 2)])
    func keepsToTheRate(_ rate: Int, _ slip: Int) {
        let limiter = RateLimiter(answersASecond: rate, slip: slip)
        let counts = Self.flood(limiter, 100_000, over: 10_000_000)
        #expect((rate * 10...rate * 11 + 1).contains(counts.sent))
        let withheld = 100_000 - counts.sent
        #expect(slip == 0 ? counts.slipped == 0 : abs(counts.slipped - withheld / slip) <= 1)
        #expect(counts.slipped + counts.dropped == withheld)
    }

    @Test func keepsWhoStaysBelowItWhole() {
        let limiter = RateLimiter(answersASecond: 100, slip: 2)
        #expect(Self.flood(limiter, 1_000, over: 10_000_000).sent == 1_000)
        // All of a second's at once, and those of the next.
        #expect(Self.flood(limiter, 100, over: 1, from: 12_000_000).sent == 100)
        #expect(Self.flood(limiter, 100, over: 1, from: 13_000_100).sent == 100)
        #expect(Self.flood(limiter, 100, over: 1, from: 13_500_100).sent == 50)
    }

    /// The clock's 40 bits go round after 12 days: whoever is away exactly as long owes what was owed then, at most.
    @Test(arguments: [1 << 40 - 500_000, 1 << 40, 3 << 40, 1 << 50])
    func timeGoesRound(_ start: Int) {
        let limiter = RateLimiter(answersASecond: 100, slip: 2)
        #expect((100...101).contains(Self.flood(limiter, 10_000, over: 1_000).sent))
        #expect((999...1_101).contains(Self.flood(limiter, 100_000, over: 10_000_000, from: start).sent))
    }

    @Test(
        arguments: [
            ([192, 0, 2, 1], [192, 0, 2, 255], true), ([192, 0, 2, 1], [192, 0, 3, 1], false),
            ([192, 0, 2, 1], [193, 0, 2, 1], false),
            (
                [0x20, 1, 0xD, 0xB8, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1],
                [0x20, 1, 0xD, 0xB8, 0, 0, 1, 9, 9, 0, 0, 0, 0, 0, 0, 1], true
            ),
            (
                [0x20, 1, 0xD, 0xB8, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1],
                [0x20, 1, 0xD, 0xB8, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1], false
            ),
            ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 1], [192, 0, 2, 1], false),
        ] as [([UInt8], [UInt8], Bool)])
    func prefixes(_ left: [UInt8], _ right: [UInt8], _ areOne: Bool) {
        let prefixes = (RateLimiter.prefix(of: Self.address(left)), RateLimiter.prefix(of: Self.address(right)))
        #expect((prefixes.0 == prefixes.1) == areOne)
    }

    /// Workers look at the clock once a batch: one may be behind another.
    @Test func aWorkerThatIsBehindForgivesNothing() {
        let limiter = RateLimiter(answersASecond: 100, slip: 2)
        var sent = 0
        for number in 0..<100_000 {
            let now = 1_000_000 + UInt64(number * 100) - UInt64(number % 3 * 8_000)
            if limiter.judge(Self.client, 1, at: now) == .send { sent += 1 }
        }
        #expect((1_000...1_102).contains(sent))
    }

    /// Asking for much else, in as many names as there are, does not make the limiter forget: not with 20 others for each
    /// of its own, each below its limit, and a table that is too small for them by far.
    @Test(arguments: [1 << 16, 1 << 10])
    func aFloodOfOthersExemptsNobody(_ entries: Int) {
        let limiter = RateLimiter(answersASecond: 100, slip: 2, entries: entries)
        var other: UInt64 = 1
        let counts = Self.flood(limiter, 50_000, over: 10_000_000) { _, now in
            for _ in 0..<20 {
                other += 1
                _ = limiter.judge(Self.client + UInt128(other << 8), other, at: now)
            }
        }
        // At most 5 %.
        #expect((1_000...2_500).contains(counts.sent), "\(counts)")
    }

    /// Nor does it make the limiter blame those who ask little: of 20,000 beside 1,000 that are over the limit.
    @Test func aFloodBlamesNobodyElse() {
        let limiter = RateLimiter(answersASecond: 100, slip: 2)
        var withheld = 0
        var floods = 0
        for number in 0..<2_000_000 {
            let now = UInt64(number)
            if limiter.judge(Self.client, UInt64(number % 1_000), at: now) != .send { floods += 1 }
            if number % 100 == 0, limiter.judge(Self.client + 256, UInt64(1_000_000 + number), at: now) != .send {
                withheld += 1
            }
        }
        #expect(floods > 1_500_000)
        #expect(withheld <= 20)
    }
}
