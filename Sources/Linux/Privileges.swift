import CLinux
import Glibc

/// A user and a group of the machine.
public struct UserIdentity: Hashable, Sendable {
    public let user: UInt32
    public let group: UInt32

    /// Looks a user up, by name or number, and a group, by name or number; without one it is the user's own.
    /// - Returns: nil where the machine has no such user or group, or the number has no group.
    public init?(user: String, group: String?) {
        // Sound, here and below: texts that end in a 0; what is found is read before the next is looked for.
        let entry = UInt32(user) == nil ? unsafe getpwnam(user) : nil
        guard let number = unsafe UInt32(user) ?? entry?.pointee.pw_uid else { return nil }
        self.user = number
        if let group {
            guard let number = unsafe UInt32(group) ?? getgrnam(group)?.pointee.gr_gid else { return nil }
            self.group = number
        } else if let entry = unsafe entry ?? getpwuid(number) {
            self.group = unsafe entry.pointee.pw_gid
        } else {
            return nil
        }
    }
}

/// What a process may do, and gives up for good. To be called before the first thread starts, which inherits it.
public enum Privileges {
    public static var isRoot: Bool { geteuid() == 0 }

    /// Becomes another user, without supplementary groups and without a way back.
    public static func become(_ identity: UserIdentity) throws(SystemError) {
        if geteuid() == identity.user && getuid() == identity.user && getegid() == identity.group { return }
        _ = try retrying("setgroups") { setgroups(0, nil) }
        _ = try retrying("setgid \(identity.group)") { setgid(identity.group) }
        _ = try retrying("setuid \(identity.user)") { setuid(identity.user) }
        guard getuid() == identity.user, getgid() == identity.group, identity.user == 0 || setuid(0) != 0 else {
            throw SystemError("setuid \(identity.user)", refused: "The process can still become root")
        }
    }

    /// No program that is started can gain privileges (PR_SET_NO_NEW_PRIVS).
    public static func gainNoMore() throws(SystemError) {
        _ = try retrying("prctl") { clinux_no_new_privileges() }
    }

    /// Gives up all capabilities, which root needs to read files of others.
    public static func dropCapabilities() throws(SystemError) {
        _ = try retrying("capset") { clinux_drop_capabilities() }
    }

    /// System calls that no server needs fail from now on (seccomp): starting programs, tracing, mounting, loading
    /// modules and the like. Needs `gainNoMore`.
    public static func filterSystemCalls() throws(SystemError) {
        _ = try retrying("prctl") { clinux_filter_calls() }
    }
}

extension File {
    /// Makes a directory where it is missing, for a user where one is given; those above it belong to the caller.
    public static func makeDirectory(_ path: String, for owner: UserIdentity?) throws(SystemError) {
        if (try? kind(path)) != nil { return }
        try makeDirectory(path)
        guard let owner else { return }
        // Sound: the path ends in a 0.
        _ = try retrying("chown \(path)") { unsafe chown(path, owner.user, owner.group) }
    }
}
