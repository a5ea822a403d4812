import CLinux
import Glibc

/// What is done to standard streams.
public enum StandardStreams {
    /// Opens /dev/null on those of descriptors 0 to 2 that are closed, so that no socket lands there.
    public static func reserve() {
        for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
            // The lowest free number is given, and those below it are open by now.
            // Sound: a path that is a literal.
            _ = unsafe open("/dev/null", O_RDWR)
        }
    }

    public static func isTerminal(_ descriptor: Int32) -> Bool {
        isatty(descriptor) == 1
    }

    /// Writes all of the text, unless its reader went away or takes nothing for so long.
    /// - Returns: whether it was taken.
    @discardableResult
    public static func write(_ text: String, to descriptor: Int32, patienceMilliseconds: Int = .max) -> Bool {
        let octets = Array(text.utf8)
        var offset = 0
        while offset < octets.count {
            // A pipe that is ready takes this much without waiting (pipe(7), PIPE_BUF).
            let count = min(4096, octets.count - offset)
            guard Poller.wait(descriptor, for: .write, milliseconds: patienceMilliseconds) else { return false }
            let written = FileDescriptor.write(octets, from: offset, count: count, to: descriptor)
            if written > 0 {
                offset += written
            } else if written == 0 || errno != EINTR {
                return false
            }
        }
        return true
    }

    /// Makes room for so many octets where the descriptor is a pipe and the system allows it.
    public static func enlargePipe(_ descriptor: Int32, to size: Int32) {
        // F_SETPIPE_SZ
        _ = fcntl(descriptor, 1031, size)
    }

    /// Whether standard error goes to the journal, which stamps lines itself: JOURNAL_STREAM names
    /// the device and inode of the stream that it reads.
    public static var errorIsJournal: Bool {
        guard let stream = Environment["JOURNAL_STREAM"] else { return false }
        var status = stat()
        // Sound: fstat writes one stat structure.
        guard unsafe fstat(2, &status) == 0 else { return false }
        return stream == "\(status.st_dev):\(status.st_ino)"
    }

    /// Whether the descriptor is open; to be asked before `reserve`.
    public static func isOpen(_ descriptor: Int32) -> Bool {
        fcntl(descriptor, F_GETFD) >= 0
    }

    /// Writing to a pipe that nobody reads is an error from now on, and no signal.
    public static func ignoreClosedPipes() {
        _ = signal(SIGPIPE, SIG_IGN)
    }

    /// From now on SIGINT ends the process at once with an exit code of its own.
    public static func endOnInterrupt(_ code: Int32) {
        clinux_signal_end(SIGINT, code)
    }

    /// Writes all of the octets.
    public static func write(all octets: [UInt8], to descriptor: Int32) throws(SystemError) {
        try FileDescriptor.write(all: octets, to: descriptor, "write")
    }
}

extension SystemError {
    /// Nobody reads the pipe any more.
    public var isClosedPipe: Bool { code == EPIPE }
}
