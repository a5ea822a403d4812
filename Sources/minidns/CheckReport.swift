import DNS
import DNSServer
import Logging

/// What a check found, as text, JSON and SARIF.
struct CheckReport {
    private let checking: ZoneDirectory.Checking

    /// Of one kind and one zone, so many are shown on a terminal.
    private static let shownPerCode = 10

    init(_ checking: ZoneDirectory.Checking) { self.checking = checking }

    /// Each with the zone that it is about.
    private var problems: [(origin: Name?, problem: ZoneFileError)] {
        checking.errors.map { (nil, ZoneFileError(.unreadable, $0.message, path: $0.path)) }
            + checking.zones.flatMap { zone in zone.inspection.problems.map { (zone.source.origin, $0) } }
    }

    func log(to logger: Logger, milliseconds: UInt64) {
        for error in checking.errors { logger.error("\(error)") }
        for (number, zone) in checking.zones.enumerated() {
            let inspection = zone.inspection
            var counts: [ProblemCode: Int] = [:]
            let shown = inspection.problems.filter { problem in
                counts[problem.code, default: 0] += 1
                return counts[problem.code, default: 0] <= Self.shownPerCode
            }
            let count = inspection.errorCount + inspection.warningCount
            logger.tell(shown, hidden: count - shown.count, of: zone.source.path) { $0.textWithHint }
            let serial = inspection.serial.map { ", serial \($0)" } ?? ""
            logger.log(
                level: number < ZoneLog.zonesByLine || count > 0 ? .info : .debug,
                """
                zone \(zone.source.origin): \(plural(inspection.recordCount, "record"))\(serial), \
                \(Self.describe(inspection.errorCount, inspection.warningCount))
                """)
        }
        if checking.zones.isEmpty && checking.errors.isEmpty {
            logger.warning("there is no zone file; \(ZoneLog.advice)")
        }
        let sum = { (count: KeyPath<ZoneInspection, Int>) in
            checking.zones.reduce(0) { $0 + $1.inspection[keyPath: count] }
        }
        logger.info(
            """
            zones: \(checking.zones.count) checked, \(plural(sum(\.recordCount), "record")), \
            \(Self.describe(sum(\.errorCount) + checking.errors.count, sum(\.warningCount))), \(milliseconds) ms
            """)
    }

    private static func describe(_ errors: Int, _ warnings: Int) -> String {
        errors + warnings == 0 ? "no problems" : "\(plural(errors, "error")), \(plural(warnings, "warning"))"
    }

    /// One object a problem, one a line.
    var lines: String {
        problems.map { origin, problem in
            let value: JSON = [
                "zone": origin.map { "\($0)" } ?? .null, "path": .string(problem.path), "line": .number(problem.line),
                "column": .number(problem.column), "severity": "\(problem.severity)",
                "code": .string(problem.code.word), "message": .string(problem.message), "hint": .string(problem.hint),
            ]
            return value.text + "\n"
        }.joined()
    }

    /// A log of the Static Analysis Results Interchange Format, version 2.1.0.
    var sarif: String {
        let rules = ProblemCode.allCases.map { code -> JSON in
            [
                "id": .string(code.word), "shortDescription": ["text": .string(code.rule.summary)],
                "help": ["text": .string(code.rule.hint)],
                "defaultConfiguration": ["level": "\(code.rule.severity)"],
            ]
        }
        let numbers = Dictionary(uniqueKeysWithValues: ProblemCode.allCases.enumerated().map { ($1, $0) })
        let results = problems.map { _, problem -> JSON in
            let file = JSON.Member("artifactLocation", ["uri": .string(Self.uri(problem.path))])
            let region: JSON = ["startLine": .number(problem.line), "startColumn": .number(problem.characterColumn)]
            return [
                "ruleId": .string(problem.code.word), "ruleIndex": .number(numbers[problem.code] ?? 0),
                "level": "\(problem.severity)", "message": ["text": "\(problem.message) (\(problem.hint))"],
                "locations": [
                    ["physicalLocation": .object(problem.line > 0 ? [file, .init("region", region)] : [file])]
                ],
            ]
        }
        let log: JSON = [
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
            "runs": [
                [
                    "tool": ["driver": ["name": "minidns", "rules": .array(rules)]],
                    "columnKind": "unicodeCodePoints", "results": .array(results),
                ]
            ],
        ]
        return log.text
    }

    /// A path as a URI reference (RFC 3986 §3.3).
    private static func uri(_ path: String) -> String {
        path.utf8.map { octet in
            let character = Character(Unicode.Scalar(octet))
            if octet < 0x80, character.isLetter || character.isNumber || "/-._~".contains(character) {
                return String(character)
            }
            return (octet < 16 ? "%0" : "%") + String(octet, radix: 16, uppercase: true)
        }.joined()
    }
}
