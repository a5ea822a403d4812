import ArgumentParser
import DNS
import DNSServer
import Linux

/// `minidns playground`: a small Internet of name servers on loopback addresses.
struct PlaygroundCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "playground",
        abstract: "Serve each zone from a name server of its own, to see referrals.",
        discussion: """
            Starts a server for each loopback address (127.0.0.0/8 or ::1) that the zones give their name servers, \
            all on one port, and says what to type. SIGTERM and SIGINT end it.

            \(ExitStatus.help)
            """)

    @OptionGroup var zones: ZoneOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The port of all servers; 0 picks one (default: \(ListenAddress.defaultPort)).", valueName: "port"))
    var port: UInt16 = ListenAddress.defaultPort

    func run() throws {
        let logger = zones.makeLogger(stampsTime: false)
        try zones.requirePaths()
        let signals = try Signals()
        var poller = try Poller()
        let directory = zones.directory
        let loading = directory.showingProgress { directory.load() }
        guard loading.isComplete else {
            ZoneLog(logger: logger).report(loading)
            throw Failure(status: .brokenZone, message: "the zones cannot be served as they are")
        }
        let playground = try start(loading.database)
        StandardStreams.write(text(playground, loading.database), to: 1)
        try poller.add(signals.descriptor, .read, token: 0)
        while true {
            _ = try poller.wait()
            while let signal = signals.next() { if signal == .terminate { return playground.stop() } }
        }
    }

    private func start(_ database: Database) throws(Failure) -> Playground {
        do throws(PlaygroundError) {
            return try Playground(serving: database, port: port)
        } catch {
            switch error {
            case .noZones: throw Failure(status: .noZones, message: "\(error)")
            case .noAddress, .tooManyAddresses: throw Failure(status: .brokenZone, message: "\(error)")
            case .bind(let bind):
                throw Failure(
                    status: .systemRefused,
                    message: "\(error)" + (bind.isTaken ? "\nLet the system choose a port: --port 0" : ""))
            case .system: throw Failure(status: .systemRefused, message: "\(error)")
            }
        }
    }

    /// Who serves what, and what to type.
    private func text(_ playground: Playground, _ database: Database) -> String {
        let stages = playground.stages
        let width = stages.map { "\($0.origin)".utf8.count }.max() ?? 0
        var lines = stages.map { stage in
            "\(stage.origin)".padded(to: width + 2) + stage.addresses.map(\.description).joined(separator: " ")
        }
        let (top, name) = (stages[0].addresses[0], "\(playground.sampleName(in: database))")
        lines += [
            "", "Type in another terminal, to go from the top to the answer:",
            "    resolve --trace @\(top) \(name)",
            "or ask one server after the other, each for the way to the next:",
            "    dig @\(top.host) -p \(top.port) +norecurse \(name)",
        ]
        return lines.map { $0 + "\n" }.joined()
    }
}
