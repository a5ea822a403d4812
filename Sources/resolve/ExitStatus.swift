/// All exit codes of the command. Of several questions the highest counts.
enum ExitStatus: Int32, Comparable {
    /// The answer section holds the type that was asked for; or what was expected came true.
    case answer = 0
    /// NXDOMAIN: the name does not exist.
    case nameError = 1
    /// NOERROR without the type: no data, a bare alias, a referral.
    case noData = 2
    /// SERVFAIL, REFUSED or another error code.
    case errorCode = 3
    /// No usable reply from any server.
    case noReply = 4
    /// --expect was not met, or --diff found a difference.
    case notMet = 5
    /// A failure here: no socket can be had, the output is full or closed.
    case localFailure = 6
    /// The command line cannot be understood.
    case usage = 64
    /// SIGINT.
    case interrupted = 130

    static let help = """
        Exit codes: 0 answer; 1 NXDOMAIN; 2 no data; 3 another error code; 4 no usable
        reply; 5 --expect or --diff not met; 6 a failure on this machine; 64 wrong
        usage; 130 interrupted. Of several questions the highest.
        """

    static func < (left: ExitStatus, right: ExitStatus) -> Bool { left.rawValue < right.rawValue }
}

/// Why the command ends before its time.
struct Failure: Error {
    let status: ExitStatus
    /// What is wrong and what to type instead.
    let message: String

    static func usage(_ message: String) -> Failure {
        Failure(status: .usage, message: "\(message)\nSee: resolve --help")
    }
}
