import Linux
import TestSupport
import Testing

/// The built `minidns`, running with arguments; killed with its owner.
struct RunningCommand: ~Copyable {
    private(set) var process: ChildProcess
    private(set) var errors = ""

    static let path: String = {
        // The test bundle and the programs are built into one directory.
        var shell = try! ChildProcess("/bin/sh", ["-c", "readlink /proc/$PPID/exe"])
        let octets = (try? shell.read(.output, milliseconds: 5_000)) ?? []
        let bundle = String(decoding: octets, as: UTF8.self)
        return bundle.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/minidns"
    }()

    init(_ arguments: [String], in directory: String = "/", environment: [String]? = nil) throws {
        let words = environment == nil ? Self.own + [Self.path] + arguments : arguments
        process = try ChildProcess(
            environment == nil ? "/usr/bin/env" : Self.path, words, environment: environment, directory: directory)
    }

    /// Runs through a shell, for what only a shell sets.
    init(script: String, in directory: String = "/") throws {
        process = try ChildProcess("/usr/bin/env", Self.own + ["/bin/sh", "-c", script], directory: directory)
    }

    /// No control socket and no state but those that a test names: nothing stays where the machine's own servers have theirs.
    private static let own = ["XDG_RUNTIME_DIR=/dev/null", "XDG_STATE_HOME=/dev/null"]

    /// Reads standard error until a line has the text; false where it does not come.
    mutating func sees(_ text: String, times: Int = 1, milliseconds: Int = 10_000) throws -> Bool {
        let end = Clock.milliseconds + milliseconds
        while errors.split(separator: "\n").count(where: { $0.contains(text) }) < times {
            let left = end - Clock.milliseconds
            guard left > 0, let octets = try process.read(.errors, milliseconds: left), !octets.isEmpty else {
                return false
            }
            errors += String(decoding: octets, as: UTF8.self)
        }
        return true
    }

    /// Where it listens, once it says so.
    mutating func addresses() throws -> [SocketAddress] {
        try #require(try sees("listening on "), "\(errors)")
        let line = try #require(errors.split(separator: "\n").first { $0.contains("listening on ") })
        let list = try #require(line.split(separator: "listening on ").last)
        return list.split(separator: ", ").compactMap { SocketAddress($0, defaultPort: 1) }
    }

    mutating func end(milliseconds: Int = 10_000) -> ChildProcess.Ending? {
        process.wait(milliseconds: milliseconds)
    }

    /// What a command prints and how it ends.
    static func run(
        _ arguments: [String], in directory: String = "/", environment: [String]? = nil
    ) throws -> (ending: ChildProcess.Ending?, output: String, errors: String) {
        var command = try RunningCommand(arguments, in: directory, environment: environment)
        var output = ""
        while let octets = try command.process.read(.output, milliseconds: 10_000), !octets.isEmpty {
            output += String(decoding: octets, as: UTF8.self)
        }
        _ = try command.sees("\u{0}")
        return (command.end(), output, command.errors)
    }
}

/// A directory `zones` with the zone example.test.
func makeZones(serial: UInt32 = 1) throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try directory.run("mkdir zones")
    try directory.write("zones/example.test.zone", Sample.zone(serial: serial))
    return directory
}

func servedSerial(at address: SocketAddress) throws -> UInt32? {
    try DatagramClient(to: address).ask(Sample.query("example.test")).flatMap(Sample.serial)
}

extension RunningCommand {
    /// What the descriptors of a process lead to.
    static func links(of process: Int32) throws -> [Int: String] {
        let script = "cd /proc/\(process)/fd; for f in *; do echo $f $(readlink $f); done"
        var shell = try ChildProcess("/bin/sh", ["-c", script])
        var text = ""
        while let octets = try shell.read(.output, milliseconds: 5_000), !octets.isEmpty {
            text += String(decoding: octets, as: UTF8.self)
        }
        _ = shell.wait(milliseconds: 5_000)
        var links: [Int: String] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 1)
            if words.count == 2, let number = Int(words[0]) { links[number] = String(words[1]) }
        }
        return links
    }
}
