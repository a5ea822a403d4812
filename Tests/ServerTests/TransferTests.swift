import DNS
import DNSServer
import Linux
import TestSupport
import Testing

/// Zone transfers from a live server (RFC 5936): what else goes on meanwhile, and what clients do that do not behave.
struct TransferTests {
    /// Every record of the large zone has two names below this one, which are not compressed (RFC 3597 §4): a short
    /// file makes a transfer that no buffer on the way holds.
    private static let origin = (0..<4).map { String(repeating: "\($0)", count: 58) }.joined(separator: ".")
    private static let nameCount = 14_000

    /// The zone is made once for all tests.
    private static let large = Result { try database(serial: 1, names: nameCount) }

    private static func database(serial: UInt32, names: Int) throws -> Database {
        let text = Sample.zone(serial: serial) + "$GENERATE 1-\(names) n$ 60 RP m\(serial).$ t$\n"
        let loaded = ZoneLoader.load(path: "zone", origin: try Name(origin), seed: 1) { _ in .success(Array(text.utf8))
        }
        return Database(zones: [try #require(loaded.zone)], unavailable: [], seed: 1)
    }

    private static func running(_ configure: (inout ServerLimits) -> Void = { _ in }) throws -> RunningServer {
        try RunningServer(serving: large.get(), configure)
    }

    private static func axfr(_ id: UInt16) -> [UInt8] { Sample.query(origin, type: RecordType.axfr.rawValue, id: id) }

    private static func soa(_ id: UInt16) -> [UInt8] { Sample.query(origin, id: id) }

    /// What came of the transfers of a connection, by the ids of their queries.
    private struct Received {
        var records: [UInt16: Int] = [:]
        /// The serials of the SOA records, in the order that they came.
        var serials: [UInt16: [UInt32]] = [:]
        /// The first label of each record's first name, without its number.
        var marks: [UInt16: Set<[UInt8]>] = [:]
        /// Ids of the messages, each noted when it first came and when it last came.
        var order: [UInt16] = []

        mutating func add(_ octets: [UInt8]) throws {
            let message = try Message(decoding: octets.span)
            let id = message.header.id
            #expect(message.header.isResponse && message.header.responseCode == .noError)
            #expect(message.header.isAuthoritative && !message.header.isTruncated)
            if order.last != id { order.append(id) }
            records[id, default: 0] += message.answer.count
            for record in message.answer where record.type == .soa {
                let octets = record.data.octets.suffix(20).prefix(4)
                serials[id, default: []].append(octets.reduce(0) { $0 << 8 | UInt32($1) })
            }
            for record in message.answer where record.type.rawValue == 17 {
                marks[id, default: []].insert(Array(record.data.octets.prefix(3)))
            }
        }

        /// Whether both SOA records of the transfer are here.
        func isComplete(_ id: UInt16) -> Bool { serials[id]?.count == 2 }

        /// Expects a whole transfer of the large zone: its records, the SOA record twice, NS, A.
        func expectLarge(_ id: UInt16, serial: UInt32 = 1) {
            #expect(records[id] == nameCount + 4)
            #expect(serials[id] == [serial, serial])
            #expect(marks[id] == [[2] + Array("m\(serial)".utf8)])
        }
    }

    /// Something else came than the next message.
    private struct Interrupted: Error {
        var event: StreamClient.Event
    }

    private static func receive(_ client: StreamClient, into received: inout Received) throws {
        let event = client.receive()
        guard case .message(let octets) = event else { throw Interrupted(event: event) }
        try received.add(octets)
    }

    private static func receive(
        _ client: StreamClient, into received: inout Received, until isDone: (Received) -> Bool
    ) throws {
        while !isDone(received) { try receive(client, into: &received) }
    }

    // MARK: Beside and behind a transfer

    /// Another transfer waits for the first to end; all else is answered in the middle of it.
    @Test func queriesBehindATransferAreAnswered() throws {
        let running = try Self.running()
        let client = try running.stream()
        let frames = [Self.axfr(1), Self.soa(2), Self.axfr(3), Self.soa(4)].flatMap(StreamClient.frame)
        try client.send(frames)
        client.socket.finishSending()
        var received = Received()
        try Self.receive(client, into: &received) { $0.isComplete(1) && $0.isComplete(3) && $0.records[4] != nil }
        for id in [1, 3] as [UInt16] { received.expectLarge(id) }
        #expect(received.records[2] == 1 && received.records[4] == 1)
        // The first query does not wait for the transfer's end.
        #expect(received.order.firstIndex(of: 2)! < received.order.lastIndex(of: 1)!)
        #expect(client.receive() == .closed)
    }

    @Test func aTransferHoldsUpNobody() throws {
        let running = try Self.running()
        let client = try StreamClient(to: running.address, receiveBuffer: 64 << 10)
        try client.send(message: Self.axfr(1))
        var received = Received()
        try Self.receive(client, into: &received)
        let others = try (running.stream(), running.datagrams())
        for id in UInt16(10)..<60 {
            #expect(try others.0.ask(Self.soa(id)) != nil && others.1.ask(Self.soa(id)) != nil)
            let start = Clock.milliseconds
            #expect(try running.stream().ask(Self.soa(id)) != nil)
            #expect(Clock.milliseconds - start < 2_000)
            // The transfer goes on meanwhile, and is not at its end.
            try Self.receive(client, into: &received)
            try #require(!received.isComplete(1))
        }
        try Self.receive(client, into: &received) { $0.isComplete(1) }
        received.expectLarge(1)
    }

    @Test func aTransferKeepsTheZoneItBeganWith() throws {
        let running = try Self.running()
        let client = try StreamClient(to: running.address, receiveBuffer: 64 << 10)
        try client.send(message: Self.axfr(1))
        var received = Received()
        try Self.receive(client, into: &received)
        running.server.publish(try Self.database(serial: 2, names: 10))
        #expect(try running.stream().ask(Self.soa(7)).flatMap(Sample.serial) == 2)
        try client.send(message: Self.axfr(3))
        try Self.receive(client, into: &received) { $0.isComplete(1) && $0.isComplete(3) }
        received.expectLarge(1)
        #expect(received.serials[3] == [2, 2] && received.records[3] == 14)
        #expect(received.marks[3] == [[2] + Array("m2".utf8)])
    }

    // MARK: Clients that do not behave

    @Test func aClientThatStopsReadingIsClosedInTime() throws {
        let running = try Self.running { $0.connectionIdleMilliseconds = 300 }
        let client = try StreamClient(to: running.address, receiveBuffer: 64 << 10)
        try client.send(message: Self.axfr(1))
        var received = Received()
        try Self.receive(client, into: &received)
        let start = Clock.milliseconds
        while running.server.counters.connectionsOpen > 0 && Clock.milliseconds - start < 10_000 {
            Clock.sleep(milliseconds: 5)
        }
        #expect((250..<10_000).contains(Clock.milliseconds - start))
        var isClosed = false
        while case let event = client.receive(), event != .nothing, !isClosed { isClosed = event == .closed }
        #expect(isClosed)
    }

    /// A transfer that waits for its client holds no more than what was to be written at once.
    @Test func transfersHoldLittle() throws {
        let running = try Self.running { $0.connectionMemory = 4 * (256 << 10) }
        let clients = try (0..<4).map { _ in
            let client = try StreamClient(to: running.address, receiveBuffer: 64 << 10)
            try client.send(message: Self.axfr(1))
            return client
        }
        Clock.sleep(milliseconds: 50)
        for client in clients {
            var received = Received()
            try Self.receive(client, into: &received) { $0.isComplete(1) }
            received.expectLarge(1)
        }
    }

    @Test func transfersAreClosedAtTheBound() throws {
        // The system keeps less than what is sent at once, so that some is left to hold. Where it keeps more, and is two
        // thirds full, a socket does not count as writable, and nothing is tried until the connection is idle.
        let running = try Self.running {
            $0.connectionMemory = 1 << 10
            $0.transferSendBuffer = 32 << 10
        }
        let client = try StreamClient(to: running.address, receiveBuffer: 32 << 10)
        try client.send(message: Self.axfr(1))
        let start = Clock.milliseconds
        // Long before it would be idle.
        while running.server.counters.connectionsOpen > 0 && Clock.milliseconds - start < 9_000 {
            Clock.sleep(milliseconds: 5)
        }
        #expect(Clock.milliseconds - start < 9_000)
        #expect(try running.stream().ask(Self.soa(2)) != nil)
    }

    /// What comes behind a transfer that waits stays with the client until its turn comes.
    @Test func queriesThatMustWaitAreNotHeaped() throws {
        let running = try Self.running { $0.connectionMemory = 1 << 20 }
        let client = try running.stream()
        let queries = (0..<500).flatMap { _ in StreamClient.frame(Self.soa(9)) }
        let octets = [Self.axfr(1), Self.axfr(2)].flatMap(StreamClient.frame) + (0..<20).flatMap { _ in queries }
        var received = Received()
        var sent = 0
        while sent < octets.count || !received.isComplete(2) || received.records[9] != 10_000 {
            if sent < octets.count { sent += try client.socket.send(octets.span.extracting(sent...)) ?? 0 }
            try Self.receive(client, into: &received)
        }
        for id in [1, 2] as [UInt16] { received.expectLarge(id) }
    }

    @Test func survivesResetsDuringTransfers() throws {
        let running = try Self.running()
        for number in 0..<20 {
            let client = try running.stream()
            try client.socket.resetOnClose()
            try client.send(message: Self.axfr(1))
            if number % 2 == 0 { _ = client.receive() }
        }
        #expect(try running.stream().ask(Self.soa(2)) != nil && running.datagrams().ask(Self.soa(3)) != nil)
    }

    // MARK: Who may

    @Test func onlyClientsOfThisMachineMayByDefault() throws {
        let mayTransfer = ClientPolicy().mayTransfer
        for host in ["127.0.0.1", "127.9.9.9", "[::1]"] {
            #expect(mayTransfer(try #require(SocketAddress(host, defaultPort: 0))))
        }
        for host in ["192.0.2.1", "10.0.0.1", "0.0.0.0", "[::]", "[2001:db8::1]", "[fe80::1]", "[::2]"] {
            #expect(!mayTransfer(try #require(SocketAddress(host, defaultPort: 0))), "\(host)")
        }
    }

    @Test func theOperatorSaysWhoMay() throws {
        let allowed = try #require(SocketAddress("127.0.0.2", defaultPort: 0))
        let running = try RunningServer(serving: Self.database(serial: 3, names: 1)) {
            $0.clients.mayTransfer = { $0 == allowed.withoutPort }
        }
        let client = try StreamClient(to: running.address, from: allowed)
        try client.send(message: Self.axfr(1))
        var received = Received()
        try Self.receive(client, into: &received) { $0.isComplete(1) }
        #expect(received.records[1] == 5)
        // RFC 5936 §2.2.1
        let other = try StreamClient(to: running.address)
        for type in [RecordType.axfr, .ixfr] {
            let reply = try #require(try other.ask(Sample.query(Self.origin, type: type.rawValue, id: 2)))
            #expect(Sample.responseCode(of: reply) == 5 && reply[6..<8] == [0, 0])
        }
        #expect(try other.ask(Self.soa(3)).flatMap(Sample.serial) == 3)
    }
}
