import DNS
import Foundation
import TestSupport
import Testing

/// What tells two versions of a zone apart.
@Suite struct ZoneDifferenceTests {
    /// Two versions of the zone example., and the lines that tell them apart.
    struct Case: Sendable, CustomStringConvertible {
        var name: String
        var sections: [String: [String]] = [:]
        var description: String { name }

        static func all() throws -> [Case] {
            let file = TestData.root.appending(path: "DNSTests/Zones/differences.cases")
            var cases: [Case] = []
            var section = ""
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                if line.hasPrefix("--- case ") {
                    cases.append(Case(name: String(line.dropFirst(9))))
                } else if line.hasPrefix("--- ") {
                    section = String(line.dropFirst(4))
                } else if !cases.isEmpty {
                    cases[cases.count - 1].sections[section, default: []].append(String(line))
                }
            }
            return cases
        }

        func zone(_ section: String, seed: UInt64, recordsPerPiece: Int) throws -> CompiledZone {
            var lines = sections[section] ?? []
            if !lines.contains(where: { $0.contains(" SOA ") }) {
                lines = ["@ 60 SOA ns.other. h 1 2 3 4 5", "@ 60 NS ns.other."] + lines
            }
            let text = Array((lines.joined(separator: "\n") + "\n").utf8)
            let loaded = ZoneLoader.load(
                path: section, origin: try Name("example."), seed: seed, parallel: Pieces.backwards,
                recordsPerPiece: recordsPerPiece
            ) { _ in .success(text) }
            return try #require(loaded.zone, "\(loaded.problems)")
        }
    }

    @Test(arguments: try Case.all(), Pieces.sizes) func lines(_ pair: Case, recordsPerPiece: Int) throws {
        let old = try pair.zone("old", seed: 1, recordsPerPiece: recordsPerPiece)
        let new = try pair.zone("new", seed: 2, recordsPerPiece: recordsPerPiece)
        let difference = ZoneDifference(from: old, to: new)
        #expect(difference.changes.flatMap(\.lines) == pair.sections["lines"] ?? [])
        #expect(difference.isEmpty == difference.changes.isEmpty)
        // A transfer with the same changes tells the same.
        let step = ZoneDifference(
            from: difference.serials.before, to: difference.serials.after,
            removing: difference.changes.flatMap(\.before), adding: difference.changes.flatMap(\.after))
        #expect(step.changes.flatMap(\.lines).sorted() == difference.changes.flatMap(\.lines).sorted())
        // What comes one way goes the other.
        let back = ZoneDifference(from: new, to: old)
        #expect(Set(back.changes.flatMap(\.added)) == Set(difference.changes.flatMap(\.removed)))
        #expect(Set(back.changes.flatMap(\.removed)) == Set(difference.changes.flatMap(\.added)))
        for zone in [old, new] { #expect(ZoneDifference(from: zone, to: zone).isEmpty) }
    }

    @Test func theSummaryIsShort() throws {
        var pair = Case(name: "many")
        pair.sections = ["old": [], "new": (1...100).map { "n\($0) 60 A 192.0.2.1" }]
        let old = try pair.zone("old", seed: 1, recordsPerPiece: 1_000)
        let new = try pair.zone("new", seed: 1, recordsPerPiece: 1_000)
        let lines = ZoneDifference(from: old, to: new, limit: 20).summary(limit: 20)
        #expect(lines.count == 21)
        #expect(lines.first == "+ n1.example. 60 IN A 192.0.2.1")
        #expect(lines.last == "and 80 more RRsets")
    }
}
