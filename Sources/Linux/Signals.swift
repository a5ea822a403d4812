import CLinux
import Glibc

/// Signals of the process, taken from a descriptor by one thread instead of interrupting any.
public struct Signals: ~Copyable {
    public enum Kind: Sendable {
        /// SIGHUP.
        case reload
        /// SIGTERM or SIGINT.
        case terminate
    }

    private let owner: FileDescriptor
    private static let mask: UInt64 = 1 << UInt64(SIGHUP) | 1 << UInt64(SIGTERM) | 1 << UInt64(SIGINT)

    public var descriptor: Int32 { owner.rawValue }

    /// Blocks SIGHUP, SIGTERM and SIGINT in this thread and all that it starts from now on, and
    /// ignores SIGPIPE: call it before the first thread starts.
    public init() throws(SystemError) {
        clinux_signal_ignore(SIGPIPE)
        guard clinux_signals_block(Self.mask) == 0 else { throw SystemError("pthread_sigmask") }
        owner = FileDescriptor(adopting: try retrying("signalfd") { clinux_signals_open(Self.mask) })
    }

    /// The next signal that came; nil where none waits.
    public borrowing func next() -> Kind? {
        switch clinux_signals_next(owner.rawValue) {
        case SIGHUP: .reload
        case SIGTERM, SIGINT: .terminate
        default: nil
        }
    }
}

/// Interruptions that a program looks for now and then, where its threads are not its own to block signals in.
public enum Interruption {
    /// The next SIGINT and SIGTERM end nothing by themselves; those after it end the process.
    public static func note() { clinux_note_interruptions() }

    /// Whether there was one since.
    public static var wasNoted: Bool { clinux_interrupted() != 0 }
}
