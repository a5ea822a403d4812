import DNS
import Linux
import TestSupport
import Testing

@testable import DNSServer

/// A live server and clients that would use it against others: the sources of their queries are addresses of 127.0.0.0/8,
/// as forged ones would be elsewhere.
struct AbuseTests {
    private static func source(_ host: String) throws -> SocketAddress {
        try #require(SocketAddress(host: host, port: 0))
    }

    private static func limited(_ configure: (inout ServerLimits) -> Void = { _ in }) throws -> RunningServer {
        try RunningServer {
            $0.rateLimitsLoopback = true
            configure(&$0)
        }
    }

    /// What came back of so many queries: answers in full, truncated ones, and how long it took.
    private struct Flood {
        var answers = 0
        var truncated = 0
        var milliseconds = 0

        init(_ queries: Int, _ query: [UInt8], to server: SocketAddress, from hosts: [String]) throws {
            let clients = try hosts.map { try DatagramClient(to: server, from: AbuseTests.source($0)) }
            let start = Clock.milliseconds
            // A few at a time, so that no socket overflows.
            for number in 0..<queries / 20 {
                let client = clients[number % clients.count]
                for _ in 0..<20 { try client.send(query) }
                // So much is dropped that there may be no reply.
                while let reply = try client.receive(milliseconds: 1) { count(reply) }
            }
            milliseconds = Clock.milliseconds - start
            for client in clients { while let reply = try client.receive(milliseconds: 50) { count(reply) } }
        }

        private mutating func count(_ reply: [UInt8]) {
            if reply[2] & 2 != 0 { truncated += 1 } else { answers += 1 }
        }
    }

    private static let floodCount = 10_000

