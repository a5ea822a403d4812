import CLinux
import Glibc

/// What happened to a name in a directory, or to the directory.
public struct DirectoryEvent: Sendable {
    /// The directory, as `DirectoryWatch.add` called it.
    public let watch: Int32
    public let kind: Kind
    /// The name in the directory; empty where the directory itself is meant.
    public let name: String

    public struct Kind: OptionSet, Hashable, Sendable {
        public let rawValue: UInt32

        public init(rawValue: UInt32) {
            self.rawValue = rawValue
        }

        fileprivate init(_ bits: Int32...) {
            rawValue = bits.reduce(0) { $0 | UInt32(bitPattern: $1) }
        }

        /// Some of it was written; whoever writes has not closed it yet.
        public static let written = Kind(IN_MODIFY)
        /// Whoever wrote it is done.
        public static let closed = Kind(IN_CLOSE_WRITE)
        /// The name is new, or another file's now.
        public static let appeared = Kind(IN_CREATE, IN_MOVED_TO)
        public static let disappeared = Kind(IN_DELETE, IN_MOVED_FROM)
        /// Mode or times changed.
        public static let attributes = Kind(IN_ATTRIB)
        /// The directory is no longer what its path leads to, or is not watched any more (IN_UNMOUNT, IN_IGNORED).
        public static let gone = Kind(IN_DELETE_SELF, IN_MOVE_SELF, 0x2000, 0x8000)
        /// Events were lost.
        public static let overflow = Kind(0x4000)  // IN_Q_OVERFLOW

        fileprivate static let names: Kind = [.appeared, .disappeared, Kind(IN_DELETE_SELF, IN_MOVE_SELF)]
        fileprivate static let contents: Kind = [.names, .written, .closed, .attributes]
    }
}

/// Watches directories (inotify).
public final class DirectoryWatch: Sendable {
    private let owner: FileDescriptor

    public var descriptor: Int32 { owner.rawValue }

    public init() throws(SystemError) {
        let flags = Int32(O_CLOEXEC | O_NONBLOCK)
        owner = FileDescriptor(adopting: try retrying("inotify_init1") { inotify_init1(flags) })
    }

    /// Watches what is a directory at that path now; the same one has the same number, whatever its path.
    /// - Parameter contents: whether what is written to files in it matters, and not only their names.
    public func add(_ directory: String, contents: Bool) throws(SystemError) -> Int32 {
        let wanted: DirectoryEvent.Kind = contents ? .contents : .names
        // What was wanted before stays so.
        let mask = wanted.rawValue | UInt32(IN_ONLYDIR | IN_MASK_ADD)
        // Sound: the path ends in a 0.
        return try retrying("watch \(directory)") { unsafe inotify_add_watch(descriptor, directory, mask) }
    }

    public func remove(_ watch: Int32) {
        _ = inotify_rm_watch(descriptor, watch)
    }

    /// The next events, in order; none where none waits.
    public func events() -> [DirectoryEvent] {
        var octets = [UInt8](repeating: 0, count: 65_536)
        // Sound: no more octets are read than the array has.
        let count = unsafe read(descriptor, &octets, octets.count)
        var events: [DirectoryEvent] = []
        var offset = 0
        // An event is four numbers of 32 bits (watch, kind, cookie, octets of the name) and the name, filled up with zeros.
        while offset + 16 <= count {
            // Sound: the 16 octets lie inside those that were read.
            let (watch, kind, nameCount) = unsafe octets.withUnsafeBytes { bytes in
                unsafe (
                    bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self),
                    bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self),
                    Int(bytes.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
                )
            }
            offset += 16
            let name = octets[min(offset, count)..<min(offset + nameCount, count)].prefix { $0 != 0 }
            offset += nameCount
            events.append(
                DirectoryEvent(
                    watch: watch, kind: DirectoryEvent.Kind(rawValue: kind), name: String(decoding: name, as: UTF8.self)
                ))
        }
        return events
    }
}
