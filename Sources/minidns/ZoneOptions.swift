import ArgumentParser
import DNS
import DNSServer
import Linux
import Logging

/// Where the zones are, and how much is said.
struct ZoneOptions: ParsableArguments {
    static let defaultPath = "zones"

    @Argument(
        help: ArgumentHelp(
            "Zone files, or directories of files NAME.zone (default: \(defaultPath)).",
            discussion: """
                The zone of a file is its name without .zone (root.zone is the root zone, \\047 stands for a slash); \
                ORIGIN=FILE names another.
                """,
            valueName: "path"))
    var paths: [String] = []

    @Flag(name: .shortAndLong, help: "Print errors and warnings only.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Print more.")
    var verbose = false

    func validate() throws {
        if quiet && verbose { throw ValidationError("--quiet and --verbose exclude each other.") }
    }

    var directory: ZoneDirectory { makeDirectory() }

    func makeDirectory(limits: ServerLimits = ServerLimits(), serials: Serials? = nil) -> ZoneDirectory {
        ZoneDirectory(zonePaths, limits: limits, serials: serials)
    }

    private var zonePaths: [ZonePath] { (paths.isEmpty ? [Self.defaultPath] : paths).map(ZonePath.init) }

    /// Fails where a path leads nowhere, which is better told before anything else is done.
    func requirePaths() throws {
        guard let missing = zonePaths.lazy.compactMap(\.missing).first else { return }
        let advice =
            paths.isEmpty
            ? """
            minidns serves the directory \(Self.defaultPath) where no path is given. Make it and put a zone file there, \
            such as \(Self.defaultPath)/example.test.zone, or say where zones are: minidns serve PATH
            """
            : "Give a zone file or a directory of NAME.zone files: minidns serve PATH"
        throw Failure(status: .noZones, message: "\(missing)\n\(advice)")
    }

    func makeLogger(stampsTime: Bool) -> Logger {
        let level: Logger.Level = quiet ? .warning : verbose ? .debug : .info
        // What a command was asked to print is all printed.
        let log = StandardErrorLog(level: level, stampsTime: stampsTime, linesPerSecond: stampsTime ? 1_000 : .max)
        return Logger(label: "minidns") { _ in log }
    }
}
