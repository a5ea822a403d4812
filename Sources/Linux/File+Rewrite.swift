import Glibc

extension File {
    /// Writes a file so that there is always a whole one, the one from before or this, also after a crash: when this
    /// returns it is on the disk.
    public static func replace(_ path: String, with octets: [UInt8]) throws(SystemError) {
        let draft = path + ".new"
        let file = try FileDescriptor(opening: draft, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644)
        try finish(file, draft, octets, replacing: path)
    }

    /// Puts other octets into a file as `replace` does. Links are followed; mode and, where that is allowed, owner stay.
    ///
    /// - Parameter status: What the file was when it was read; one that was changed since is left alone.
    public static func rewrite(_ path: String, _ octets: [UInt8], ifStill status: FileStatus) throws(SystemError) {
        guard let target = resolved(path) else { throw SystemError("find \(path)") }
        let old = try lookUp(target)
        let draft = "\(parent(of: target))/.\(target.split(separator: "/").last ?? "").\(getpid())"
        let file = try FileDescriptor(opening: draft, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        // Who may not give files away keeps his own.
        _ = fchown(file.rawValue, old.st_uid, old.st_gid)
        guard fchmod(file.rawValue, old.st_mode & 0o7777) == 0 else {
            defer { remove(draft) }
            throw SystemError("chmod \(draft)")
        }
        try finish(file, draft, octets, replacing: target, ifStill: status)
    }

    /// Writes a draft and gives it the name of a file beside it.
    private static func finish(
        _ file: borrowing FileDescriptor, _ draft: String, _ octets: [UInt8], replacing target: String,
        ifStill status: FileStatus? = nil
    ) throws(SystemError) {
        do throws(SystemError) {
            try file.write(octets, draft)
            try file.synchronize(draft)
            if let status, try File.status(target) != status {
                throw SystemError("write \(target)", refused: "File was changed meanwhile")
            }
            // Sound: paths that end in a 0.
            _ = try retrying("rename \(draft)") { unsafe rename(draft, target) }
        } catch {
            remove(draft)
            throw error
        }
        let directory = parent(of: target)
        try FileDescriptor(opening: directory, O_RDONLY | O_DIRECTORY).synchronize(directory)
    }

    /// How long whoever holds a lock may take.
    private static let lockMilliseconds = 1_000

    /// Runs `body` while no other process of this user does so for the same path.
    public static func locking<Result>(
        _ path: String, _ body: () throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        let file = try FileDescriptor(opening: path, O_RDWR | O_CREAT, mode: 0o600)
        let end = Clock.milliseconds + lockMilliseconds
        while flock(file.rawValue, LOCK_EX | LOCK_NB) != 0 {
            if errno != EWOULDBLOCK && errno != EINTR { throw SystemError("lock \(path)") }
            if Clock.milliseconds >= end { throw SystemError("lock \(path)", refused: "Another process holds it") }
            Clock.sleep(milliseconds: 5)
        }
        let result = try body()
        withExtendedLifetime(file) {}
        return result
    }
}
