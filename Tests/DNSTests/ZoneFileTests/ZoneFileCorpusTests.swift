import DNS
import TestSupport
import Testing

/// Each case of Tests/DNSTests/ZoneFiles.
@Suite struct ZoneFileCorpusTests {
    static let cases = Result { try ZoneFileCase.all() }

    @Test func corpusIsWellFormed() throws {
        let cases = try Self.cases.get()
        #expect(cases.count >= 200)
        for (name, same) in Dictionary(grouping: cases, by: \.name) where same.count > 1 {
            Issue.record("\(same.map(\.place)) have the same name, \(name)")
        }
    }

    @Test(arguments: (try? cases.get()) ?? [])
    func parse(_ zoneCase: ZoneFileCase) throws {
        let result = try zoneCase.parsed()
        let place = Comment(rawValue: zoneCase.place)
        #expect(result.problems.map(zoneCase.line(of:)) == zoneCase.problems, place)
        #expect(result.unreportedProblems == 0, place)
        #expect(result.hasErrors == !zoneCase.isAccepted, place)
        if zoneCase.isAccepted {
            let printed = ZonePrinter.print(result.zone)
            #expect(printed.split(separator: "\n").map(String.init) == zoneCase.records, place)
        }
    }

    /// What is printed means the same records again, wherever the origin is.
    @Test(arguments: ((try? cases.get()) ?? []).filter(\.isAccepted))
    func printed(_ zoneCase: ZoneFileCase) throws {
        let zone = try zoneCase.parsed().zone
        let printed = ZonePrinter.print(zone)
        let again = ZoneParser.parse(path: "printed", origin: zone.origin) { _ in .success(Array(printed.utf8)) }
        #expect(again.problems.map(\.description) == [], Comment(rawValue: zoneCase.place))
        #expect((0..<zone.recordCount).map { zone[$0] } == (0..<again.zone.recordCount).map { again.zone[$0] })
    }
}

extension ZoneFileCase {
    func parsed(in pieces: ZonePieces? = nil, keepsRecords: Bool = true) throws -> ZoneParseResult {
        ZoneParser.parse(
            path: "zones/case", origin: try Name(origin), in: pieces, keepsRecords: keepsRecords, read: read)
    }

    func read(_ path: String) -> Result<[UInt8], ZoneReadError> {
        if path == "zones/case" { return .success(text) }
        if let octets = files[String(path.dropFirst("zones/".count))] { return .success(octets) }
        return .failure(ZoneReadError("there is no such file"))
    }

    func line(of problem: ZoneFileError) -> String {
        let file = problem.path == "zones/case" ? "" : problem.path.dropFirst("zones/".count) + ":"
        let severity = problem.severity == .warning ? "warning: " : ""
        return "\(file)\(problem.line):\(problem.column) \(severity)\(problem.message)"
    }
}
