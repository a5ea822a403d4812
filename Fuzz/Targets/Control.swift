import Foundation
import Linux
import Logging
import TestSupport

@testable import DNS
@testable import DNSServer

/// A server whose control socket is asked.
private struct ControlledServer: Sendable {
    let requests: ControlRequests
    private let keeping: Linux.Thread

    static let shared = Result { try ControlledServer() }

    private init() throws {
        let quiet = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
        let server = try Server(binding: [.loopback(.ipv4, port: 0)], workers: 1, logger: quiet)
        let zones = TestData.root.deletingLastPathComponent().appending(path: "zones").path()
        let directory = ZoneDirectory([ZonePath(zones), ZonePath("/dev/null/none")])
        let keeper = try ZoneKeeper(directory, watches: false, logger: quiet) { server.publish($0.database) }
        keeping = try Linux.Thread(name: "zones") { try? keeper.run() }
        requests = ControlRequests(
            server, directory, keeper, clients: nil, logger: quiet, queryLog: ("/dev/null", nil))
    }

    /// Whatever file the request names, the query log goes to one that takes all, or cannot be.
    func reply(to request: JSON) -> JSON {
        guard case .object(let members) = request else { return requests.reply(to: request) }
        let harmless = members.map { member in
            guard let file = member.value.string, member.name == "file" else { return member }
            return JSON.Member("file", .string(file.utf8.count % 2 == 0 ? "/dev/null" : "/dev/null/none"))
        }
        return requests.reply(to: .object(harmless))
    }
}

extension FuzzTarget {
    /// Lines to the control socket of a server, sent in pieces: each that is JSON survives printing and gets one line of
    /// JSON, and the first that is not an error and the end.
    static let control = FuzzTarget(name: "control") { octets in
        var limits = ControlLimits()
        limits.patienceMilliseconds = 100_000
        let stream = Array(octets.prefix(limits.requestSize - 1)) + [0x0A]
        let lines = stream.dropLast().split(separator: 0x0A, omittingEmptySubsequences: false)
        let values = lines.map { JSON(parsing: $0) }
        for case let value? in values {
            try Finding.unless(JSON(parsing: value.text.utf8) == value, value.text)
            try Finding.unless(!value.text.utf8.contains { $0 < 0x20 }, "control characters: \(value.text)")
        }
        let server = try ControlledServer.shared.get()
        let path = "/tmp/minidns-fuzz-\(String(Machine.randomNumber(), radix: 36))"
        let socket = try ControlSocket(at: path, limits: limits) { server.reply(to: $0) }
        defer { socket.stop() }
        try socket.start()
        let client = try LocalSocket.connect(to: path)
        let size = 1 + stream.count % 97
        var sent = 0
        // The server may have closed it behind a line that is none.
        while sent < stream.count,
            let count = try? client.socket.send(
                stream.span.extracting(sent..<min(sent + size, stream.count))) ?? 0
        {
            sent += count
            if count == 0 { _ = client.socket.wait(for: .write, milliseconds: limits.patienceMilliseconds) }
        }
        let connection = ControlConnection(client, patienceMilliseconds: limits.patienceMilliseconds)
        for value in values {
            guard let line = connection.receive(limit: 1 << 24), let reply = JSON(parsing: line) else {
                throw Finding(description: "no reply")
            }
            if value == nil {
                try Finding.unless(reply["error"] != nil && connection.receive(limit: 1) == nil, reply.text)
                return
            }
        }
    }
}
