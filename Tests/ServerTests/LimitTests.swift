import DNS
import DNSServer
import Linux
import TestSupport
import Testing

struct LimitTests {
    @Test func idleConnectionsAreClosed() throws {
        let running = try RunningServer { $0.connectionIdleMilliseconds = 200 }
        let start = Clock.milliseconds
        let client = try running.stream()
        #expect(client.receive() == .closed)
        #expect(Clock.milliseconds - start >= 190)
        #expect(running.server.counters.connectionsOpen == 0)
    }

    /// A frame of 0 octets is no query, and neither is a response.
    @Test(arguments: [
        [0], StreamClient.frame(Array(RunningServer.query()[..<2]) + [0x80] + RunningServer.query()[3...]),
    ])
    func queriesKeepAConnectionAndOctetsDoNot(_ octets: [UInt8]) throws {
        let running = try RunningServer { $0.connectionIdleMilliseconds = 1_000 }
        let asking = try running.stream()
        let dribbling = try running.stream()
        let start = Clock.milliseconds
        var closedAfter: Int?
        while Clock.milliseconds - start < 2_500 {
            #expect(try asking.ask(RunningServer.query()) != nil)
            if closedAfter == nil {
                let isOpen = (try? dribbling.send(octets)) != nil && dribbling.receive(milliseconds: 0) != .closed
                if !isOpen { closedAfter = Clock.milliseconds - start }
            }
            Clock.sleep(milliseconds: 20)
        }
        #expect((990...2_400).contains(try #require(closedAfter)))
    }

    @Test func slowSendersAreServed() throws {
        let running = try RunningServer()
        let client = try running.stream()
        for octet in StreamClient.frame(RunningServer.query(id: 3)) {
            try client.send([octet])
            Clock.sleep(milliseconds: 60)
        }
        #expect(StreamTests.id(client.receive()) == 3)
    }

    @Test func theOldestIdleGoesFirst() throws {
        let running = try RunningServer { $0.connections = 4 }
        let clients = try (0..<4).map { _ in try running.stream() }
        for client in clients { #expect(try client.ask(RunningServer.query()) != nil) }
        // The first is now the last to have asked: the second is the oldest.
        #expect(try clients[0].ask(RunningServer.query()) != nil)
        let another = try running.stream()
        #expect(try another.ask(RunningServer.query()) != nil)
        #expect(clients[1].receive() == .closed)
        for index in [0, 2, 3] { #expect(try clients[index].ask(RunningServer.query()) != nil) }
        #expect(running.server.counters.connectionsOpen == 4)
        #expect(running.server.counters.connectionsAccepted == 5)
    }

    @Test func aClientHasItsOwnLimit() throws {
        let running = try RunningServer {
            $0.connectionsPerClient = 2
            $0.limitsLoopbackClients = true
        }
        let clients = try (0..<3).map { _ in
            let client = try running.stream()
            #expect(try client.ask(RunningServer.query()) != nil)
            return client
        }
        #expect(clients[0].receive() == .closed)
        #expect(try clients[1].ask(RunningServer.query()) != nil)
        #expect(try clients[2].ask(RunningServer.query()) != nil)
    }

    @Test func clientsThatDoNotReadAreClosedInTime() throws {
        let running = try RunningServer { $0.connectionIdleMilliseconds = 500 }
        #expect(try Self.floodsUntilClosed(running.stream()))
        #expect(try running.isServing())
    }

    @Test func clientsThatDoNotReadAreClosedAtTheBound() throws {
        let running = try RunningServer { $0.connectionMemory = 256 }
        let start = Clock.milliseconds
        #expect(try Self.floodsUntilClosed(running.stream()))
        #expect(Clock.milliseconds - start < 9_000)
        #expect(try running.isServing())
    }

    @Test func answersWaitForASlowReader() throws {
        let running = try RunningServer()
        let client = try running.stream()
        let frames = (0..<1_000).flatMap { StreamClient.frame(RunningServer.query(id: UInt16($0))) }
        // More than all buffers on the way hold.
        var sent = 0
        while sent < 500, try client.send(frames, milliseconds: 100) { sent += 1 }
        #expect(sent > 0)
        for index in 0..<sent * 1_000 {
            try #require(StreamTests.id(client.receive()) == UInt16(index % 1_000))
        }
    }

    private static func floodsUntilClosed(_ client: StreamClient) throws -> Bool {
        let frames = (0..<1_000).flatMap { StreamClient.frame(RunningServer.query(id: UInt16($0))) }
        let end = Clock.milliseconds + 15_000
        while Clock.milliseconds < end {
            do throws(SystemError) {
                try client.send(frames, milliseconds: 100)
            } catch {
                return true
            }
        }
        return false
    }
}
