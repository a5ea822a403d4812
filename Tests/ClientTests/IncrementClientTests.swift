import DNS
import DNSClient
import Linux
import TestSupport
import Testing

/// What changed in a zone (RFC 1995), from servers that do it well, otherwise and wrong.
struct IncrementClientTests {
    private static let zone = try! Name("example.test")
    private static let www = ["www.example.test. 60 IN A 192.0.2.1", "www.example.test. 60 IN A 192.0.2.2"]
    private static let ns = "example.test. 60 IN NS ns.example.test."

    private static func soa(_ serial: Int, ttl: Int = 60, refresh: Int = 60) -> String {
        "example.test. \(ttl) IN SOA ns.example.test. host.example.test. \(serial) \(refresh) 60 60 60"
    }

    /// The answers to a question for what follows version 5, message by message, and what comes of them.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let messages: [[String]]
        var expected: [String] = []
        var error: TransferError?
    }

    private static let step = [soa(5), www[0], soa(7), www[1]]
    private static let stepLines = ["~ example.test. SOA serial 5 to 7", "- \(www[0])", "+ \(www[1])"]

    static let cases = [
        Case(testDescription: "nothing newer", messages: [[soa(5)]], expected: ["up to date 5"]),
        Case(
            testDescription: "an older version", messages: [[soa(4_294_967_295)]], expected: ["up to date 4294967295"]),
        Case(testDescription: "one step", messages: [[soa(7)] + step + [soa(7)]], expected: stepLines),
        Case(
            testDescription: "one record a message", messages: ([soa(7)] + step + [soa(7)]).map { [$0] },
            expected: stepLines),
        Case(
            testDescription: "two steps",
            messages: [[soa(7), soa(5), www[0], soa(6), www[1], soa(6)], [soa(7), ns], [], [soa(7)]],
            expected: [
                "~ example.test. SOA serial 5 to 6", "- \(www[0])", "+ \(www[1])", "~ example.test. SOA serial 6 to 7",
                "+ \(ns)",
            ]),
        Case(
            testDescription: "a step back", messages: [[soa(7), soa(5), soa(4), soa(4), soa(7), soa(7)]],
            expected: ["~ example.test. SOA serial 5 to 4", "~ example.test. SOA serial 4 to 7"]),
        Case(
            testDescription: "another TTL, another refresh",
            messages: [
                [soa(7, refresh: 61), soa(5), www[0], soa(7, refresh: 61)],
                [www[0].replacing(" 60 ", with: " 90 "), soa(7, ttl: 9, refresh: 61)],
            ],
            expected: ["- \(soa(5))", "+ \(soa(7, refresh: 61))", "~ www.example.test. A TTL 60 to 90"]),
        Case(testDescription: "the whole zone", messages: [[soa(7), ns, soa(7)]], expected: [soa(7), ns]),
        Case(testDescription: "a zone of its SOA record", messages: [[soa(7), soa(7)]], expected: [soa(7)]),
        Case(
            testDescription: "the whole zone, one record a message", messages: [[soa(7)], [ns], [soa(7)]],
            expected: [soa(7), ns]),
        Case(testDescription: "a newer version and no more", messages: [[soa(7)]], error: .endedEarly),
        Case(testDescription: "cut while removing", messages: [[soa(7), soa(5), www[0]]], error: .endedEarly),
        Case(testDescription: "cut while adding", messages: [[soa(7)] + step], error: .endedEarly),
        Case(testDescription: "nothing in it", messages: [[]], error: .noSOA),
        Case(testDescription: "no SOA record", messages: [[ns]], error: .noSOA),
        Case(
            testDescription: "from another version", messages: [[soa(7), soa(4), soa(7), soa(7)]],
            error: .otherVersion(SerialNumber(4))),
        Case(
            testDescription: "steps with a gap",
            messages: [[soa(7), soa(4).replacing(" 4 ", with: " 5 "), soa(5), soa(6)]],
            error: .otherVersion(SerialNumber(6))),
        Case(
            testDescription: "another closing SOA record", messages: [[soa(7)] + step + [soa(7, refresh: 1)]],
            error: .changed),
        Case(
            testDescription: "a foreign owner", messages: [[soa(7), soa(5), "other.test. 60 IN A 192.0.2.1"]],
            error: .foreignRecord(try! Record("other.test. 60 IN A 192.0.2.1"))),
        Case(
            testDescription: "records behind the end", messages: [[soa(7)] + step + [soa(7), ns]],
            error: .recordsBehindEnd),
        Case(
            testDescription: "records behind being up to date", messages: [[soa(5)], [soa(5)]],
            expected: ["up to date 5"]),
    ]

    @Test(arguments: cases) func reads(_ one: Case) async throws {
        let server = try FakeServer { query in
            one.messages.map { lines in
                .reply(query.response { $0.answer = lines.compactMap { try? Record($0) } })
            }
        }
        defer { server.stop() }
        var lines: [String] = []
        var error: TransferError?
        do throws(TransferError) {
            for try await batch in Transfer(of: Self.zone, since: SerialNumber(5), from: server.address) {
                switch batch.content {
                case .records(let records): lines += records.map { "\($0)" }
                case .differences(let steps): lines += steps.flatMap(\.changes).flatMap(\.lines)
                case .upToDate: lines.append("up to date \(batch.serial.value)")
                }
            }
        } catch let thrown {
            error = thrown
        }
        #expect(error == one.error)
        if one.error == nil { #expect(lines == one.expected) }
        let query = try #require(server.queries.first?.message)
        #expect(query.questions == [Question(Self.zone, .ixfr)])
        #expect(query.authority.first.flatMap { SOA($0.data) }?.serial == SerialNumber(5))
    }
}
