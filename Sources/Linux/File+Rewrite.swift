import Glibc

extension File {
    /// Puts other octets into a file, so that there is always a whole one, the one from before or this, also after a
    /// crash. Links are followed; mode and, where that is allowed, owner stay.
    ///
    /// - Parameter status: What the file was when it was read; one that was changed since is left alone.
    public static func rewrite(_ path: String, _ octets: [UInt8], ifStill status: FileStatus) throws(SystemError) {
        // Sound: the path ends in a 0; what realpath allocates is freed.
        guard let resolved = unsafe realpath(path, nil) else { throw SystemError("find \(path)") }
        defer { unsafe free(resolved) }
        let target = unsafe String(cString: resolved)
        var old = Glibc.stat()
        // Sound: one structure, and a path that ends in a 0.
        _ = try retrying("stat \(path)") { unsafe stat(target, &old) }
        let directory = target.split(separator: "/").dropLast().map { "/\($0)" }.joined()
        let draft = "\(directory)/.\(target.split(separator: "/").last ?? "").\(getpid())"
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY
        // Sound: the path ends in a 0, as the others below do.
        let file = FileDescriptor(adopting: try retrying("open \(draft)") { unsafe open(draft, flags, 0o600) })
        do throws(SystemError) {
            let descriptor = file.rawValue
            // Who may not give files away keeps his own.
            _ = fchown(descriptor, old.st_uid, old.st_gid)
            _ = try retrying("chmod \(draft)") { fchmod(descriptor, old.st_mode & 0o7777) }
            try StandardStreams.write(all: octets, to: descriptor)
            _ = try retrying("fsync \(draft)") { fsync(descriptor) }
            guard try File.status(target) == status else {
                throw SystemError("write \(path)", refused: "File was changed meanwhile")
            }
            _ = try retrying("rename \(draft)") { unsafe rename(draft, target) }
        } catch {
            _ = unsafe unlink(draft)
            throw error
        }
        let parent = directory.isEmpty ? "/" : directory
        let entry = FileDescriptor(
            adopting: try retrying("open \(parent)") { unsafe open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
        let descriptor = entry.rawValue
        _ = try retrying("fsync \(parent)") { fsync(descriptor) }
    }
}
