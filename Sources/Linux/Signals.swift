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

    public var descriptor: Int32 { owner.rawValue }

    /// Blocks SIGHUP, SIGTERM and SIGINT in this thread and all that it starts from now on, and
    /// ignores SIGPIPE: call it before the first thread starts.
    public init() throws(SystemError) {
        StandardStreams.ignoreClosedPipes()
        var signals = sigset_t()
        // Sound, here and below: one set.
        unsafe sigemptyset(&signals)
        for signal in [SIGHUP, SIGTERM, SIGINT] { unsafe sigaddset(&signals, signal) }
        let code = unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
        guard code == 0 else { throw SystemError("pthread_sigmask", code: code) }
        owner = FileDescriptor(
            adopting: try retrying("signalfd") { unsafe signalfd(-1, &signals, O_CLOEXEC | O_NONBLOCK) })
    }

    /// The next signal that came; nil where none waits.
    public borrowing func next() -> Kind? {
        var information = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        // Sound: the size is that of the structure.
        guard unsafe read(owner.rawValue, &information, size) == size else { return nil }
        return switch Int32(information.ssi_signo) {
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
