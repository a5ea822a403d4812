import DNS
import DNSServer
import TestSupport
import Testing

/// A zone that is loaded by several threads at once.
@Suite struct LoadingThreadsTests {
    /// Large enough for pieces, with names whose records stand apart, cuts with glue, and names between that have no
    /// records: what one piece has to find in another.
    private static let zone: String = {
        var text = Sample.zone(serial: 1)
        for number in 0..<40_000 { text += "h\(number) 300 A 192.0.2.\(number % 250)\n" }
        for number in 0..<5_000 {
            text += "d\(number) 300 NS ns.d\(number)\nd\(number) 300 NS h\(number)\n"
            text += "ns.d\(number) 300 A 192.0.2.1\nwww.e\(number) 300 TXT t\n"
        }
        for number in 0..<20_000 { text += "H\(number) 300 AAAA 2001:db8::\(number % 1000)\n" }
        return text
    }()

    @Test func answersAreThoseOfOneThread() throws {
        let directory = try TemporaryDirectory()
        try directory.write("example.test.zone", Self.zone)
        let alone = ZoneDirectory([ZonePath(directory.path)]).load(threads: 1)
        let together = ZoneDirectory([ZonePath(directory.path)]).load(threads: 3)
        #expect(alone.isComplete && together.isComplete)
        #expect(together.reports.first?.zone?.recordCount == 80_003)
        for number in stride(from: 0, to: 20_000, by: 499) {
            for name in ["h\(number)", "x.d\(number / 4)", "ns.d\(number / 4)", "e\(number / 4)", "no\(number)"] {
                let query = Sample.query("\(name).example.test", type: number % 2 == 0 ? 1 : 28)
                let reply = respond(to: query, over: .udp, from: together.database)
                #expect(reply == respond(to: query, over: .udp, from: alone.database), "\(name)")
                #expect(reply.flatMap(Sample.responseCode) == (name.hasPrefix("no") ? 3 : 0), "\(name)")
            }
        }
    }
}
