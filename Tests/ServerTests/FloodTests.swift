import DNS
import DNSServer
import Linux
import TestSupport
import Testing

/// What a few clients can do to all others. `make floods` does it with thousands of connections, and measures.
struct FloodTests {
    @Test func manyQueriesGiveWayToOthersAndAreAllAnswered() throws {
        let running = try RunningServer { $0.queriesInARow = 3 }
        let client = try running.stream()
        try client.send((UInt16(1)...1_000).flatMap { StreamClient.frame(RunningServer.query(id: $0)) })
        #expect(try running.isServing())
        client.socket.finishSending()
        for id in UInt16(1)...1_000 { try #require(StreamTests.id(client.receive()) == id) }
        #expect(client.receive() == .closed)
    }

    @Test func clientsThatTakeTheirAnswersOctetByOctetAreClosed() throws {
        let running = try RunningServer {
            $0.connectionIdleMilliseconds = 20_000
            $0.connectionWriteMilliseconds = 300
        }
        let client = try StreamClient(to: running.address, receiveBuffer: 2_048)
        let frames = (0..<1_000).flatMap { StreamClient.frame(RunningServer.query(id: UInt16($0))) }
        let end = Clock.milliseconds + 15_000
        while running.server.counters.connectionsOpen == 0 && Clock.milliseconds < end { Clock.sleep(milliseconds: 1) }
        var octets = [UInt8](repeating: 0, count: 1_024)
        while running.server.counters.connectionsOpen > 0 && Clock.milliseconds < end {
            guard (try? client.send(frames, milliseconds: 1)) != nil else { break }
            var room = octets.mutableSpan
            _ = try? client.socket.receive(into: &room)
            Clock.sleep(milliseconds: 3)
        }
        #expect(Clock.milliseconds < end)
        #expect(try running.isServing())
    }

    @Test func noConnectionLivesForEver() throws {
        let running = try RunningServer { $0.connectionMilliseconds = 300 }
        let client = try running.stream()
        let start = Clock.milliseconds
        while (try? client.ask(RunningServer.query())) ?? nil != nil && Clock.milliseconds - start < 10_000 {}
        #expect((290...9_900).contains(Clock.milliseconds - start))
        #expect(try running.isServing())
    }

    /// Each against a server with a quarter of the connections that come.
    @Test(arguments: Flood.allCases)
    func othersAreServed(during flood: Flood) throws {
        let running = try RunningServer {
            $0.connections = 100
            $0.connectionIdleMilliseconds = 60_000
        }
        var crowd: [StreamClient] = []
        var slowest = 0
        for number in 0..<400 {
            let client = try running.stream()
            if try flood.act(client) { crowd.append(client) }
            guard number % 20 == 19 else { continue }
            if flood == .slowSenders { for client in crowd { _ = try? client.send([0]) } }
            let start = Clock.milliseconds
            #expect(try running.isServing())
            slowest = max(slowest, Clock.milliseconds - start)
        }
        #expect(slowest < 5_000, "\(slowest) ms")
        #expect(running.server.counters.connectionsOpen <= 100)
    }

    enum Flood: CaseIterable, Sendable {
        case idle, slowSenders, halfQueries, resets, notReading

        /// Whether the connection stays.
        func act(_ client: StreamClient) throws -> Bool {
            switch self {
            case .idle: return true
            case .slowSenders: try client.send([0])
            case .halfQueries: try client.send(Array(StreamClient.frame(RunningServer.query()).dropLast()))
            case .resets:
                try client.socket.resetOnClose()
                try client.send(StreamClient.frame(RunningServer.query()))
                return false
            case .notReading:
                let frames = (0..<100).flatMap { StreamClient.frame(RunningServer.query(id: $0)) }
                try client.send(frames, milliseconds: 0)
            }
            return true
        }
    }
}
