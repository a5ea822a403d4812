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
            StandardStreams.write(reply.text + "\n", to: 1)
        } else {
            for line in broken { StandardStreams.write((line.string ?? "") + "\n", to: 2) }
            let loaded = (reply["loaded"]?.array ?? []).compactMap(\.string)
            let list = loaded.prefix(Self.namesShown).joined(separator: ", ")
            let names = loaded.count > Self.namesShown ? "\(list) and others" : list
            let zones = reply["zones"]?.number ?? 0
            StandardStreams.write(
                "\(zones) zone\(zones == 1 ? "" : "s"), \(loaded.count) changed\(loaded.isEmpty ? "" : ": ")\(names)\n",
                to: 1)
        }
        if !broken.isEmpty { throw ExitCode(ExitStatus.brokenZone.rawValue) }
    }

    private static let namesShown = 10
}

extension ReloadOutcome {
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
            "problems": .array(errors.map { .string("\($0)") } + problems.map { .string("\($0)") }),
        ]
    }
}
