import TestSupport
import Testing

@testable import DNS

/// Damaged zone files: whatever is in them, parsing ends, and what is accepted means the same when it is printed.
@Suite struct ZoneFileMutationTests {
    @Test(arguments: 0..<16)
    func mutatedCorpus(seed: UInt64) throws {
        let cases = try ZoneFileCase.all()
        var random = SplitMix64(state: seed)
        for _ in 0..<150 {
            var damaged = random.pick(cases)
            damaged.text = random.damaged(damaged.text, with: random.pick(cases).text)
            for (name, text) in damaged.files.sorted(by: { $0.key < $1.key }) where random.below(2) == 0 {
                damaged.files[name] = random.damaged(text, with: damaged.text)
            }
            let result = try damaged.parsed()
            #expect(result.problems.count <= Limits.reportedProblems)
            for problem in result.problems { #expect(!problem.description.isEmpty) }
            if result.hasErrors { continue }
            // Laying it out compares what it means.
            if damaged.files.isEmpty {
                let source = Comment(
                    rawValue: "seed \(seed): \(String(decoding: damaged.text, as: UTF8.self).debugDescription)")
                let once = try? ZoneFormatter.format(damaged.text, path: "zone")
                #expect(once != nil, source)
                #expect(try once == once.map { try ZoneFormatter.format($0, path: "zone") }, source)
            }
            let zone = result.zone
            let printed = ZonePrinter.print(zone)
            let again = ZoneParser.parse(path: "printed", origin: zone.origin) { _ in .success(Array(printed.utf8)) }
            let isSame = (0..<zone.recordCount).map { zone[$0] } == (0..<again.zone.recordCount).map { again.zone[$0] }
            #expect(
                isSame && !again.hasErrors,
                "seed \(seed), from \(damaged.place): \(String(decoding: damaged.text, as: UTF8.self))")
        }
    }

    /// The checks of whole zones bear whatever can be parsed.
    @Test(arguments: 0..<8)
    func inspectedCorpus(seed: UInt64) throws {
        let cases = try ZoneFileCase.all(in: "DNSTests/Checks")
        var random = SplitMix64(state: seed)
        for _ in 0..<150 {
            let zoneCase = random.pick(cases)
            let text = random.damaged(zoneCase.text, with: random.pick(cases).text)
            let origin = try Name(zoneCase.origin)
            let found = ZoneInspection.inspect(path: "zone", origin: origin, now: 1_767_225_600, children: [origin]) {
                _ in
                .success(text)
            }
            #expect(found.errorCount + found.warningCount >= found.problems.count)
            for problem in found.problems { #expect(!problem.textWithHint.isEmpty) }
            _ = ZoneInspection.compare(parent: found, child: found)
        }
    }

    @Test(arguments: 0..<8)
    func noise(seed: UInt64) {
        var random = SplitMix64(state: seed)
        for _ in 0..<100 {
            let text = (0..<random.below(300)).map { _ in random.octet() }
            let result = ZoneParser.parse(path: "zone", origin: .root) { _ in .success(text) }
            for problem in result.problems { #expect(!problem.description.isEmpty) }
        }
    }
}

/// Random numbers that are the same on each run.
struct SplitMix64 {
    var state: UInt64

    private static let special = Array("\n\n\r\t  \"();\\$@.#{},/-0123456789aA%\u{00}".utf8) + [0x80, 0xFF]

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    mutating func octet() -> UInt8 {
        below(3) == 0 ? UInt8(truncatingIfNeeded: next()) : pick(Self.special)
    }

    /// `text` with some octets left out, put in, replaced, repeated, or taken from `other`.
    mutating func damaged(_ text: [UInt8], with other: [UInt8]) -> [UInt8] {
        var text = text
        for _ in 0...below(4) {
            let start = below(text.count + 1)
            let end = min(text.count, start + below(below(2) == 0 ? 4 : 40))
            switch below(6) {
            case 0: text.removeSubrange(start..<end)
            case 1: text.insert(octet(), at: start)
            case 2: text.replaceSubrange(start..<end, with: [octet()])
            case 3: text.insert(contentsOf: text[start..<end], at: below(text.count + 1))
            case 4:
                let from = below(other.count + 1)
                text.insert(contentsOf: other[from..<min(other.count, from + below(60))], at: start)
            default:
                guard start < text.count else { continue }
                text[start] ^= UInt8(1) << UInt8(below(8))
            }
        }
        return text
    }
}
