import CLinux
import Glibc

/// A file, pipe or terminal that lines are added to and whose readers nobody waits for.
public final class AppendedFile: Sendable {
    private let owner: FileDescriptor
    private let name: String

    /// What a pipe that is ready takes without waiting (pipe(7), PIPE_BUF).
    private static let pieceSize = 4096

    /// Opens a file to add to it, or makes one that only its owner and his group may read; a FIFO needs a reader.
    public init(path: String) throws(SystemError) {
        owner = try FileDescriptor(opening: path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, mode: 0o640)
        name = path
    }

    /// Standard output.
    public init() throws(SystemError) {
        owner = FileDescriptor(adopting: try retrying("standard output") { fcntl(1, F_DUPFD_CLOEXEC, 3) })
        name = "to standard output"
    }

    /// Writes as much as is taken at once, and moves `offset` behind that.
    public func write(_ octets: [UInt8], from offset: inout Int) throws(SystemError) {
        precondition(offset >= 0)
        while offset < octets.count, Poller.wait(owner.rawValue, for: .write, milliseconds: 0) {
            let count = min(Self.pieceSize, octets.count - offset)
            let written = FileDescriptor.write(octets, from: offset, count: count, to: owner.rawValue)
            if written < 0, errno == EAGAIN { return }
            if written < 0, errno != EINTR { throw SystemError("write \(name)", code: errno) }
            offset += max(0, written)
        }
    }
}
