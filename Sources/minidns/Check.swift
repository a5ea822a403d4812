import ArgumentParser
import DNSServer

/// `minidns check`: reads and checks zones without serving them.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check zone files without serving them.", discussion: ExitStatus.help)

    @OptionGroup var zones: ZoneOptions

    func run() throws {
        try zones.requirePaths()
        let loading = zones.directory.load()
        ZoneLog(logger: zones.makeLogger(stampsTime: false)).report(loading)
        if !loading.isComplete { throw ExitCode(ExitStatus.brokenZone.rawValue) }
    }
}
