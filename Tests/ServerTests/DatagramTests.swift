import DNS
import DNSServer
import Linux
import TestSupport
import Testing

struct DatagramTests {
    @Test(arguments: ["127.0.0.1", "[::1]"])
    func answers(host: String) throws {
        let running = try RunningServer(host)
        let reply = try #require(try running.datagrams().ask(RunningServer.query(id: 4711)))
        #expect(Sample.id(of: reply) == 4711)
        #expect(Sample.serial(of: reply) == 1)
    }

    @Test(arguments: [("0.0.0.0", "127.0.0.9"), ("[::]", "::1")])
    func repliesFromTheAskedAddress(bound: String, asked: String) throws {
        let running = try RunningServer(bound)
        let address = try #require(SocketAddress(host: asked, port: running.address.port))
        // A connected socket takes no reply from another address.
        #expect(try DatagramClient(to: address).ask(RunningServer.query()).flatMap(Sample.serial) == 1)
    }

    @Test func passesOverWhatIsNoQuery() throws {
        let running = try RunningServer(workers: 1)
        let client = try running.datagrams()
        for count in 0..<12 { try client.send([UInt8](repeating: 0, count: count)) }
        var response = RunningServer.query(id: 2)
        response[2] |= 0x80
        try client.send(response)
        try client.send(RunningServer.query(id: 3))
        // One worker answers in order, so nothing before was answered.
        #expect(try client.receive().flatMap(Sample.id) == 3)
    }

    @Test(arguments: [true, false])
    func answersManyClientsAtOnce(merges: Bool) throws {
        let running = try RunningServer(workers: 3) { $0.mergesReplies = merges }
        let clients = try (0..<40).map { _ in try running.datagrams() }
        for round in UInt16(0)..<5 {
            for client in clients { try client.send(RunningServer.query(id: round)) }
        }
        for client in clients {
            var ids: Set<UInt16> = []
            for _ in 0..<5 { ids.insert(try #require(try client.receive().flatMap(Sample.id))) }
            #expect(ids == [0, 1, 2, 3, 4])
        }
        // They are counted after they were answered.
        let end = Clock.milliseconds + 5_000
        while running.server.counters.queries < 200 && Clock.milliseconds < end { Clock.sleep(milliseconds: 1) }
        let counters = running.server.counters
        #expect(counters.queries == 200 && counters.replies == 200 && counters.dropped == 0)
    }

    /// More than is taken from a socket in a row, which is told of once: with one socket a worker, and with two.
    @Test(arguments: [1, 2])
    func answersAllOfABurst(sockets: Int) throws {
        var limits = ServerLimits()
        limits.datagramsAtOnce = 2
        limits.batchesInARow = 2
        let addresses = Array(repeating: SocketAddress.loopback(.ipv4, port: 0), count: sockets)
        let server = try Server(binding: addresses, workers: 1, limits: limits)
        let clients = try server.addresses.map { try DatagramClient(to: $0) }
        for id in UInt16(0)..<21 {
            for client in clients { try client.send(RunningServer.query(id: id)) }
        }
        try server.start(serving: RunningServer.database(serial: 1))
        for client in clients {
            var ids: Set<UInt16> = []
            for _ in 0..<21 { ids.insert(try #require(try client.receive().flatMap(Sample.id))) }
            #expect(ids.count == 21)
        }
        server.stop()
    }

    @Test func answersNothingBeforeTheStart() throws {
        let server = try Server(binding: [.loopback(.ipv4, port: 0)], workers: 1)
        let datagrams = try DatagramClient(to: server.addresses[0])
        let stream = try StreamClient(to: server.addresses[0])
        try datagrams.send(RunningServer.query())
        try stream.send(message: RunningServer.query())
        #expect(try datagrams.receive(milliseconds: 50) == nil)
        #expect(stream.receive(milliseconds: 50) == .nothing)
        try server.start(serving: RunningServer.database(serial: 9))
        #expect(try datagrams.receive().flatMap(Sample.serial) == 9)
        guard case .message(let reply) = stream.receive() else {
            Issue.record("no reply over TCP")
            return
        }
        #expect(Sample.serial(of: reply) == 9)
        server.stop()
    }
}
