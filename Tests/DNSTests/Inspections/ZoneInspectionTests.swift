import Foundation
import TestSupport
import Testing

@testable import DNS

/// What is doubtful in zones that can be served.
@Suite struct ZoneInspectionTests {
    /// 2026-01-01 00:00 UTC.
    static let now = 1_767_225_600

    @Test(arguments: try ZoneFileCase.all(in: "DNSTests/Checks"), Pieces.sizes)
    func inspect(_ zoneCase: ZoneFileCase, recordsPerPiece: Int) throws {
        let inspection = ZoneInspection.inspect(
            path: "zones/case", origin: try Name(zoneCase.origin), now: Self.now, parallel: Pieces.backwards,
            recordsPerPiece: recordsPerPiece
        ) { path in
            if path == "zones/case" { return .success(zoneCase.text) }
            return zoneCase.files[String(path.dropFirst("zones/".count))].map { .success($0) }
                ?? .failure(ZoneReadError("there is no such file"))
        }
        let place = Comment(rawValue: zoneCase.place)
        #expect((inspection.errorCount == 0) == zoneCase.isAccepted, place)
        #expect(inspection.problems.map { line(of: $0, zoneCase) } == zoneCase.problems, place)
        #expect(inspection.unreportedProblems == 0, place)
    }

    private func line(of problem: ZoneFileError, _ zoneCase: ZoneFileCase) -> String {
        let line = zoneCase.line(of: problem)
        let message = line.utf8.count - problem.message.utf8.count
        return "\(line.prefix(message))[\(problem.code.word)] \(problem.message)"
    }

    /// The loader's own cases: it knows no error that the check does not.
    @Test(arguments: try ZoneFileCase.all(in: "DNSTests/ZoneChecks"))
    func findsWhatTheLoaderFinds(_ zoneCase: ZoneFileCase) throws {
        let found = ZoneInspection.inspect(path: "zones/case", origin: try Name(zoneCase.origin)) { _ in
            .success(zoneCase.text)
        }
        #expect((found.errorCount == 0) == zoneCase.isAccepted)
        let lines = Set(found.problems.map(zoneCase.line(of:)))
        #expect(lines.isSuperset(of: zoneCase.problems), Comment(rawValue: zoneCase.place))
    }

    /// Of many problems few are kept, and all counted.
    @Test func problemsAreBounded() throws {
        let hosts = (0..<5_000).map { "a\($0) 0 MX 10 nowhere\n" }.joined()
        let text = "@ 300 SOA ns.other. h.other. 1 7200 900 1209600 300\n@ 300 NS ns.other.\n\(hosts)"
        for size in Pieces.sizes {
            let found = ZoneInspection.inspect(
                path: "zone", origin: try Name("example.test."), parallel: Pieces.backwards, recordsPerPiece: size
            ) { _ in .success(Array(text.utf8)) }
            #expect(found.problems.count == 2 * Limits.checkProblemsPerCode)
            #expect(found.warningCount == 10_000)
            #expect(found.unreportedProblems == 10_000 - 2 * Limits.checkProblemsPerCode)
        }
    }

    @Test func eachCodeIsDocumented() throws {
        let text = try String(contentsOf: TestData.root.appending(path: "../docs/checks.md"), encoding: .utf8)
        let lines = Set(text.split(separator: "\n").map(String.init))
        let rows = lines.count { $0.contains("` | error |") || $0.contains("` | warning |") }
        #expect(rows == ProblemCode.allCases.count)
        for code in ProblemCode.allCases {
            let severity = code.rule.severity == .error ? "error" : "warning"
            let line = "| `\(code.word)` | \(severity) | \(code.rule.summary) | \(code.rule.hint) |"
            #expect(lines.contains(line.replacing("\\", with: "\\\\")), "docs/checks.md lacks: \(line)")
        }
    }

    /// What parent and child disagree on.
    @Test func parentAndChild() throws {
        let soa = "@ 300 SOA ns.other. h.other. 1 7200 900 1209600 300\n"
        let key = """
            GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLoNAJA==
            """
        let digest = "13 2 B4C8C1FE2E7477127B27115656AD6256F424625BF5C1E2770CE6D6E37DF61D17"
        let cases: [(parent: String, child: String, problems: [String])] = [
            ("c NS ns.c\nns.c A 192.0.2.1", "@ NS NS\nns A 192.0.2.1", []),
            ("c NS ns.c\nns.c A 192.0.2.1", "@ NS ns\nns A 192.0.2.2", ["p:3:1 child-addresses"]),
            ("c NS ns.other.", "@ NS ns2.other.", ["p:3:1 child-servers"]),
            ("x A 192.0.2.1", "@ NS ns.other.", ["c:2:1 child-undelegated"]),
            ("c NS ns.other.\nc DS 3385 \(digest)", "@ NS ns.other.", ["p:4:1 child-keys"]),
            ("c NS ns.other.\nc DS 1 \(digest)", "@ NS ns.other.\n@ DNSKEY 257 3 13 \(key)", ["p:4:1 child-keys"]),
            ("c NS ns.other.\nc DS 3385 \(digest)", "@ NS ns.other.\n@ DNSKEY 257 3 13 \(key)", []),
            (
                "c NS ns.other.\n@ RRSIG NS 13 2 300 20260201000000 20251201000000 3385 @ AAAA",
                "@ NS ns.other.\n@ DNSKEY 257 3 13 \(key)", ["c:3:1 child-keys"]
            ),
        ]
        for (number, pair) in cases.enumerated() {
            let child = try inspect("c", "c.p.test.", "\(soa)\(pair.child)\n")
            let parent = try inspect("p", "p.test.", "\(soa)@ 300 NS ns.other.\n\(pair.parent)\n", [child.origin])
            let problems = ZoneInspection.compare(parent: parent, child: child)
            let lines = problems.map { "\($0.path):\($0.line):\($0.column) \($0.code.word)" }
            #expect(lines == pair.problems, "case \(number)")
        }
        // A zone between them has been delegated to somebody else.
        let child = try inspect("c", "c.b.p.test.", "\(soa)@ NS ns.other.\n")
        let parent = try inspect("p", "p.test.", "\(soa)@ NS ns.other.\nb NS ns.other.\n", [child.origin])
        #expect(ZoneInspection.compare(parent: parent, child: child) == [])
    }

    private func inspect(
        _ path: String, _ origin: String, _ text: String, _ children: [Name] = []
    ) throws -> ZoneInspection {
        ZoneInspection.inspect(path: path, origin: try Name(origin), now: Self.now, children: children) { _ in
            .success(Array(text.utf8))
        }
    }
}
