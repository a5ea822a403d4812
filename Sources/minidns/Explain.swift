import ArgumentParser
import DNS
import DNSServer
import Linux

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
        let loading = try ZoneDirectory.read(zones) { name.isSubdomain(of: $0) }
        let explanation = Explanation(of: Question(name, type), in: loading.database)
        let zones = records(of: Set(explanation.steps.compactMap(\.reason?.zone)), loading)
        var output = Output()
        if json { output.print(explanation.json(zones)) } else { explanation.print(zones, to: &output) }
        output.flush()
    }

    /// What is served has no places: the files of the zones that have a part in it are parsed again.
    private func records(of origins: Set<Name>, _ loading: ZoneDirectory.Loading) -> [Name: Zone] {
        var zones: [Name: Zone] = [:]
        for source in loading.reports.map(\.source) where origins.contains(source.origin) {
            zones[source.origin] =
                ZoneParser.parse(path: source.path, origin: source.origin) {
                    ZoneDirectory.text(of: $0)
                }.zone
        }
        return zones
    }
}

extension Explanation {
    /// Records shown of one step.
    private static let shownPlaces = 10

    fileprivate func print(_ zones: [Name: Zone], to output: inout Output) {
        let width = min(steps.map { "\($0.name)".count }.max() ?? 0, 40)
        for (index, step) in steps.enumerated() {
            let name = "\(step.name)"
            let padding = "".padded(to: max(0, width - name.count) + 2)
            output.print(output.painted(name, .strong) + padding + step.finding.words.text)
            // The next step about the same name shows more.
            if index + 1 < steps.count, steps[index + 1].name == step.name, steps[index + 1].reason != nil { continue }
            for place in places(of: step, zones) {
                output.print("    \(place.path):\(place.line): \(place.record)", .faint)
            }
        }
        output.print("\(responseCode)" + (isAuthoritative ? ", authoritative" : ""), .strong)
    }

    fileprivate func json(_ zones: [Name: Zone]) -> JSON {
        let steps = steps.map { step -> JSON in
            let places = places(of: step, zones).map { place -> JSON in
                ["path": .string(place.path), "line": .number(place.line), "record": "\(place.record)"]
            }
            let (code, text) = step.finding.words
            return [
                "name": "\(step.name)", "finding": .string(code), "text": .string(text), "places": .array(places),
            ]
        }
        return [
            "name": "\(question.name)", "type": "\(question.type)", "steps": .array(steps),
            "code": "\(responseCode)", "authoritative": .bool(isAuthoritative),
        ]
    }

    private func places(of step: Step, _ zones: [Name: Zone]) -> [SourcePlace] {
        guard let reason = step.reason, let zone = zones[reason.zone] else { return [] }
        let limit = reason.type == nil && step.finding != .answer ? 1 : Self.shownPlaces
        if reason.isBelow { return zone.places(below: reason.owner, limit: 1) }
        return zone.places(of: reason.owner, reason.type, limit: limit)
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
