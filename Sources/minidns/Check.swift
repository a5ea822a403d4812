import ArgumentParser
import DNSServer

/// `minidns check`: reads and checks zones without serving them.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check zone files without serving them.", discussion: ExitStatus.help)

    @Flag(help: "Look at each entry by itself only, and say how fast: no rules between records, nothing compiled.")
    var syntax = false

    @OptionGroup var zones: ZoneOptions

    func run() throws {
        try zones.requirePaths()
        let logger = zones.makeLogger(stampsTime: false)
        let isGood: Bool
        if syntax {
            var check = SyntaxCheck(logger: logger)
            isGood = check.run(zones.directory.paths)
        } else {
            let loading = zones.directory.load()
            ZoneLog(logger: logger).report(loading)
            isGood = loading.isComplete
        }
        if !isGood { throw ExitCode(ExitStatus.brokenZone.rawValue) }
    }
}
