import ArgumentParser
import DNS
import DNSServer
import Linux

/// `minidns reload`: has a running server read its zones again, and waits for that.
struct Reload: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Have a running server read its zones again, and say what came of it.", discussion: ExitStatus.help)

    @OptionGroup var options: ControlOptions

    func run() throws {
        let reply = try options.ask(["request": "reload"])
        let broken = reply["problems"]?.array ?? []
        if options.json {
            options.print(reply)
        } else {
            for line in broken { StandardStreams.write((line.string ?? "") + "\n", to: 2) }
            let loaded = (reply["loaded"]?.array ?? []).compactMap(\.string)
            let names = loaded.prefix(Self.namesShown).joined(separator: ", ")
            let list = loaded.isEmpty ? "" : ": \(names)\(loaded.count > Self.namesShown ? " and others" : "")"
            let zones = plural(reply.count("zones"), "zone")
            StandardStreams.write("\(zones), \(loaded.count) changed\(list)\n", to: 1)
        }
        if !broken.isEmpty { throw ExitCode(ExitStatus.brokenZone.rawValue) }
    }

    private static let namesShown = 10
}

extension ZoneKeeper.Outcome {
    /// The reply to `reload`.
    var reply: JSON {
        if !isComplete { return ["error": "the server ends"] }
        // The last report of a zone is how it stands.
        var last: [ZoneSource: ZoneReport] = [:]
        for report in reports { last[report.source] = report }
        let problems = last.values.filter { $0.state != .loaded }.flatMap(\.problems).filter { $0.severity == .error }
        let loaded = last.values.filter { $0.state == .loaded }.map { "\($0.source.origin)" }.sorted()
        return [
            "zones": .number(zoneCount), "loaded": .array(loaded.map(JSON.string)),
            "problems": .array(errors.map { "\($0)" } + problems.map { "\($0)" }),
        ]
    }
}
