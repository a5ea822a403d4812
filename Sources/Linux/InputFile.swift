import CLinux
import Glibc

/// A file, pipe or terminal that is read from its beginning to its end.
public struct InputFile: ~Copyable {
    private let owner: FileDescriptor

    public static func standardInput() throws(SystemError) -> InputFile {
        InputFile(adopting: try retrying("standard input") { dup(0) })
    }

    public static func open(_ path: String) throws(SystemError) -> InputFile {
        // Sound: the path ends in a 0.
        InputFile(adopting: try retrying("open \(path)") { unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) })
    }

    private init(adopting descriptor: Int32) { owner = FileDescriptor(adopting: descriptor) }

    /// Whether reading does not wait: there is something, or the end.
    public var isReady: Bool { Poller.wait(owner.rawValue, for: .read, milliseconds: 0) }

    /// Reads into the octets from `offset` on: how many, 0 at the end.
    public func read(into octets: inout [UInt8], from offset: Int) throws(SystemError) -> Int {
        precondition(offset >= 0 && offset < octets.count)
        while true {
            let count = unsafe octets.withUnsafeMutableBufferPointer { buffer in
                // Sound: inside the array, as the comparison shows, which lives through the call.
                unsafe Glibc.read(owner.rawValue, buffer.baseAddress! + offset, buffer.count - offset)
            }
            if count >= 0 { return count }
            if errno != EINTR { throw SystemError("read") }
        }
    }
}
