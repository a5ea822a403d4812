import ArgumentParser
import DNSServer
import Linux
import Logging

/// `minidns serve`: loads zones and answers until it is told to end.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        // Who has one is not searched for --generate-completion-script first, which is a part of a quick start.
        commandName: "serve", _superCommandName: "minidns", abstract: "Serve zone files (the default).",
        discussion: """
            Files that change are read again at once, and on SIGHUP all of them: zones that are broken keep their last \
            good version. SIGTERM and SIGINT end the server.

            \(ExitStatus.help)
            """)

    @OptionGroup var zones: ZoneOptions

    @OptionGroup(title: "Who gets answers") var abuse: AbuseOptions

    @OptionGroup var observation: ObservationOptions

    @Option(
        name: .shortAndLong, parsing: .singleValue,
        help: ArgumentHelp(
            "Where to listen, over UDP and TCP; may be given several times (default: 127.0.0.1:5353 and [::1]:5353).",
            valueName: "address[:port]"))
    var listen: [ListenAddress] = []

    @Option(name: .shortAndLong, help: "Threads that answer UDP (default: one for each processor).")
    var workers: Int?

    @Option(
        help: ArgumentHelp(
            "What the server answers to NSID and id.server, to tell one of several from another (default: nothing).",
            valueName: "text"))
    var identity: String?

    @Option(help: ArgumentHelp("What the server answers to version.bind (default: nothing).", valueName: "text"))
    var versionString: String?

    @Flag(help: "Send each UDP reply by itself, also where several go to one client at once.")
    var noMergeReplies = false

    @Flag(help: "Read zones again on SIGHUP and minidns reload only, not when their files change.")
    var noWatch = false

    @Option(
        help: ArgumentHelp(
            "The control socket (default: minidns-PORT.sock in $XDG_RUNTIME_DIR, else /run/minidns/PORT.sock).",
            valueName: "path"))
    var control: String?

    @Flag(help: "Give each version of each zone a serial of its own, as ; minidns: auto-serial beside the SOA does.")
    var autoSerial = false

    @Option(
        help: ArgumentHelp(
            "Where serials are remembered (default: minidns in $XDG_STATE_HOME or ~/.local/state; /var/lib/minidns as root).",
            valueName: "directory"))
    var state: String?

    @Flag(help: "Listen also on addresses that the machine has not yet.")
    var freebind = false

    @OptionGroup(title: "Protection") var protectionOptions: ProtectionOptions

    @OptionGroup(title: "Limits") var limitOptions: LimitOptions

    private static let largestText = 255
    private static let largestNumberOfWorkers = 1024

    func validate() throws {
        try require("--workers", workers, in: 1...Self.largestNumberOfWorkers)
        for (option, text) in [("--identity", identity), ("--version-string", versionString)] {
            if let text, !(1...Self.largestText).contains(text.utf8.count) {
                throw ValidationError("\(option) has 1 to \(Self.largestText) octets.")
            }
        }
    }

    func run() throws {
        let logger = zones.makeLogger(stampsTime: true)
        Machine.mapLargeAllocations()
        try zones.requirePaths()
        // Before the first thread, which inherits what is blocked.
        let signals = try Signals()
        var limits = try limits()
        let server = try ListenAddress.bind(listen, workers: workers, limits: limits, logger: logger)
        let state = state ?? Machine.stateDirectory.map { "\($0)/minidns" }
        let ofSocket = control.map(File.parent) ?? ControlPath.ownDirectory
        let protection = try protectionOptions.apply(making: [state, ofSocket].compactMap(\.self))
        limits.adviceOnReading = protection.advice
        let serials = Serials(directory: state, everywhere: autoSerial)
        let directory = zones.makeDirectory(limits: limits, serials: serials)
        // What no file says stays as it is: the secrets of this process too.
        let clients: ControlRequests.Clients? =
            abuse.files.isEmpty
            ? nil
            : { @Sendable [abuse, start = limits.clients] in
                var clients = start
                try abuse.apply(to: &clients)
                return clients
            }
        let socket = control ?? ControlPath.standard(port: server.addresses.first?.port ?? 0)
        try Service(
            server: server, directory: directory, clients: clients, watches: !noWatch, control: control,
            observation: observation, logger: logger
        ) {
            // Whoever replaces a file puts a new one into its directory.
            let places = directory.takePlaces().union(abuse.files.map(File.parent))
            return protection.confine(
                reading: places, state: state, control: socket, queryLog: observation.queryLog, logger)
        }.run(signals)
    }

    /// What the options say.
    private func limits() throws -> ServerLimits {
        var limits = ServerLimits()
        limits.identity = identity
        limits.version = versionString
        limits.mergesReplies = !noMergeReplies
        limits.bindsAbsentAddresses = freebind
        try abuse.apply(to: &limits)
        limitOptions.apply(to: &limits)
        return limits
    }
}
