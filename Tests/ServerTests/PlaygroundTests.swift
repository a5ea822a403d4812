import DNS
import DNSServer
import Foundation
import Linux
import TestSupport
import Testing

/// The sample zones, each on a server of its own, walked through as a recursive resolver does.
struct PlaygroundTests {
    private static let zones = TestData.root.deletingLastPathComponent().appending(path: "zones").path()

    private static func ask(_ name: String, at server: SocketAddress) throws -> Message {
        let octets = try #require(try DatagramClient(to: server).ask(Sample.query(name, type: 1)))
        return try Message(decoding: octets.span)
    }

    @Test func referralsLeadFromTheRootToTheAnswer() throws {
        let loading = ZoneDirectory([ZonePath(Self.zones)]).load()
        let playground = try Playground(serving: loading.database)
        defer { playground.stop() }
        #expect(playground.stages.count == 6 && Set(playground.stages.flatMap(\.addresses)).count == 4)
        let name = "www.news.example.test"
        #expect(playground.sampleName(in: loading.database) == (try Name(name)))
        var server = try #require(playground.stages.first?.addresses.first)
        var zones: [String] = []
        for _ in 0..<3 {
            let reply = try Self.ask(name, at: server)
            #expect(!reply.header.isAuthoritative && reply.answer.isEmpty)
            zones.append("\(try #require(reply.authority.first).owner)")
            let glue = try #require(reply.additional.first)
            server = try #require(SocketAddress(octets: glue.data.octets, port: server.port))
            #expect(playground.stages.contains { "\($0.origin)" == zones.last && $0.addresses == [server] })
        }
        #expect(zones == ["test.", "example.test.", "news.example.test."])
        let answer = try Self.ask(name, at: server)
        #expect(
            answer.header.isAuthoritative && answer.answer.map { "\($0.data)" } == ["news.example.test.", "192.0.2.81"])
        // Nobody serves more than its own.
        #expect(try Self.ask("test", at: server).header.responseCode == .refused)
    }

    @Test func aPortThatIsTakenIsAnError() throws {
        let database = ZoneDirectory([ZonePath(Self.zones)]).load().database
        let playground = try Playground(serving: database)
        defer { playground.stop() }
        let port = playground.stages[0].addresses[0].port
        #expect(throws: PlaygroundError.self) { try Playground(serving: database, port: port) }
    }

    @Test func zonesWithoutLoopbackAddressesAreAnError() throws {
        #expect(throws: PlaygroundError.self) { try Playground(serving: RunningServer.database(serial: 1)) }
        #expect(throws: PlaygroundError.self) { try Playground(serving: .empty) }
    }
}
