import ArgumentParser
import DNS
import DNSServer

/// `minidns explain`: why an answer is what it is.
struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say why a question gets the answer it gets, with the records that decide it.",
        discussion: ExitStatus.help)

    @Argument(help: "The name that is asked for.") var name: String
    @Argument(help: "The type that is asked for.") var type = "A"

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp(
            "Zone files or directories, as for serve; may be given several times (default: \(ZoneOptions.defaultPath)).",
            valueName: "path"))
    var zones: [String] = []

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        guard let name = try? Name(name) else { throw ValidationError("\(name) is not a domain name.") }
        guard let type = RecordType(type.uppercased()), type != .axfr, type != .ixfr else {
            throw ValidationError("\(type) is not a type of records, such as A, MX or TYPE65280.")
        }
        // No other zone has a part in the answer.
        let zones = try LocalZones(zones.isEmpty ? [ZoneOptions.defaultPath] : zones) { name.isSubdomain(of: $0) }
        let explanation = Explanation(of: Question(name, type), in: zones.database)
        var output = Output()
        if json { output.print(explanation.json(zones)) } else { explanation.print(zones, to: &output) }
        output.flush()
    }
}

extension Explanation {
    /// Records shown of one step.
    private static let shownPlaces = 10

    fileprivate func print(_ zones: LocalZones, to output: inout Output) {
        let width = min(steps.map { "\($0.name)".count }.max() ?? 0, 40)
        for (index, step) in steps.enumerated() {
            let name = "\(step.name)"
            let padding = String(repeating: " ", count: max(0, width - name.count) + 2)
            output.print(output.painted(name, .strong) + padding + step.finding.words.text)
            // The next step about the same name shows more.
            if index + 1 < steps.count, steps[index + 1].name == step.name, steps[index + 1].reason != nil { continue }
            for place in places(of: step, zones) {
                output.print("    \(place.path):\(place.line): \(place.record)", .faint)
            }
        }
        output.print("\(responseCode)" + (isAuthoritative ? ", authoritative" : ""), .strong)
    }

    fileprivate func json(_ zones: LocalZones) -> JSON {
        let steps = steps.map { step -> JSON in
            let places = places(of: step, zones).map { place -> JSON in
                ["path": .string(place.path), "line": .number(place.line), "record": .string("\(place.record)")]
            }
            let words = step.finding.words
            return [
                "name": .string("\(step.name)"), "finding": .string(words.code), "text": .string(words.text),
                "places": .array(places),
            ]
        }
        return [
            "name": .string("\(question.name)"), "type": .string("\(question.type)"), "steps": .array(steps),
            "code": .string("\(responseCode)"), "authoritative": .bool(isAuthoritative),
        ]
    }

    private func places(of step: Step, _ zones: LocalZones) -> [SourcePlace] {
        guard let reason = step.reason,
            let records = zones.zones.first(where: { $0.source.origin == reason.zone })?.records
        else { return [] }
        if reason.isBelow { return records.firstPlace(below: reason.owner).map { [$0] } ?? [] }
        let limit = reason.type == nil ? 1 : Self.shownPlaces
        return records.places(of: reason.owner, reason.type, limit: limit)
    }
}

extension Explanation.Finding {
    /// A word for programs and a sentence for people.
    fileprivate var words: (code: String, text: String) {
        switch self {
        case .notServed: ("not-served", "no zone here")
        case .lessSpecificZone: ("less-specific-zone", "a zone, but a more specific one answers")
        case .zone: ("zone", "the zone that answers")
        case .unavailableZone: ("unavailable-zone", "the zone, which has no version that can be served")
        case .parentZone: ("parent-zone", "the zone that answers: DS records are the parent's")
        case .exists(let types): ("exists", "exists with \(types.map(\.description).joined(separator: ", "))")
        case .emptyNonTerminal: ("empty-non-terminal", "exists without records, since a name below it does")
        case .zoneCut: ("zone-cut", "a zone cut: what is below belongs to other servers")
        case .redirection: ("redirection", "has a DNAME record: names below it are others'")
        case .missing: ("missing", "does not exist")
        case .wildcard(let encloser): ("wildcard", "the wildcard at the closest encloser, \(encloser)")
        case .answer: ("answer", "the answer")
        case .everything: ("everything", "the answer is what there is of all types")
        case .signatures: ("signatures", "the answer is the signatures of all types")
        case .alias(let target): ("alias", "an alias of \(target)")
        case .aliasElsewhere(let target):
            ("alias-elsewhere", "an alias of \(target), outside the zone: the asker goes on")
        case .aliasLoop: ("alias-loop", "an alias that was followed already, or one too many")
        case .nameTooLong: ("name-too-long", "the DNAME record makes a name that is too long")
        case .referral: ("referral", "a referral to these servers")
        case .noData: ("no-data", "has no record of the type")
        case .nameError(let encloser):
            ("name-error", "does not exist, nor does *.\(encloser == .root ? "" : "\(encloser)")")
        case .refused: ("refused", "outside all zones")
        case .notImplemented: ("not-implemented", "no data has this type")
        }
    }
}
