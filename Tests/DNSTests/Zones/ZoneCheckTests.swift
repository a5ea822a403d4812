import DNS
import TestSupport
import Testing

/// What a zone must not hold although each record by itself is well-formed.
@Suite struct ZoneCheckTests {
    @Test(arguments: try ZoneFileCase.all(in: "DNSTests/ZoneChecks"), Pieces.sizes)
    func check(_ zoneCase: ZoneFileCase, recordsPerPiece: Int) throws {
        let loaded = ZoneLoader.load(
            path: "zones/case", origin: try Name(zoneCase.origin), seed: 1, parallel: Pieces.backwards,
            recordsPerPiece: recordsPerPiece
        ) { _ in .success(zoneCase.text) }
        let place = Comment(rawValue: zoneCase.place)
        #expect((loaded.zone != nil) == zoneCase.isAccepted, place)
        #expect(loaded.problems.map(zoneCase.line(of:)) == zoneCase.problems, place)
    }

    /// RFC 4592 §4.2 leaves open what they mean. Below a cut they mean nothing anyway.
    @Test func nameServersAtWildcards() throws {
        let problems = try self.problems("* NS ns.other.")
        #expect(problems.map(\.message) == ["an NS record must not stand at a wildcard (RFC 4592 §4.2)"])
        #expect(problems.first?.severity == .error && problems.first?.line == 3)
        #expect(try self.problems("sub NS ns.other.\n*.sub NS ns.other.").allSatisfy { $0.severity == .warning })
    }

    private func problems(_ lines: String) throws -> [ZoneFileError] {
        let text = "@ 60 SOA ns.other. h 1 2 3 4 5\n@ NS ns.other.\n\(lines)\n"
        return ZoneLoader.load(path: "zone", origin: try Name("example."), seed: 1) { _ in .success(Array(text.utf8)) }
            .problems
    }
}
