import DNS
import TestSupport
import Testing

/// Packets that nobody sane sends: the queries of all scenarios, damaged. Whatever comes, the reply decodes, keeps to its
/// size, and is one; a trap would end the test run.
@Suite struct HostileQueryTests {
    private static let packetsAGroup = 4_000

    @Test func damagedQueriesAreSurvived() throws {
        var random = SeededGenerator(seed: 20_260_101)
        var replies = 0
        for scenario in try Scenario.all() {
            for group in scenario.groups where !group.steps.isEmpty {
                let database = try group.database()
                for _ in 0..<(Self.packetsAGroup / scenario.groups.count) {
                    let query = Self.damaged(group.steps.randomElement(using: &random)!.query, using: &random)
                    for transport in [Transport.udp, .tcp] {
                        guard let reply = respond(to: query, over: transport, from: database) else { continue }
                        replies += 1
                        check(reply, to: query, over: transport)
                    }
                }
            }
        }
        #expect(replies > 50_000)
    }

    /// A record for whose place two octets are not enough, as no transport brings it.
    @Test func nothingLongerThanAMessageIsAnswered() throws {
        var query: [UInt8] = [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 1, 0, 1]
        query += [0, 0, 1, 0, 1, 0, 0, 0, 0, 0xFF, 0xFF] + [UInt8](repeating: 0xC0, count: 65_535)
        // TSIG: ANY, an algorithm, time, fudge, no MAC, id, no error, nothing else.
        query += [0, 0, 250, 0, 255, 0, 0, 0, 0, 0, 17] + [UInt8](repeating: 0, count: 17)
        #expect(respond(to: query, over: .tcp, from: .empty) == nil)
    }

    private func check(_ reply: [UInt8], to query: [UInt8], over transport: Transport) {
        #expect(reply.prefix(2) == query.prefix(2) && reply[2] & 0x80 != 0, "\(query.hex)")
        #expect(reply.count <= (transport == .udp ? 1232 : 65_535), "\(query.hex)")
        #expect(throws: Never.self, "\(query.hex) gets \(reply.hex)") { try Message(decoding: reply.span) }
    }

    /// One to four changes: an octet, a bit, a piece cut out, doubled or moved, counts, or another end.
    private static func damaged(_ query: [UInt8], using random: inout SeededGenerator) -> [UInt8] {
        var packet = query
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            guard packet.count > 1 else { return packet }
            let place = Int.random(in: 0..<packet.count, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0: packet[place] = UInt8.random(in: 0...255, using: &random)
            case 1: packet[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
            case 2: packet.removeSubrange(place..<min(packet.count, place + Int.random(in: 1...20, using: &random)))
            case 3: packet.insert(contentsOf: packet[place...].prefix(40), at: place)
            case 4: packet.removeLast(packet.count - place)
            case 5:
                packet[min(packet.count - 1, Int.random(in: 4..<12, using: &random))] = UInt8.random(
                    in: 0...3, using: &random)
            case 6: packet.append(contentsOf: (0..<20).map { _ in UInt8.random(in: 0...255, using: &random) })
            default: packet[place] = [0x00, 0x3F, 0x40, 0xC0, 0xFF].randomElement(using: &random)!
            }
        }
        return packet
    }
}

extension HostileQueryTests {
    /// A message of pointers that point at pointers, as often as 65,535 octets allow: refused at the
    /// 128th, or each such record would cost thousands of steps.
    @Test func pointersWithoutEndAreRefused() throws {
        let database = try #require(try Scenario.all().first?.groups.first?.database())
        var packet: [UInt8] = [0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 1, 0, 1]
        // Data that is a chain of pointers, each to the one before; then records that begin at its end.
        packet += [0, 0, 16, 0, 1, 0, 0, 0, 0, 0x3F, 0x00]
        let first = packet.count
        packet += [0xC0, 0x0C]
        while packet.count < first + 0x3F00 {
            let target = packet.count - 2
            packet += [0xC0 | UInt8(target >> 8), UInt8(target & 0xFF)]
        }
        let last = packet.count - 2
        while packet.count < 65_000 {
            packet += [0xC0 | UInt8(last >> 8), UInt8(last & 0xFF), 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]
        }
        let reply = try #require(respond(to: packet, over: .tcp, from: database))
        #expect(try Message(decoding: reply.span).header.responseCode == .formatError)
    }
}
