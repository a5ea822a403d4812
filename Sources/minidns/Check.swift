import ArgumentParser
import DNS
import DNSServer
import Linux
import Logging

/// `minidns check`: reads and checks zones without serving them.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check zone files without serving them.",
        discussion: """
            Errors keep a zone from being served; warnings tell of what is lawful but doubtful. docs/checks.md lists all \
            of them.

            \(ExitStatus.help)
            """)

    @Flag(help: "Look at each entry by itself only, and say how fast: no rules between records, nothing compiled.")
    var syntax = false

    @Flag(help: "Take warnings for errors.")
    var strict = false

    @Flag(help: "Print one JSON object a problem to standard output.")
    var json = false

    @Flag(help: "Print a SARIF 2.1.0 log to standard output, for tools that review code.")
    var sarif = false

    @Option(
        help: ArgumentHelp("Judge the dates of signatures at this time, in seconds since 1970.", valueName: "seconds"))
    var now: Int?

    @OptionGroup var zones: ZoneOptions

    func validate() throws {
        if [syntax, json, sarif].count(where: { $0 }) > 1 {
            throw ValidationError("--syntax, --json and --sarif exclude each other.")
        }
    }

    func run() throws {
        try zones.requirePaths()
        let logger = zones.makeLogger(stampsTime: false)
        let directory = zones.directory
        let isGood: Bool
        if syntax {
            isGood = SyntaxCheck.run(directory.paths, logger)
        } else {
            let start = Clock.nanoseconds
            let checking = directory.showingProgress { directory.check(now: now ?? Clock.secondsSince1970) }
            let report = CheckReport(checking)
            if json || sarif {
                let text = json ? report.lines : report.sarif + "\n"
                try StandardStreams.write(all: Array(text.utf8), to: 1)
            } else {
                report.log(to: logger, milliseconds: (Clock.nanoseconds - start) / 1_000_000)
            }
            isGood = !checking.hasErrors && !(strict && checking.hasWarnings)
        }
        if !isGood { throw ExitCode(ExitStatus.brokenZone.rawValue) }
    }
}
