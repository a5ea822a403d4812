import CLinux
import Glibc

/// The one owner of an open descriptor, which closes it.
public struct FileDescriptor: ~Copyable, Sendable {
    /// The number, for a call that borrows the descriptor; it is closed when the owner goes.
    public let rawValue: Int32

    public init(adopting rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// Gives the ownership away: the caller closes.
    public consuming func release() -> Int32 {
        let rawValue = self.rawValue
        discard self
        return rawValue
    }

    deinit {
        _ = close(rawValue)
    }
}

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
            let written = unsafe octets.withUnsafeBytes { bytes in
                // Sound: the range lies inside the array, which lives through the call.
                unsafe Glibc.write(descriptor, bytes.baseAddress! + offset, count)
            }
            if written > 0 {
                offset += written
            } else if written == 0 || errno != EINTR {
                return false
            }
        }
        return true
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
}

/// The environment of the process.
public enum Environment {
    public static subscript(name: String) -> String? {
        // Sound: nothing here changes the environment, so the text stays while it is copied.
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }
}

extension Machine {
    /// Where programs keep what must outlast them; nil where the user has no home.
    public static var stateDirectory: String? {
        if let directory = Environment["XDG_STATE_HOME"], directory.first == "/" { return directory }
        if geteuid() == 0 { return "/var/lib" }
        return Environment["HOME"].flatMap { $0.first == "/" ? "\($0)/.local/state" : nil }
    }
}
