import ArgumentParser
import DNS
import DNSServer
import Linux

/// `minidns querylog`: switches the query log of a running server.
struct QueryLogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "querylog",
        abstract: "Switch the query log of a running server on or off.",
        discussion: """
            A line of JSON for each query is added to the file. Switching it on again opens the file anew, as whoever \
            rotates it wants.

            \(ExitStatus.help)
            """)

    enum Switch: String, ExpressibleByArgument, CaseIterable { case on, off }

    @Argument(help: "on or off.") var position: Switch

    @Option(
        help: ArgumentHelp("Of so many queries write one (default: 1, or as serve was told).", valueName: "number"))
    var sample: Int?

    @Option(
        help: ArgumentHelp(
            "The file, as the server sees it; - for the server's standard output (default: what serve --query-log named, else -).",
            valueName: "file"))
    var file: String?

    @OptionGroup var options: ControlOptions

    func validate() throws {
        if position == .off && (sample != nil || file != nil) {
            throw ValidationError("--sample and --file belong to on.")
        }
        try require("--sample", sample, in: ControlRequests.samples)
    }

    func run() throws {
        // The server may run in another directory.
        let reply = try options.ask([
            "request": "querylog", "log": .string(position.rawValue),
            "sample": sample.map(JSON.number) ?? .null,
            "file": file.map { .string($0 == "-" ? $0 : File.absolute($0)) } ?? .null,
        ])
        let lost = reply.count("lost")
        if options.json {
            options.print(reply)
        } else if lost > 0 {
            StandardStreams.write("\(lost) lines were lost since the server's start\n", to: 1)
        }
    }
}
