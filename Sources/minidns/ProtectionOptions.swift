import ArgumentParser
import DNSServer
import Linux
import Logging
import Synchronization

/// Whom the server runs as, and what it gives up.
struct ProtectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Run as this user, by name or number, once all addresses are bound (default: whoever starts it).",
            valueName: "user[:group]"))
    var user: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "A directory that zones may come from later; those of all zones and $INCLUDEs at the start may be read anyway.",
            valueName: "directory"))
    var allowInclude: [String] = []

    @Flag(help: "Do without the filter of system calls and without Landlock.")
    var noSandbox = false

    /// Becomes the user and gives up what is not needed any more.
    /// - Parameter directories: are made for the user where they are missing, as far as possible.
    func apply(making directories: [String]) throws -> Protection {
        let identity = try identity()
        for directory in directories { try? File.makeDirectory(directory, for: identity) }
        if let identity { try Privileges.become(identity) }
        return Protection(self)
    }

    private func identity() throws(Failure) -> UserIdentity? {
        guard let user else { return nil }
        let words = user.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard words.count <= 2, let identity = UserIdentity(user: words[0], group: words.count > 1 ? words[1] : nil)
        else {
            throw Failure(
                status: .systemRefused,
                message: "--user \(user): this machine has no such user or group\n"
                    + "Make one (useradd --system \(words[0])), or give numbers: --user 65534:65534")
        }
        return identity
    }
}

/// What keeps an intruder who got into the server from going on, as far as the machine has it.
final class Protection: Sendable {
    private struct State {
        var on: [String] = []
        var off: [String] = []
        /// What may be read once the files are confined.
        var places: Set<Place>?
    }

    /// A directory as the kernel knows it.
    private struct Place: Hashable {
        let device, inode: UInt64

        init?(_ path: String) {
            guard let status = try? File.status(path) else { return nil }
            (device, inode) = (status.device, status.inode)
        }
    }

    private let options: ProtectionOptions
    private let state = Mutex(State())

    /// What the server itself reads while it runs: processors and memory that it may use.
    private static let systemPlaces = ["/proc/self", "/proc/meminfo", "/sys/fs/cgroup"]
    private static let advice =
        "the server may only read where its zones were at its start: start it again, or with --allow-include"

    fileprivate init(_ options: ProtectionOptions) {
        self.options = options
        if Privileges.isRoot {
            leave("user", "it runs as root: give --user NAME")
        } else {
            state.withLock { $0.on.append(options.user.map { "user \($0)" } ?? "an ordinary user") }
            attempt("no capabilities") { () throws(SystemError) in try Privileges.dropCapabilities() }
        }
        attempt("no new privileges") { () throws(SystemError) in try Privileges.gainNoMore() }
        if options.noSandbox {
            leave("filter of system calls", "--no-sandbox")
            leave("confined files", "--no-sandbox")
        } else {
            attempt("filter of system calls") { () throws(SystemError) in try Privileges.filterSystemCalls() }
        }
    }

    /// From now on files are read beneath these directories only, and written beneath the state directory.
    /// - Returns: what protection there is.
    func confine(
        reading places: Set<String>, state directory: String?, control: String?, queryLog: String?, _ logger: Logger
    ) -> String {
        if !options.noSandbox {
            attempt("confined files") { () throws(SystemError) in
                let rules = try Landlock()
                var known = Set<Place>()
                for path in places.subtracting(["/"]).union(options.allowInclude) {
                    do throws(SystemError) {
                        try rules.allowReading(path)
                        if let place = Place(path) { known.insert(place) }
                    } catch {
                        // What cannot be opened now cannot be allowed; of zones their own errors say so.
                        guard options.allowInclude.contains(path) else { continue }
                        logger.warning("--allow-include \(path): \(error.message), so it stays closed")
                    }
                }
                for path in Self.systemPlaces { try? rules.allowReading(path) }
                if let directory { try? rules.allowWriting(directory) }
                // Where one was written at the start another may be later.
                if let queryLog, queryLog != "-" { try? rules.allowWriting(File.parent(of: queryLog)) }
                if let control { try? rules.allowRemoving(File.parent(of: control)) }
                try rules.bindAllThreads()
                self.state.withLock { $0.places = known }
            }
        }
        let (on, off) = state.withLock { ($0.on, $0.off) }
        let lacking = off.isEmpty ? "" : "; not by: \(off.joined(separator: ", "))"
        return "protected by: \(on.joined(separator: ", "))\(lacking)"
    }

    /// What to do for a path that may not be read for where it lies; nil where that is not the reason.
    @Sendable func advice(on path: String) -> String? {
        guard let places = state.withLock({ $0.places }), let resolved = File.resolved(path) else { return nil }
        var place = resolved
        while true {
            if let known = Place(place), places.contains(known) { return nil }
            if place == "/" { return "\(Self.advice) \(File.parent(of: resolved))" }
            place = File.parent(of: place)
        }
    }

    private func attempt(_ name: String, _ body: () throws(SystemError) -> Void) {
        do throws(SystemError) {
            try body()
            state.withLock { $0.on.append(name) }
        } catch {
            leave(name, error.message)
        }
    }

    private func leave(_ name: String, _ reason: String) {
        state.withLock { $0.off.append("\(name) (\(reason))") }
    }
}
