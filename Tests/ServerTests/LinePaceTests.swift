import Testing

@testable import DNSServer

struct LinePaceTests {
    @Test func aBurstPassesAndAFloodIsThinned() {
        let second: UInt64 = 1_000_000_000
        var pace = LinePace(linesPerSecond: 100)
        let now = 77 * second
        #expect((0..<5_000).count { _ in pace.allows(now) } == 1_000)
        #expect((0..<5_000).count { _ in pace.allows(now + second) } == 100)
        #expect((0..<5_000).count { _ in pace.allows(now + 60 * second) } == 1_000)
        var free = LinePace(linesPerSecond: .max)
        #expect((0..<5_000).count { _ in free.allows(now) } == 5_000)
    }
}
