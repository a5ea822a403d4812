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

    /// Writes all of the octets; errors call it by name.
    static func write(
        all octets: [UInt8], to descriptor: Int32, _ name: @autoclosure () -> String
    ) throws(SystemError) {
        var offset = 0
        while offset < octets.count {
            offset += try retrying(name()) { write(octets, from: offset, count: octets.count - offset, to: descriptor) }
        }
    }

    /// Writes some octets of an array; how many were taken, or below zero where it failed.
    static func write(_ octets: [UInt8], from offset: Int, count: Int, to descriptor: Int32) -> Int {
        precondition(offset >= 0 && count > 0 && offset <= octets.count - count)
        // Sound: the range lies inside the array, which lives through the call.
        return unsafe octets.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress! + offset, count) }
    }

    borrowing func write(_ octets: [UInt8], _ path: String) throws(SystemError) {
        try Self.write(all: octets, to: rawValue, "write \(path)")
    }

    /// What was written is on the disk when this returns.
    borrowing func synchronize(_ path: String) throws(SystemError) {
        let rawValue = rawValue
        _ = try retrying("fsync \(path)") { fsync(rawValue) }
    }
}
