import ArgumentParser
import DNS
import DNSServer
import Linux

/// Where a running server is asked.
struct ControlPath {
    /// Where sockets are by default, and what stands before the port in their names.
    private static var place: (directory: String, prefix: String) {
        if let directory = Environment["XDG_RUNTIME_DIR"], directory.first == "/" { return (directory, "minidns-") }
        return ("/run/minidns", "")
    }

    static func standard(port: UInt16) -> String { "\(place.directory)/\(place.prefix)\(port).sock" }

    /// The directory that is ours to make.
    static var ownDirectory: String? { place.prefix.isEmpty ? place.directory : nil }

    /// Connects to the server at a path, or to the only one that there is.
    static func connect(to path: String?) throws(Failure) -> ControlConnection {
        if let path {
            do throws(SystemError) {
                return try ControlConnection(to: path)
            } catch {
                throw Failure(status: .noServer, message: "no server answers: \(error)")
            }
        }
        let (directory, prefix) = place
        let names = (try? File.names(in: directory)) ?? []
        let paths = names.filter { $0.hasPrefix(prefix) && $0.hasSuffix(".sock") }.map { "\(directory)/\($0)" }
        let servers = paths.compactMap { path in (try? ControlConnection(to: path)).map { (path, $0) } }
        switch servers.count {
        case 1: return servers[0].1
        case 0:
            throw Failure(
                status: .noServer,
                message: "no server is running that has its control socket in \(directory); name another with --control"
            )
        default:
            let list = servers.map { "--control \($0.0)" }.joined(separator: "\n")
            throw Failure(status: .noServer, message: "several servers are running; choose one:\n\(list)")
        }
    }
}

/// Which server is asked, and how its answer is printed.
struct ControlOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The server's control socket (default: that of the only server).", valueName: "path"))
    var control: String?

    @Flag(help: "Print JSON.")
    var json = false

    /// Octets of a reply.
    private static let largestReply = 1 << 30

    func ask(_ request: JSON) throws(Failure) -> JSON {
        StandardStreams.ignoreClosedPipes()
        let connection = try ControlPath.connect(to: control)
        guard connection.send(request), let line = connection.receive(limit: Self.largestReply),
            let reply = JSON(parsing: line)
        else { throw Failure(status: .noServer, message: "the server ended before it answered") }
        if let error = reply["error"]?.string { throw Failure(status: .noServer, message: error) }
        return reply
    }

    func print(_ reply: JSON) { StandardStreams.write(reply.text + "\n", to: 1) }
}
