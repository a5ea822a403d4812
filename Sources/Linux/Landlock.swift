import CLinux
import Glibc

/// Which files a process may open, whoever its user is (landlock(7)), and whether it may have new TCP connections.
public struct Landlock: ~Copyable {
    private let rules: FileDescriptor
    private let handled: UInt64

    // LANDLOCK_ACCESS_FS_
    private static let execute: UInt64 = 1 << 0
    private static let writeFile: UInt64 = 1 << 1
    private static let readFile: UInt64 = 1 << 2
    private static let readDirectory: UInt64 = 1 << 3
    private static let removeFile: UInt64 = 1 << 5
    private static let makeFile: UInt64 = 1 << 8
    private static let truncate: UInt64 = 1 << 14
    // All of a version of Landlock: files, and TCP.
    private static let filesByVersion: [UInt64] = [13, 14, 15, 15, 16].map { 1 << $0 - 1 }
    private static let network: UInt64 = 1 << 0 | 1 << 1

    /// The kernel's version of it; nil where it has none.
    public static var version: Int? {
        let version = clinux_landlock_version()
        return version > 0 ? Int(version) : nil
    }

    /// Rules that allow nothing yet. Files that are open stay so, and connections that are accepted are no new ones.
    public init() throws(SystemError) {
        guard let version = Self.version else { throw SystemError("landlock", code: ENOSYS) }
        let handled = Self.filesByVersion[min(version, Self.filesByVersion.count) - 1]
        let rules = try retrying("landlock") { clinux_landlock_create(handled, version >= 4 ? Self.network : 0) }
        self.handled = handled
        self.rules = FileDescriptor(adopting: rules)
    }

    /// Allows reading a file, or a directory and all beneath it.
    public func allowReading(_ path: String) throws(SystemError) {
        try allow(path, Self.readFile | Self.readDirectory)
    }

    /// Allows reading, writing, making and removing files beneath a directory.
    public func allowWriting(_ path: String) throws(SystemError) {
        try allow(
            path,
            Self.readFile | Self.readDirectory | Self.writeFile | Self.makeFile | Self.removeFile | Self.truncate)
    }

    /// Allows removing files beneath a directory.
    public func allowRemoving(_ path: String) throws(SystemError) {
        try allow(path, Self.removeFile)
    }

    private func allow(_ path: String, _ access: UInt64) throws(SystemError) {
        let (rules, ofFiles) = (rules.rawValue, Self.execute | Self.writeFile | Self.readFile | Self.truncate)
        // Sound: the path ends in a 0.
        _ = try retrying("landlock \(path)") {
            unsafe clinux_landlock_allow(rules, path, access & handled, ofFiles)
        }
    }

    /// From now on the rules hold for all threads of the process. Needs `Privileges.gainNoMore`.
    public consuming func bindAllThreads() throws(SystemError) {
        let rules = rules.rawValue
        _ = try retrying("landlock") { clinux_landlock_bind_all_threads(rules) }
    }
}
