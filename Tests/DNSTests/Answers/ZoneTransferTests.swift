import DNS
import TestSupport
import Testing

/// Zone transfers, message by message, against what the zone's file says.
@Suite struct ZoneTransferTests {
    @Test(arguments: (try? Scenario.all()) ?? [])
    func transfersWhatTheFileSays(_ scenario: Scenario) throws {
        for group in scenario.groups {
            let database = try group.database()
            for (origin, text) in group.zones {
                let origin = try Name(origin)
                let messages = try Self.messages(for: Question(origin, .axfr), from: database)
                let records = messages.flatMap(\.answer)
                #expect(records.first?.type == .soa && records.first == records.last, "\(scenario.name) \(origin)")
                let file = ZoneParser.parse(path: "zone", origin: origin) { _ in .success(text) }.zone
                let sent = Set(records.map(WithoutTTL.init))
                let wanted = Set((0..<file.recordCount).map { WithoutTTL(file[$0]) })
                #expect(sent == wanted, "\(scenario.name) \(origin)")
                #expect(records.count == wanted.count + 1, "\(scenario.name) \(origin): a record is sent twice")
            }
        }
    }

    /// A set that is larger than the messages usually are, names of it compressed, still is one piece.
    @Test func transfersLargeSets() throws {
        var text = "@ 60 SOA ns.other. host.other. 1 2 3 4 5\n@ 60 NS ns.other.\n"
        for index in 0..<1200 { text += "big 60 MX \(index) host\(index).somewhere.long.example.net.\n" }
        for index in 0..<500 { text += "n\(index) 60 A 192.0.2.1\n" }
        let origin = try Name("example.")
        let zone = try #require(
            ZoneLoader.load(path: "zone", origin: origin, seed: 1) { _ in .success(Array(text.utf8)) }.zone)
        let database = Database(zones: [zone], unavailable: [], seed: 1)
        let messages = try Self.messages(for: Question(origin, .axfr), from: database)
        let records = messages.flatMap(\.answer)
        #expect(records.count == 1200 + 500 + 3)
        #expect(Set(records.map(WithoutTTL.init)).count == 1200 + 500 + 2)
        #expect(messages.count < 8)
    }

    /// What a piece has compiled is given back while others are compiled: what comes behind the many names needs it.
    @Test(arguments: [
        "", "@ 60 TXT late\n", "n7 60 TXT late\n", "deep.down 60 A 192.0.2.1\n", "cut 60 NS n1.example.\n",
    ])
    func transfersPlainZonesOfManyNames(_ last: String) throws {
        var text = "@ 60 SOA ns.other. host.other. 1 2 3 4 5\n@ 60 NS ns.other.\n"
        for index in 0..<9_000 { text += "n\(index) 60 A 10.1.\(index / 256).\(index % 256)\n" }
        text += last
        let octets = Array(text.utf8)
        let origin = try Name("example.")
        let loaded = ZoneLoader.load(path: "zone", origin: origin, seed: 1, recordsPerPiece: 2) { _ in .success(octets)
        }
        let database = Database(zones: [try #require(loaded.zone)], unavailable: [], seed: 1)
        let records = try Self.messages(for: Question(origin, .axfr), from: database).flatMap(\.answer)
        let file = ZoneParser.parse(path: "zone", origin: origin) { _ in .success(octets) }.zone
        #expect(Set(records.map(WithoutTTL.init)) == Set((0..<file.recordCount).map { WithoutTTL(file[$0]) }))
        #expect(records.count == file.recordCount + 1)
    }

    /// Records and signatures that fit a message each, but not one together.
    @Test func transfersSignaturesInAMessageOfTheirOwn() throws {
        var text = "@ 60 SOA ns.other. host.other. 1 2 3 4 5\n@ 60 NS ns.other.\nzz 60 A 192.0.2.1\n"
        for index in 0..<240 { text += "big 60 TXT \"\(String(repeating: "x", count: 240))\(index)\"\n" }
        let signature = String(repeating: "Sign", count: 256)
        for owner in [("@", "SOA"), ("big", "TXT")] {
            for tag in 0..<12 {
                text +=
                    "\(owner.0) 60 RRSIG \(owner.1) 13 1 60 20300101000000 20250101000000 \(tag) example. \(signature)\n"
            }
        }
        let origin = try Name("example.")
        let loaded = ZoneLoader.load(path: "zone", origin: origin, seed: 1) { _ in .success(Array(text.utf8)) }
        let database = Database(zones: [try #require(loaded.zone)], unavailable: [], seed: 1)
        let records = try Self.messages(for: Question(origin, .axfr), from: database).flatMap(\.answer)
        #expect(records.count == 3 + 240 + 24 + 1)
        #expect(Set(records.map(WithoutTTL.init)).count == 3 + 240 + 24)
        #expect(records.last?.type == .soa && records.first == records.last)
    }

    @Test func whoMayNotIsRefused() throws {
        let text = "@ 60 SOA ns.other. host.other. 7 2 3 4 5\n@ 60 NS ns.other.\na 60 A 192.0.2.1\n"
        let origin = try Name("example.")
        let zone = try #require(
            ZoneLoader.load(path: "zone", origin: origin, seed: 1) { _ in .success(Array(text.utf8)) }.zone)
        let database = Database(zones: [zone], unavailable: [], seed: 1)
        let refused = try Self.messages(for: Question(origin, .axfr), from: database, mayTransfer: false)
        #expect(refused.map(\.header.responseCode) == [.refused])
        let below = try Self.messages(for: Question(try Name("a.example."), .axfr), from: database)
        #expect(below.map(\.header.responseCode) == [.notAuthoritative])
        let outside = try Self.messages(for: Question(try Name("elsewhere."), .axfr), from: database)
        #expect(outside.map(\.header.responseCode) == [.notAuthoritative])
    }

    /// The OPT record stands in the first message, and its DO is the query's (RFC 3225 §3).
    @Test(arguments: [nil, false, true] as [Bool?])
    func theFirstMessageSpeaksOfEDNS(dnssecOK: Bool?) throws {
        var text = "@ 60 SOA ns.other. host.other. 7 2 3 4 5\n@ 60 NS ns.other.\n"
        for index in 0..<2_000 { text += "n\(index) 60 A 192.0.2.1\n" }
        let origin = try Name("example.")
        let zone = try #require(
            ZoneLoader.load(path: "zone", origin: origin, seed: 1) { _ in .success(Array(text.utf8)) }.zone)
        let database = Database(zones: [zone], unavailable: [], seed: 1)
        var edns = EDNS(udpPayloadSize: 1_232)
        edns.dnssecOK = dnssecOK == true
        let messages = try Self.messages(
            for: Question(origin, .axfr), edns: dnssecOK == nil ? nil : edns, from: database)
        #expect(messages.count > 1 && messages[0].edns?.dnssecOK == dnssecOK)
        #expect(messages.dropFirst().allSatisfy { $0.edns == nil })
    }

    /// RFC 1995 §2: the zone where the client's serial is older, the SOA record alone where it is not.
    @Test(arguments: [(6, 4), (7, 1), (8, 1)] as [(UInt32, Int)])
    func incrementalTransfersAreWhole(_ serial: UInt32, _ records: Int) throws {
        let text = "@ 60 SOA ns.other. host.other. 7 2 3 4 5\n@ 60 NS ns.other.\na 60 A 192.0.2.1\n"
        let origin = try Name("example.")
        let zone = try #require(
            ZoneLoader.load(path: "zone", origin: origin, seed: 1) { _ in .success(Array(text.utf8)) }.zone)
        let database = Database(zones: [zone], unavailable: [], seed: 1)
        let had = try Record("example. 60 IN SOA ns.other. host.other. \(serial) 2 3 4 5")
        let messages = try Self.messages(for: Question(origin, .ixfr), authority: [had], from: database)
        #expect(messages.flatMap(\.answer).count == records)
    }

    /// All messages that a query gets over TCP.
    private static func messages(
        for question: Question, authority: [Record] = [], edns: EDNS? = nil, from database: Database,
        mayTransfer: Bool = true
    ) throws -> [Message] {
        var query = Message(id: 7, question: question, edns: edns)
        query.authority = authority
        let octets = try query.encoded()
        var responder = Responder()
        var room = [UInt8](repeating: 0, count: Message.maximumCount)
        var span = room.mutableSpan
        var messages: [Message] = []
        let reply = responder.respond(toStreamed: octets.span, from: database, mayTransfer: mayTransfer, into: &span)
        switch consume reply {
        case .message(let count):
            return [try Message(decoding: span.span.extracting(0..<count))]
        case .transfer(var transfer):
            while !transfer.isFinished {
                let count = transfer.next(into: &span)
                messages.append(try Message(decoding: span.span.extracting(0..<count)))
                #expect(messages.last?.header.id == 7 && messages.last?.header.isAuthoritative == true)
            }
        }
        return messages
    }

    /// Sets have one TTL when they are served, whatever the file says, and names that differ in case only are the same.
    private struct WithoutTTL: Hashable {
        var owner: Name
        var data: [UInt8]
        var type: RecordType

        init(_ record: Record) {
            owner = record.owner
            data = record.data.canonical
            type = record.type
        }
    }
}
