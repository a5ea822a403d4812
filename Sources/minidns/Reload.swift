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
