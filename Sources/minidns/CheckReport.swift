import DNS
import DNSServer
import Logging

/// What a check found, as text, JSON and SARIF.
struct CheckReport {
    private let checking: ZoneDirectory.Checking

    /// Of one kind and one zone, so many are shown on a terminal.
    private static let shownPerCode = 10
    /// Zones beyond this many are told in the summary only, unless something is wrong with them.
    private static let zonesByLine = 20

    init(_ checking: ZoneDirectory.Checking) { self.checking = checking }

    /// Each with the zone that it is about.
    private var problems: [(origin: Name?, problem: ZoneFileError)] {
        checking.errors.map { (nil, ZoneFileError(.error, $0.message, code: .unreadable, path: $0.path)) }
            + checking.zones.flatMap { zone in zone.inspection.problems.map { (zone.source.origin, $0) } }
    }

    func log(to logger: Logger, milliseconds: UInt64) {
        for error in checking.errors { logger.error("\(error)") }
        for (number, zone) in checking.zones.enumerated() {
            let inspection = zone.inspection
            var counts: [ProblemCode: Int] = [:]
            for problem in inspection.problems {
                counts[problem.code, default: 0] += 1
                if counts[problem.code, default: 0] > Self.shownPerCode { continue }
                logger.log(level: problem.severity == .error ? .error : .warning, "\(problem.textWithHint)")
            }
            let hidden = counts.values.reduce(inspection.unreportedProblems) { $0 + max(0, $1 - Self.shownPerCode) }
            if hidden > 0 { logger.warning("\(zone.source.path): \(hidden) more problems are not shown") }
            let serial = inspection.serial.map { ", serial \($0)" } ?? ""
            let isGood = inspection.errorCount + inspection.warningCount == 0
            logger.log(
                level: number < Self.zonesByLine || !isGood ? .info : .debug,
                """
                zone \(zone.source.origin): \(Self.count(inspection.recordCount, "record"))\(serial), \
                \(Self.describe(inspection.errorCount, inspection.warningCount))
                """)
        }
        if checking.zones.isEmpty && checking.errors.isEmpty {
            logger.warning("there is no zone file; a file is named after its zone: example.test.zone")
        }
        let sum = { (count: KeyPath<ZoneInspection, Int>) in
            checking.zones.reduce(0) { $0 + $1.inspection[keyPath: count] }
        }
        logger.info(
            """
            zones: \(checking.zones.count) checked, \(Self.count(sum(\.recordCount), "record")), \
            \(Self.describe(sum(\.errorCount) + checking.errors.count, sum(\.warningCount))), \(milliseconds) ms
            """)
    }

    private static func describe(_ errors: Int, _ warnings: Int) -> String {
        errors + warnings == 0 ? "no problems" : "\(count(errors, "error")), \(count(warnings, "warning"))"
    }

    private static func count(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }

    /// One object a problem, one a line.
    var lines: String {
        problems.map { origin, problem in
            let value: JSON = [
                "zone": origin.map { .string($0.description) } ?? .null, "path": .string(problem.path),
                "line": .number(problem.line), "column": .number(problem.column),
                "severity": .string(Self.word(problem.severity)), "code": .string(problem.code.word),
                "message": .string(problem.message), "hint": .string(problem.hint),
            ]
            return value.text + "\n"
        }.joined()
    }

    private static func word(_ severity: ProblemCode.Severity) -> String { severity == .error ? "error" : "warning" }

    /// A log of the Static Analysis Results Interchange Format, version 2.1.0.
    var sarif: String {
        let codes = ProblemCode.allCases
        let rules = codes.map { code -> JSON in
            [
                "id": .string(code.word), "shortDescription": ["text": .string(code.rule.summary)],
                "help": ["text": .string(code.rule.hint)],
                "defaultConfiguration": ["level": .string(Self.word(code.rule.severity))],
            ]
        }
        let numbers = Dictionary(uniqueKeysWithValues: codes.enumerated().map { ($1, $0) })
        let results = problems.map { _, problem -> JSON in
            var place: [JSON.Member] = [.init("artifactLocation", ["uri": .string(Self.uri(problem.path))])]
            if problem.line > 0 {
                place.append(
                    .init("region", ["startLine": .number(problem.line), "startColumn": .number(problem.column)]))
            }
            return [
                "ruleId": .string(problem.code.word), "ruleIndex": .number(numbers[problem.code] ?? 0),
                "level": .string(Self.word(problem.severity)),
                "message": ["text": .string("\(problem.message) (\(problem.hint))")],
                "locations": [["physicalLocation": .object(place)]],
            ]
        }
        let log: JSON = [
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
            "runs": [
                ["tool": ["driver": ["name": "minidns", "rules": .array(rules)]], "results": .array(results)]
            ],
        ]
        return log.text
    }

    /// A path as a URI reference (RFC 3986 §3.3).
    private static func uri(_ path: String) -> String {
        var uri = ""
        for octet in path.utf8 {
            let scalar = Unicode.Scalar(octet)
            let isPlain = octet < 0x80 && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            if isPlain || "/-._~".unicodeScalars.contains(scalar) {
                uri.unicodeScalars.append(scalar)
            } else {
                uri += (octet < 16 ? "%0" : "%") + String(octet, radix: 16, uppercase: true)
            }
        }
        return uri
    }
}
