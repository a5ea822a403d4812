import CLinux
import Glibc

/// The one owner of an open descriptor, which closes it.
public struct FileDescriptor: ~Copyable, Sendable {
    /// The number, for a call that borrows the descriptor; it is closed when the owner goes.
    public let rawValue: Int32

    public init(adopting rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// Opens a file; programs that are started do not get it. New files get the mode.
    init(opening path: String, _ flags: Int32, mode: mode_t = 0) throws(SystemError) {
        // Sound: the path ends in a 0.
        rawValue = try retrying("open \(path)") { unsafe open(path, flags | O_CLOEXEC | O_NOCTTY, mode) }
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

    borrowing func write(_ octets: [UInt8], _ path: String) throws(SystemError) {
        try StandardStreams.write(all: octets, to: rawValue, "write \(path)")
    }

    /// What was written is on the disk when this returns.
    borrowing func synchronize(_ path: String) throws(SystemError) {
        let rawValue = rawValue
        _ = try retrying("fsync \(path)") { fsync(rawValue) }
    }
}