    /// From three addresses of one /24, over all workers.
    @Test func aFloodFromOnePrefixGetsLittle() throws {
        let running = try Self.limited()
        let hosts = ["127.1.2.3", "127.1.2.4", "127.1.2.5"]
        let flood = try Flood(Self.floodCount, RunningServer.query(), to: running.address, from: hosts)
        let allowed = 100 + 100 * (flood.milliseconds + 50) / 1_000
        #expect((90...allowed).contains(flood.answers), "\(flood)")
        #expect((Self.floodCount * 9 / 20...Self.floodCount / 2 + 10).contains(flood.truncated), "\(flood)")
        // Another prefix is served, the same one over TCP, and with another question.
        let other = try DatagramClient(to: running.address, from: Self.source("127.1.3.3"))
        try other.send(RunningServer.query())
        #expect(try other.receive().flatMap(Sample.serial) == 1)
        let stream = try StreamClient(to: running.address, from: Self.source("127.1.2.3"))
        for id in UInt16(0)..<300 { #expect(try stream.ask(RunningServer.query(id: id)).flatMap(Sample.serial) == 1) }
        let client = try DatagramClient(to: running.address, from: Self.source("127.1.2.3"))
        try client.send(Sample.query("ns.example.test", type: 1))
        #expect(try client.receive().map { $0[2] & 2 } == 0)
        let counters = running.server.counters
        #expect(counters.slipped == flood.truncated)
        #expect(counters.limited + counters.slipped + flood.answers == Self.floodCount)
    }

    /// Random names that do not exist are one answer; so are errors.
    @Test(arguments: ["example.test", "elsewhere"])
    func randomNamesAreOneAnswer(_ origin: String) throws {
        let running = try Self.limited { $0.rateLimit = 20 }
        let client = try DatagramClient(to: running.address, from: Self.source("127.1.2.3"))
        let start = Clock.milliseconds
        var counts = (answers: 0, truncated: 0)
        for number in 0..<1_000 {
            try client.send(Sample.query("n\(number).\(origin)", type: 1))
            while let reply = try client.receive(milliseconds: 1) {
                if reply[2] & 2 != 0 { counts.truncated += 1 } else { counts.answers += 1 }
            }
        }
        #expect(counts.answers <= 20 + 20 * (Clock.milliseconds - start + 50) / 1_000)
        #expect(counts.truncated > 200)
    }

    @Test func clientsOfThisMachineAreExempt() throws {
        let running = try RunningServer()
        let flood = try Flood(1_000, RunningServer.query(), to: running.address, from: ["127.1.2.3"])
        #expect(flood.answers == 1_000 && flood.truncated == 0)
    }

    /// A client with a good cookie asks as much as it likes, one with an old or forged one does not.
    @Test func goodCookiesAreExempt() throws {
        let running = try Self.limited { $0.rateLimit = 10 }
        func query(_ cookie: [UInt8]) -> [UInt8] {
            var query = RunningServer.query()
            query[11] = 1
            let count = UInt8(cookie.count)
            let option: [UInt8] = [0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, count + 4, 0, 10, 0, count]
            return query + option + cookie
        }
        let client = try DatagramClient(to: running.address, from: Self.source("127.1.2.3"))
        try client.send(query([1, 2, 3, 4, 5, 6, 7, 8]))
        let reply = try #require(try client.receive())
        let cookie = Array(reply.suffix(24))
        let flood = try Flood(1_000, query(cookie), to: running.address, from: ["127.1.2.3"])
        #expect(flood.answers == 1_000 && flood.truncated == 0)
        // It is the address's own.
        let forged = try Flood(1_000, query(cookie), to: running.address, from: ["127.1.2.4"])
        #expect(forged.answers < 100 && forged.truncated > 400)
    }

    /// Who is told to come over TCP, and who gets a cookie to come back with.
    @Test func cookiesCanBeRequired() throws {
        let running = try RunningServer { $0.requiresCookies = true }
        let reply = try #require(try running.datagrams().ask(RunningServer.query()))
        #expect(reply[2] & 2 == 2 && reply[3] & 15 == 0 && reply[7] == 0)
        #expect(try running.stream().ask(RunningServer.query()).flatMap(Sample.serial) == 1)
    }

    @Test func whoMayNotAskIsRefused() throws {
        let running = try RunningServer {
            $0.clients.mayAsk = try? AccessList(allow: [], deny: [AddressPrefix("127.1.0.0/16")])
        }
        for (host, code) in [("127.1.2.3", UInt8(5)), ("127.2.2.3", 0)] {
            let client = try DatagramClient(to: running.address, from: Self.source(host))
            try client.send(RunningServer.query())
            #expect(try client.receive().flatMap(Sample.responseCode) == code)
            let stream = try StreamClient(to: running.address, from: Self.source(host))
            #expect(try stream.ask(RunningServer.query()).flatMap(Sample.responseCode) == code)
            // Who may not ask may not transfer.
            #expect(try stream.ask(Sample.query("example.test", type: 252)).flatMap(Sample.responseCode) == code)
        }
    }

    /// The server does not answer itself, nor services that would answer back.
    @Test(
        arguments: [
            ("192.0.2.1", 5300, "0.0.0.0", true), ("192.0.2.1", 53, "0.0.0.0", true),
            ("192.0.2.1", 1023, "0.0.0.0", true),
            ("192.0.2.1", 0, "0.0.0.0", false), ("192.0.2.1", 7, "0.0.0.0", false), ("192.0.2.1", 13, "0.0.0.0", false),
            ("192.0.2.1", 17, "0.0.0.0", false), ("192.0.2.1", 19, "0.0.0.0", false),
            ("192.0.2.1", 37, "0.0.0.0", false),
            ("192.0.2.1", 464, "0.0.0.0", false), ("2001:db8::1", 19, "::", false),
            ("127.0.0.1", 5353, "0.0.0.0", false), ("127.0.0.1", 5354, "0.0.0.0", true),
            ("192.0.2.53", 5353, "192.0.2.53", false), ("192.0.2.54", 5353, "192.0.2.53", true),
            ("::1", 5353, "::", false),
        ] as [(String, UInt16, String, Bool)])
    func whoIsAnswered(_ host: String, _ port: UInt16, _ own: String, _ isAnswered: Bool) throws {
        let gatekeeper = Gatekeeper(ServerLimits(), nil, own: [try #require(SocketAddress(host: own, port: 5353))])
        let peer = try #require(SocketAddress(host: host, port: port))
        #expect((gatekeeper.client(peer) != nil) == isAnswered)
        #expect(gatekeeper.client(nil) == nil)
    }

    /// From such a port, where the tests may have one.
    @Test func nothingIsReflected() throws {
        let running = try RunningServer(workers: 1)
        var source = try Self.source("127.1.2.3")
        source.port = 19
        guard let client = try? DatagramClient(to: running.address, from: source) else { return }
        try client.send(RunningServer.query())
        #expect(try client.receive(milliseconds: 100) == nil)
        #expect(try running.isServing())
    }
}
