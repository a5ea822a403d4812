import DNS
import DNSServer
import Linux

/// A client of a whole server in this process, so that what surrounds answering is counted too: receiving, sending,
/// waiting, looking for a newer database.
///
/// One query is under way at a time, so a batch has one, and what a batch costs is a query's.
struct Asking: ~Copyable {
    private let server: Server
    private let socket: Socket

    private static let patienceMilliseconds = 10_000

    init(_ database: Database) throws {
        // So that what the rate limit and a list of prefixes cost is counted, and nothing is withheld.
        var limits = ServerLimits()
        limits.rateLimitsLoopback = true
        limits.rateLimit = 1_000_000
        limits.clients.mayAsk = AccessList(allow: AddressPrefix.loopback, deny: [])
        let server = try Server(binding: [.loopback(.ipv4, port: 0)], workers: 1, limits: limits)
        try server.start(serving: database)
        let socket = try Socket(.udp, .ipv4)
        try socket.connect(server.addresses[0])
        self.server = server
        self.socket = socket
    }

    /// Returns the octets of the last response.
    func ask(_ questions: Questions, times: Int, into response: inout [UInt8]) throws -> Int {
        var count = 0
        for number in 0..<times {
            _ = try socket.send(questions[number])
            guard socket.wait(for: .read, milliseconds: Self.patienceMilliseconds) else { return 0 }
            var room = response.mutableSpan
            count = try socket.receive(into: &room) ?? 0
        }
        return count
    }
}
