import CLinux
import Glibc

/// A file, pipe or terminal that is read from its beginning to its end.
public struct InputFile: ~Copyable {
    private let owner: FileDescriptor

    public static func standardInput() throws(SystemError) -> InputFile {
        InputFile(owner: FileDescriptor(adopting: try retrying("standard input") { dup(0) }))
    }

    public static func open(_ path: String) throws(SystemError) -> InputFile {
        InputFile(owner: try FileDescriptor(opening: path, O_RDONLY))
    }

    /// Whether reading does not wait: there is something, or the end.
    public var isReady: Bool { Poller.wait(owner.rawValue, for: .read, milliseconds: 0) }

    /// Reads into the octets from `offset` on: how many, 0 at the end.
    public func read(into octets: inout [UInt8], from offset: Int) throws(SystemError) -> Int {
        precondition(offset >= 0 && offset < octets.count)
        let descriptor = owner.rawValue
        return try retrying("read") {
            // Sound: inside the array, as the comparison shows, which lives through the call.
            unsafe octets.withUnsafeMutableBytes {
                unsafe Glibc.read(descriptor, $0.baseAddress! + offset, $0.count - offset)
            }
        }
    }
}
