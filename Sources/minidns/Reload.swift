import ArgumentParser
import DNS
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
