import Foundation
import TestSupport
import Testing

@testable import DNS

/// Records of plain words are parsed a short way. It gives what the general way gives: the same records, and the same
/// problems with the others.
@Suite struct PlainWordsTests {
    private func parsed(_ zoneCase: ZoneFileCase, takesPlainWords: Bool) throws -> ZoneParseResult {
        var builder = ZoneBuilder(origin: try Name(zoneCase.origin))
        builder.takesPlainWords = takesPlainWords
        builder.parseFile("zones/case", includedAt: nil, read: zoneCase.read)
        let (count, countWithoutTTL) = (builder.entryCount, builder.entriesWithoutTTL ?? builder.entryCount)
        return ZoneParseResult(
            zone: builder.finish(), found: builder.problems, recordCount: count, recordsWithoutTTL: countWithoutTTL)
    }

    /// As it is, and with so much behind it that the last lines are read as those before them.
    private func expectSame(_ zoneCase: ZoneFileCase) throws {
        var zoneCase = zoneCase
        for _ in 0..<2 {
            let whole = try parsed(zoneCase, takesPlainWords: false)
            expectSameZone(
                try parsed(zoneCase, takesPlainWords: true), whole,
                "\(zoneCase.place): \(String(decoding: zoneCase.text.prefix(4000), as: UTF8.self))")
            zoneCase.text += Array("\n;".utf8) + [UInt8](repeating: 0x78, count: 300)
        }
    }

    private static let cases = Result {
        try ZoneFileCase.all() + ZoneFileCase.all(in: "DNSTests/Checks")
            + TestData.files(in: "../zones", suffix: ".zone").map { file in
                var zoneCase = try #require(try ZoneFileCase.all().first)
                zoneCase.place = file.lastPathComponent
                zoneCase.origin = String(file.lastPathComponent.dropLast(4))
                zoneCase.text = [UInt8](try Data(contentsOf: file))
                return zoneCase
            }
    }

    @Test func corpus() throws {
        for zoneCase in try Self.cases.get() { try expectSame(zoneCase) }
    }

    @Test(arguments: 0..<16)
    func mutatedCorpus(seed: UInt64) throws {
        let cases = try Self.cases.get()
        var random = SplitMix64(state: seed)
        for _ in 0..<60 {
            var damaged = random.pick(cases)
            damaged.text = random.damaged(damaged.text, with: random.pick(cases).text)
            try expectSame(damaged)
        }
    }

    /// Lines of words that belong there and words that do not, with this and that between them.
    @Test(arguments: 0..<16)
    func generatedLines(seed: UInt64) throws {
        let words = [
            "a", "@", "b.c", "d.example.", "e.other.", ".", "a..b", "*", "\\097", "$TTL", "$ORIGIN", "$INCLUDE", "IN",
            "in", "CH", "CLASS1",
            "300",
            "1h", "99999999", "100000000", "4294967296", "A", "aaaa", "NS", "mx", "TXT", "TYPE1", "TYPE41", "ANY",
            "OPT",
            "192.0.2.1", "1.2.3", "256.1.1.1", "01.2.3.4", "2001:db8::1", "::", "1::2::3", "mail", "10", "\\#", "\"x\"",
            String(repeating: "l", count: 63), String(repeating: "l", count: 64), String(repeating: "l.", count: 40),
        ]
        let likely = ["a", "b.c", "300", "IN", "A", "AAAA", "NS", "192.0.2.1", "2001:db8::1", "b"]
        let gaps = [
            " ", " ", " ", " ", "\t", "  ", "\t\t\t   ", String(repeating: " ", count: 20), " ; ", "\r", "(", " ) ",
        ]
        var random = SplitMix64(state: seed)
        var zoneCase = try #require(try ZoneFileCase.all().first)
        for number in 0..<60 {
            zoneCase.place = "seed \(seed), \(number)"
            var text = random.below(2) == 0 ? "$TTL 60\n" : ""
            for _ in 0..<random.below(20) {
                if random.below(4) == 0 { text += random.pick(gaps) }
                for _ in 0..<random.below(7) {
                    text += random.pick(random.below(3) == 0 ? words : likely)
                    text += random.pick(random.below(3) == 0 ? gaps : [" "])
                }
                text += random.pick(["\n", "\n", "192.0.2.1\n", "\r\n"])
            }
            zoneCase.text = Array(text.utf8)
            try expectSame(zoneCase)
        }
    }

    /// Names as a whole, and label by label as near the end of a text.
    @Test func names() throws {
        var random = SplitMix64(state: 1)
        let origin = GrowingOctets(try Name("example.test").wire)
        func parse(_ text: [UInt8], _ count: Int) -> Result<[UInt8], NameError> {
            var wire = GrowingOctets()
            return Result { () throws(NameError) in
                try Name.parse(Octets(text.span), 0..<count, origin: origin, into: &wire)
                return wire.array
            }
        }
        for _ in 0..<4000 {
            let dots = random.below(70)
            let text = (0..<random.below(random.below(2) == 0 ? 20 : 270)).map { _ in
                random.below(1 + dots) == 0
                    ? UInt8(ascii: ".") : random.below(200) == 0 ? 0x5C : random.pick([0x61, 0x40])
            }
            // One octet is missing to a whole block of 16 at the end.
            let short = [UInt8](text.prefix(text.count / 16 * 16 + 15))
            let padded = short + [UInt8](repeating: 0x2E, count: 300)
            #expect(
                parse(padded, short.count) == parse(short, short.count), "\(String(decoding: short, as: UTF8.self))")
        }
    }

    /// Against what RFC 1035 §3.4.1 says, in the middle of a text and at its end.
    @Test func ipv4Addresses() {
        func plain(_ text: String) -> UInt32? {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            let values = parts.map { String($0) == String(UInt8($0) ?? 0) ? UInt8($0) : nil }
            guard values.count == 4, values.allSatisfy({ $0 != nil }) else { return nil }
            return values.reduce(0) { $0 << 8 | UInt32($1 ?? 0) }
        }
        var random = SplitMix64(state: 2)
        for _ in 0..<20_000 {
            var text = (0..<(random.below(20) == 0 ? 3 + random.below(3) : 4)).map { _ in String(random.below(280)) }
                .joined(separator: ".")
            if random.below(3) == 0 {
                var octets = Array(text.utf8)
                octets[random.below(octets.count)] = random.pick(Array("0.1a/: \\".utf8) + [0xB1])
                text = String(decoding: octets, as: UTF8.self)
            }
            let octets = Array(text.utf8)
            let padded = octets + Array("9.1.1.1 9.9.9.9.9.9".utf8)
            #expect(IPv4Address.value(Octets(octets.span), 0..<octets.count) == plain(text), "\(text)")
            #expect(IPv4Address.value(Octets(padded.span), 0..<octets.count) == plain(text), "\(text)")
        }
    }
}
