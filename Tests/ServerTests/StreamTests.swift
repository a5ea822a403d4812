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
        let running = try RunningServer()
        let idle = try (0..<300).map { _ in try running.stream() }
        let start = Clock.milliseconds
        for _ in 0..<20 { #expect(try running.isServing()) }
        #expect(Clock.milliseconds - start < 5_000)
        #expect(try idle[0].ask(RunningServer.query()) != nil)
        #expect(try idle[299].ask(RunningServer.query()) != nil)
    }

    static func id(_ event: StreamClient.Event) -> UInt16? {
        guard case .message(let reply) = event else { return nil }
        return Sample.id(of: reply)
    }
}
