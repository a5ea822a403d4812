import DNS
import DNSServer
import Linux
import TestSupport
import Testing

struct StreamTests {
    @Test(arguments: ["127.0.0.1", "[::1]"])
    func answers(host: String) throws {
        let running = try RunningServer(host)
        let client = try running.stream()
        for id in UInt16(1)...3 {
            #expect(try client.ask(RunningServer.query(id: id)).flatMap(Sample.serial) == 1)
        }
    }

    @Test func answersPipelinedQueriesInOrder() throws {
        let running = try RunningServer()
        let client = try running.stream()
        let ids = UInt16(1)...1_000
        try client.send(ids.flatMap { StreamClient.frame(RunningServer.query(id: $0)) })
        for id in ids { try #require(Self.id(client.receive()) == id) }
        // They are counted after they were answered.
        let end = Clock.milliseconds + 5_000
        while running.server.counters.queries < 1_000 && Clock.milliseconds < end { Clock.sleep(milliseconds: 1) }
        #expect(running.server.counters.queries == 1_000)
    }

    @Test func answersQueriesThatComeOctetByOctet() throws {
        let running = try RunningServer()
        let client = try running.stream()
        for id in UInt16(1)...2 {
            for octet in StreamClient.frame(RunningServer.query(id: id)) {
                try client.send([octet])
                Clock.sleep(milliseconds: 2)
            }
            #expect(Self.id(client.receive()) == id)
        }
    }

    @Test func answersAfterAFrameThatCameInTwoPieces() throws {
        let running = try RunningServer()
        let client = try running.stream()
        let octets = (UInt16(1)...10).flatMap { StreamClient.frame(RunningServer.query(id: $0)) }
        for piece in [0..<45, 45..<46, 46..<200, 200..<octets.count] {
            try client.send(Array(octets[piece]))
            Clock.sleep(milliseconds: 20)
        }
        for id in UInt16(1)...10 { #expect(Self.id(client.receive()) == id) }
    }

    @Test func answersAHalfClosedConnection() throws {
        let running = try RunningServer()
        let client = try running.stream()
        try client.send((UInt16(1)...100).flatMap { StreamClient.frame(RunningServer.query(id: $0)) })
        client.socket.finishSending()
        for id in UInt16(1)...100 { try #require(Self.id(client.receive()) == id) }
        #expect(client.receive() == .closed)
    }

    @Test func survivesFramesOfEverySize() throws {
        let running = try RunningServer()
        let client = try running.stream()
        for count in Array(0...12) + [65_535] {
            try client.send(message: [UInt8](repeating: 0, count: count))
            let id = UInt16(1_000 + count % 60_000)
            #expect(try client.ask(RunningServer.query(id: id)) != nil)
        }
        let padded = RunningServer.query(id: 5) + [UInt8](repeating: 0, count: 65_535 - RunningServer.query().count)
        try client.send(message: padded)
        #expect(try client.ask(RunningServer.query(id: 6)) != nil)
    }

    @Test func survivesResets() throws {
        let running = try RunningServer()
        for number in 0..<50 {
            let client = try running.stream()
            try client.socket.resetOnClose()
            let octets = StreamClient.frame(RunningServer.query())
            try client.send(Array(octets.prefix(number % (octets.count + 1))))
        }
        #expect(try running.isServing())
    }

    @Test func idleConnectionsSlowNobody() throws {
        // Both ends are in this process.
        try #require(Machine.raiseDescriptorLimit() >= 2_000)
        let running = try RunningServer()
        let idle = try (0..<500).map { _ in try running.stream() }
        let start = Clock.milliseconds
        for _ in 0..<20 { #expect(try running.isServing()) }
        #expect(Clock.milliseconds - start < 5_000)
        #expect(try idle[0].ask(RunningServer.query()) != nil)
        #expect(try idle[499].ask(RunningServer.query()) != nil)
    }

    /// The sizes that EDNS tells are those of datagrams (RFC 6891 §6.2.5).
    @Test(arguments: [nil, 0, 512, 1_232, 65_535] as [UInt16?])
    func largeAnswersAreWhole(payloadSize: UInt16?) throws {
        let text = String(repeating: "x", count: 230)
        let zone = Sample.zone(serial: 1) + "$GENERATE 1-200 big 60 TXT \"${1000} \(text)\"\n"
        let origin = try Name(RunningServer.origin)
        let loaded = ZoneLoader.load(path: "zone", origin: origin, seed: 1) { _ in .success(Array(zone.utf8)) }
        let database = Database(zones: [try #require(loaded.zone)], unavailable: [], seed: 1)
        let running = try RunningServer(serving: database)
        let client = try running.stream()
        let question = Question(try Name("big.\(RunningServer.origin)."), .txt)
        let query = Message(id: 5, question: question, edns: payloadSize.map { EDNS(udpPayloadSize: $0) })
        let reply = try #require(try client.ask(try query.encoded()))
        #expect(reply.count > 48_000)
        let message = try Message(decoding: reply.span)
        #expect(message.answer.count == 200 && !message.header.isTruncated)
        #expect((message.edns == nil) == (payloadSize == nil))
    }

    static func id(_ event: StreamClient.Event) -> UInt16? {
        guard case .message(let reply) = event else { return nil }
        return Sample.id(of: reply)
    }
}
