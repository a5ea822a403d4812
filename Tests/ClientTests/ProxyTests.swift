import DNS
import DNSClient
import Linux
import TestSupport
import Testing

/// Queries with the header of the PROXY protocol before them.
struct ProxyTests {
    private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]

    private static func header(_ source: String, _ destination: String) throws -> ProxyHeader {
        let addresses = try [source, destination].map { try #require(SocketAddress($0, defaultPort: 0)) }
        return try #require(ProxyHeader(from: addresses[0], to: addresses[1]))
    }

    private static func surroundings(_ header: ProxyHeader) -> Surroundings {
        var surroundings = Surroundings.system
        surroundings.proxy = header
        return surroundings
    }

    /// What answers queries behind `head`, and nothing else.
    private static func server(_ head: [UInt8]) throws -> FakeServer {
        try FakeServer { query in
            guard query.octets.starts(with: head) else { return [] }
            guard var message = try? Message(decoding: Array(query.octets.dropFirst(head.count)).span) else {
                return []
            }
            message.header.isResponse = true
            message.answer = [try? Record(record)].compactMap { $0 }
            return [.reply((try? message.encoded()) ?? [])]
        }
    }

    static let headers: [(source: String, destination: String, octets: [UInt8])] = [
        ("192.0.2.1:258", "198.51.100.3", [0x21, 0x12, 0, 12, 192, 0, 2, 1, 198, 51, 100, 3, 1, 2, 0, 0]),
        (
            "2001:db8::1", "[2001:db8::2]:53",
            [0x21, 0x22, 0, 36] + [0x20, 1, 13, 0xB8] + [UInt8](repeating: 0, count: 11) + [1]
                + [0x20, 1, 13, 0xB8] + [UInt8](repeating: 0, count: 11) + [2, 0, 0, 0, 53]
        ),
    ]

    @Test(arguments: headers)
    func datagramsBeginWithIt(_ source: String, _ destination: String, _ octets: [UInt8]) async throws {
        let header = try Self.header(source, destination)
        let server = try Self.server(Self.signature + octets)
        defer { server.stop() }
        let configuration = ResolverConfiguration(servers: [server.address])
        let resolver = Resolver(configuration: configuration, surroundings: Self.surroundings(header))
        #expect(try await resolver.query(question).records.count == 1)

        var questions = Array(repeating: question, count: 100)[...]
        var answers = 0
        try BulkResolver(configuration: configuration, surroundings: Self.surroundings(header)).run {
            questions.popFirst().map { .question($0) } ?? .end
        } result: { _, octets throws(WireError) in
            answers += try Message(decoding: octets).answer.count
        }
        #expect(answers == 100)
    }

    @Test func aProxyMayAskForItself() async throws {
        let server = try Self.server(Self.signature + [0x20, 0, 0, 0])
        defer { server.stop() }
        let configuration = ResolverConfiguration(servers: [server.address])
        let resolver = Resolver(configuration: configuration, surroundings: Self.surroundings(.local))
        #expect(try await resolver.query(question).records.count == 1)
    }

    @Test func familiesDoNotMix() throws {
        let addresses = [SocketAddress.loopback(.ipv4, port: 1), .loopback(.ipv6, port: 1)]
        #expect(ProxyHeader(from: addresses[0], to: addresses[1]) == nil)
    }

    /// The first octets of a connection, which nothing answers.
    private static func beginning(of listener: Socket) throws -> [UInt8] {
        guard listener.wait(for: .read, milliseconds: 5_000), let (socket, _) = try listener.accept() else { return [] }
        var octets: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 512)
        while octets.count < 30, socket.wait(for: .read, milliseconds: 5_000) {
            var free = room.mutableSpan
            guard let count = try socket.receive(into: &free), count > 0 else { break }
            octets += room[..<count]
        }
        return octets
    }

    @Test func connectionsBeginWithIt() async throws {
        let header = try Self.header("192.0.2.1:258", "198.51.100.3:53")
        let head = Self.signature + [0x21, 0x11, 0, 12, 192, 0, 2, 1, 198, 51, 100, 3, 1, 2, 0, 53]
        for isTransfer in [false, true] {
            let listener = try Socket(.tcp, .ipv4)
            try listener.bind(.loopback(.ipv4, port: 0))
            try listener.listen()
            let address = try listener.localAddress()
            let asking = Task {
                if isTransfer {
                    var options = TransferOptions()
                    options.proxy = header
                    for try await _ in Transfer(of: question.name, from: address, options: options) {}
                } else {
                    var options = QueryOptions()
                    options.transport = .tcp
                    let resolver = Resolver(
                        configuration: ResolverConfiguration(servers: [address]),
                        surroundings: Self.surroundings(header))
                    _ = try await resolver.query(question, options: options)
                }
            }
            let octets = try Self.beginning(of: listener)
            asking.cancel()
            // The query's length follows.
            #expect(octets.starts(with: head) && octets.count > head.count + 2 && octets[head.count] == 0)
            _ = await asking.result
        }
    }
}
