import Foundation
import TestSupport
import Testing

@testable import DNS

/// Parsing in pieces gives what parsing in one go gives, wherever the text is cut and in whatever order the pieces are
/// parsed.
@Suite struct ZonePieceTests {
    private static var orders: [Parallel] {
        [
            { count, work in for index in 0..<count { work(index) } },
            { count, work in for index in (0..<count).reversed() { work(index) } },
            { count, work in for index in 0..<count { work((index + count / 2) % count) } },
        ]
    }

    /// In each order, with pieces so small that nearly every line is one, and somewhat larger ones.
    private func expectSame(_ zoneCase: ZoneFileCase) throws {
        let whole = try zoneCase.parsed()
        for size in [1, 20, 50, 200] {
            for order in Self.orders {
                let place = Comment(rawValue: "\(zoneCase.place), in pieces of \(size)")
                expectSameZone(try zoneCase.parsed(in: ZonePieces(size: size, order)), whole, place)
            }
        }
    }

    @Test(arguments: (try? ZoneFileCase.all()) ?? [])
    func corpus(_ zoneCase: ZoneFileCase) throws {
        try expectSame(zoneCase)
    }

    /// Only what is wrong is wanted: the same problems and numbers, and no records.
    @Test(arguments: (try? ZoneFileCase.all()) ?? [])
    func withoutRecords(_ zoneCase: ZoneFileCase) throws {
        let whole = try zoneCase.parsed()
        for pieces in [nil, ZonePieces(size: 20, Self.orders[1])] {
            let result = try zoneCase.parsed(in: pieces, keepsRecords: false)
            #expect(result.problems == whole.problems)
            #expect((result.errorCount, result.warningCount) == (whole.errorCount, whole.warningCount))
            #expect(result.recordCount == whole.recordCount)
            #expect(result.zone.recordCount == 0)
        }
    }

    @Test(arguments: (try? TestData.files(in: "../zones", suffix: ".zone")) ?? [])
    func sampleZones(_ file: URL) throws {
        var zoneCase = try #require(try ZoneFileCase.all().first)
        zoneCase.place = file.lastPathComponent
        zoneCase.origin = String(file.lastPathComponent.dropLast(4))
        zoneCase.text = [UInt8](try Data(contentsOf: file))
        try expectSame(zoneCase)
    }

    /// Lines in any order: the state that one leaves for the next crosses every seam.
    @Test(arguments: 0..<200)
    func generated(seed: UInt64) throws {
        let lines = [
            "a 300 A 192.0.2.1", "b A 192.0.2.2", "@ SOA ns hostmaster 1 2 3 4 500", "c 1h IN A 192.0.2.3",
            " A 192.0.2.4",
            "\tTXT \"a ; b\" (", "x )", "; comment", "", "a.b.c NS ns1.a", "c 60 MX 5 mail", "b.other. A 192.0.2.5",
            "d TXT ( \"one\"", "\"two\" )", "(", ")", "e TXT ( a", "f ) ; (", "d AAAA 2001:db8::1",
        ]
        let rare = [
            "$TTL 77", "$ORIGIN sub", "$ORIGIN example.", "$INCLUDE more", "$GENERATE 1-3 g$ A 192.0.2.$",
            "h A nonsense",
            "\"i", "$NONSENSE", "\u{FEFF}",
        ]
        var random = SeededGenerator(seed: seed)
        var zoneCase = try #require(try ZoneFileCase.all().first)
        zoneCase.place = "seed \(seed)"
        zoneCase.origin = "example."
        zoneCase.files = ["more": Array("m A 192.0.2.9\nn 900 A 192.0.2.10\n".utf8)]
        var text = seed % 3 == 0 ? "$TTL 1800\n" : ""
        for _ in 0..<Int.random(in: 1..<40, using: &random) {
            let isRare = seed % 2 == 1 && Int.random(in: 0..<30, using: &random) == 0
            text += (isRare ? rare : lines).randomElement(using: &random) ?? ""
            text += Int.random(in: 0..<20, using: &random) == 0 ? "\r\n" : "\n"
        }
        zoneCase.text = Array(text.utf8)
        try expectSame(zoneCase)
    }

    /// Not only the first piece is parsed so: what is parsed in pieces is not parsed again.
    @Test func piecesAreUsed() {
        let text = "$TTL 60\n" + (0..<100).map { "name\($0) A 192.0.2.1\n" }.joined()
        var counts: [Int] = []
        let pieces = ZonePieces(size: 40) { count, work in
            counts.append(count)
            for index in 0..<count { work(index) }
        }
        let result = ZoneParser.parse(path: "zone", origin: .root, in: pieces) { _ in .success(Array(text.utf8)) }
        #expect(result.recordCount == 100)
        #expect(counts.count == 1 && counts[0] > 30)
    }
}

/// That two ways of parsing a text gave the same, wherever its names stand in memory.
func expectSameZone(_ result: ZoneParseResult, _ whole: ZoneParseResult, _ place: Comment) {
    #expect(result.problems == whole.problems, place)
    #expect(result.errorCount == whole.errorCount, place)
    #expect(result.warningCount == whole.warningCount, place)
    #expect(result.recordCount == whole.recordCount, place)
    #expect(result.zone.files.map(\.path) == whole.zone.files.map(\.path), place)
    let isSame = result.zone.entries.elementsEqual(whole.zone.entries) { left, right in
        (left.type, left.ttl, left.source) == (right.type, right.ttl, right.source)
            && result.zone.owner(of: left).wire == whole.zone.owner(of: right).wire
            && result.zone.data(of: left) == whole.zone.data(of: right)
    }
    #expect(isSame, place)
}
