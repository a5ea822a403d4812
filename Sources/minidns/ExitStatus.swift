import Linux

/// All exit codes of the command; the numbers are those of sysexits.h.
enum ExitStatus: Int32 {
    /// Done; or ended by SIGTERM or SIGINT.
    case success = 0
    /// `diff` found a difference; `format --check` or `--diff` a file that is not laid out.
    case different = 1
    /// `diff` could not compare.
    case notCompared = 2
    /// The command line cannot be understood.
    case usage = 64
    /// A zone has an error, or one that is served is broken.
    case brokenZone = 65
    /// A zone file or directory is not there.
    case noZones = 66
    /// No server answers at the control socket.
    case noServer = 69
    /// A fault of minidns itself.
    case internalError = 70
    /// The system refused: a port is taken or may not be bound, no thread can be had.
    case systemRefused = 71

    static let help = """
        Exit codes: 0 done, or ended by SIGTERM or SIGINT; 1 format --check or --diff found something; 64 wrong usage; 65 a zone is broken; \
        66 a zone file or directory is missing; 69 no server answers; 70 an internal error; 71 the system refused (a port is taken).
        """
}

/// Why the command ends before its time.
struct Failure: Error, CustomStringConvertible {
    let status: ExitStatus
    /// What is wrong and what to type instead.
    let message: String
    var description: String { message }
}
