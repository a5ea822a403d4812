import CLinux
import Glibc

/// What tells whether a file was changed or replaced.
public struct FileStatus: Hashable, Sendable {
    public let device: UInt64
    public let inode: UInt64
    public let size: Int
    /// Nanoseconds since 1970 of the last write and of the last change of the file or its inode.
    public let modified: Int
    public let changed: Int

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int(status.st_size)
        modified = status.st_mtim.tv_sec &* 1_000_000_000 &+ status.st_mtim.tv_nsec
        changed = status.st_ctim.tv_sec &* 1_000_000_000 &+ status.st_ctim.tv_nsec
    }
}

/// A regular file as it was at one moment.
public struct FileContents: Sendable {
    public let octets: [UInt8]
    public let status: FileStatus
}

/// Files and directories.
public enum File {
    public enum Kind: Sendable {
        case regular, directory, other
    }

    /// How often a file that is being written is read again before that is an error.
    private static let attempts = 5

    /// Reads a regular file whole into memory of our own. It is never mapped: whoever truncates a
    /// mapped file kills its reader. FIFOs, devices, sockets and directories are errors at once.
    /// - Parameters:
    ///   - limit: octets; a larger file is an error before it is read.
    ///   - followsLinks: whether the path may be a link; else that is an error that `isLink`.
    ///   - willRead: gets the size in octets, and may throw.
    public static func read(
        _ path: String, limit: Int, followsLinks: Bool = true,
        willRead: (_ size: Int) throws(SystemError) -> Void = { _ in }
    ) throws(SystemError) -> FileContents {
        for attempt in 1...attempts {
            // Opening does not wait, not even for a FIFO's writer.
            let file = try FileDescriptor(opening: path, O_RDONLY | O_NONBLOCK | (followsLinks ? 0 : O_NOFOLLOW))
            let before = try status(file, path)
            // Files of /proc and /sys say that they are empty.
            guard before.size <= limit else {
                throw SystemError("read \(path)", refused: "File too large (\(before.size) octets; limit \(limit))")
            }
            try willRead(before.size)
            let octets = try readAll(file, path, expected: before.size, limit: limit)
            let after = try status(file, path)
            if after == before { return FileContents(octets: octets, status: after) }
            if attempt < attempts { Clock.sleep(milliseconds: 2 << attempt) }
        }
        throw SystemError("read \(path)", refused: "File changes while it is read")
    }

    /// Writes a file anew, in place: for files that nobody reads meanwhile.
    public static func write(_ octets: [UInt8], to path: String) throws(SystemError) {
        let file = try FileDescriptor(opening: path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644)
        try file.write(octets, path)
    }

    /// What a path leads to, after links.
    public static func kind(_ path: String) throws(SystemError) -> Kind {
        switch try lookUp(path).st_mode & S_IFMT {
        case S_IFREG: .regular
        case S_IFDIR: .directory
        default: .other
        }
    }

    /// What tells whether the file at a path was changed.
    /// - Parameter followsLinks: whether the file is meant that links lead to.
    public static func status(_ path: String, followsLinks: Bool = true) throws(SystemError) -> FileStatus {
        FileStatus(try lookUp(path, followsLinks: followsLinks))
    }

    /// What is in a directory, without `.` and `..` and, where that is wanted, without directories
    /// and links to such; sorted by the octets of the names.
    public static func names(in directory: String, directories: Bool = true) throws(SystemError) -> [String] {
        // Sound: opened here, read by this thread alone, closed at the end.
        guard let stream = unsafe opendir(directory) else { throw SystemError("open \(directory)") }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            // Sound: the entry's name, which ends in a 0, is copied before the next is asked for.
            guard let entry = unsafe readdir(stream) else { break }
            let name = unsafe String(cString: clinux_entry_name(entry))
            if name == "." || name == ".." { continue }
            if !directories && isDirectory(unsafe entry.pointee.d_type, "\(directory)/\(name)") { continue }
            names.append(name)
        }
        guard errno == 0 else { throw SystemError("read \(directory)") }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

// MARK: Steps

extension File {
    /// Asks about links and where the file system does not tell.
    private static func isDirectory(_ type: UInt8, _ path: @autoclosure () -> String) -> Bool {
        switch Int(type) {
        case Int(DT_DIR): true
        case Int(DT_LNK), Int(DT_UNKNOWN): (try? kind(path())) == .directory
        default: false
        }
    }

    static func lookUp(_ path: String, followsLinks: Bool = true) throws(SystemError) -> Glibc.stat {
        var status = Glibc.stat()
        // Sound: one structure, and a path that ends in a 0.
        _ = try retrying("stat \(path)") { unsafe followsLinks ? stat(path, &status) : lstat(path, &status) }
        return status
    }

    private static func status(_ file: borrowing FileDescriptor, _ path: String) throws(SystemError) -> FileStatus {
        var status = Glibc.stat()
        let descriptor = file.rawValue
        // Sound: one structure.
        _ = try retrying("stat \(path)") { unsafe fstat(descriptor, &status) }
        let refused: String
        switch status.st_mode & S_IFMT {
        case S_IFREG: return FileStatus(status)
        case S_IFDIR: throw SystemError("read \(path)", code: EISDIR)
        case S_IFIFO: refused = "Is a FIFO, not a regular file"
        case S_IFSOCK: refused = "Is a socket, not a regular file"
        case S_IFCHR, S_IFBLK: refused = "Is a device, not a regular file"
        default: refused = "Not a regular file"
        }
        throw SystemError("read \(path)", refused: refused)
    }

    private static func readAll(
        _ file: borrowing FileDescriptor, _ path: String, expected: Int, limit: Int
    ) throws(SystemError) -> [UInt8] {
        // One octet more shows the end without another round.
        var capacity = max(expected, 4095) + 1
        while true {
            let descriptor = file.rawValue
            var failure: Int32 = 0
            var complete = false
            // Sound: read fills at most the rest of the buffer behind those that are there, which `filled` counts.
            let octets = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, filled in
                while filled < buffer.count && !complete && failure == 0 {
                    let count = unsafe pread(descriptor, buffer.baseAddress! + filled, buffer.count - filled, filled)
                    if count > 0 { filled += count }
                    // The status afterwards tells whether it has grown.
                    if count == 0 || filled == expected && count > 0 { complete = true }
                    if count < 0 && errno != EINTR { failure = errno }
                }
            }
            if failure != 0 { throw SystemError("read \(path)", code: failure) }
            if complete { return octets }
            guard capacity <= limit else { throw SystemError("read \(path)", refused: "File too large") }
            capacity *= 2
        }
    }
}
