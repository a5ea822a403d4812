import CLinux
import Glibc

/// A name in a directory that a path leads through.
public struct PathStep: Hashable, Sendable {
    public let directory: String
    public let name: String

    public init(directory: String, name: String) {
        self.directory = directory
        self.name = name
    }
}

extension File {
    /// Links that a path may lead through (path_resolution(7)).
    private static let linkLimit = 40

    /// The names on which it depends what a path leads to: each link on its way, and the last name; where that way ends
    /// early, the name that is missing.
    public static func steps(of path: String) -> [PathStep] {
        var steps: [PathStep] = []
        var names = path.split(separator: "/")[...]
        var directory = path.first == "/" ? "/" : "."
        var links = 0
        while let name = names.popFirst().map(String.init) {
            let here = PathStep(directory: directory, name: name)
            let place = directory == "/" ? "/\(name)" : "\(directory)/\(name)"
            switch target(ofLink: place) {
            case .link(let target):
                steps.append(here)
                links += 1
                if links > linkLimit { return steps }
                names = (target.split(separator: "/") + names)[...]
                if target.first == "/" { directory = "/" }
            case .missing:
                return steps + [here]
            case .other:
                if names.isEmpty { steps.append(here) }
                directory = place
            }
        }
        return steps
    }

    private enum Link {
        case link(String)
        case missing, other
    }

    private static func target(ofLink path: String) -> Link {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { octets in
            guard let start = octets.baseAddress else { return .other }
            // Sound: no more octets are written than there is room for, and no more read than were written.
            let count = unsafe readlink(path, start, octets.count)
            if count < 0 { return errno == ENOENT ? .missing : .other }
            return unsafe .link(String(decoding: UnsafeRawBufferPointer(octets).prefix(count), as: UTF8.self))
        }
    }

    /// Makes a directory and those above it, where they are missing.
    public static func makeDirectory(_ path: String) throws(SystemError) {
        // Sound: the path ends in a 0.
        if unsafe mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        let parent = parent(of: path)
        guard errno == ENOENT, parent != path, parent != "." else { throw SystemError("mkdir \(path)") }
        try makeDirectory(parent)
        _ = try retrying("mkdir \(path)") { unsafe mkdir(path, 0o755) }
    }

    /// The path from the root on, for programs that run elsewhere.
    public static func absolute(_ path: String) -> String {
        var octets = [CChar](repeating: 0, count: Int(PATH_MAX))
        // Sound: the array has the room that is told.
        guard !path.hasPrefix("/"), unsafe getcwd(&octets, octets.count) != nil else { return path }
        return String(endedByZero: octets) + "/" + path
    }

    /// The path without its last name; `.` where it has one only.
    public static func parent(of path: String) -> String {
        let names = path.split(separator: "/").dropLast()
        return (path.first == "/" ? "/" : "")
            + (names.isEmpty && path.first != "/" ? "." : names.joined(separator: "/"))
    }

    /// The path without links and dots; nil where nothing is there.
    public static func resolved(_ path: String) -> String? {
        // Sound: the path ends in a 0; the text is ours to free.
        guard let text = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }

    /// Removes a file, or the name of a socket.
    public static func remove(_ path: String) {
        // Sound: the path ends in a 0.
        _ = unsafe unlink(path)
    }
}
