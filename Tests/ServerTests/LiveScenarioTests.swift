import DNS
import DNSServer
import Linux
import TestSupport
import Testing

/// Each scenario, asked of a running server over UDP and over TCP.
struct LiveScenarioTests {
    private static let sentinel = Sample.query("sentinel.invalid", type: 1, id: 0xBEEF)

    @Test(arguments: try Scenario.all())
    func answers(_ scenario: Scenario) throws {
        // One worker answers in order: where the sentinel's reply comes first, the query got none.
        let running = try RunningServer(serving: .empty, workers: 1) {
            $0.identity = scenario.identity
            $0.version = scenario.version
            $0.clients.cookieSecrets = nil
            // The sentinel's reply comes after all others.
            $0.mergesReplies = false
        }
        let datagrams = try running.datagrams()
        let stream = try running.stream()
        for group in scenario.groups {
            running.server.publish(try group.database())
            // What was being received when the database came may have the one before.
            _ = try Self.reply(to: nil, datagrams)
            _ = try Self.reply(to: nil, stream)
            for step in group.steps {
                for transport in step.transports {
                    let reply =
                        transport == .udp
                        ? try Self.reply(to: step.query, datagrams) : try Self.reply(to: step.query, stream)
                    for difference in step.reply.differences(from: reply, to: step.query) {
                        Issue.record("\(step.place) over \(transport): \(difference)")
                    }
                }
            }
        }
    }

    private static func reply(to query: [UInt8]?, _ client: DatagramClient) throws -> [UInt8]? {
        if let query { try client.send(query) }
        try client.send(sentinel)
        var reply: [UInt8]?
        while let octets = try client.receive() {
            if Sample.id(of: octets) == 0xBEEF { return reply }
            reply = octets
        }
        throw SystemError("no reply to the sentinel over UDP", code: 110)
    }

    private static func reply(to query: [UInt8]?, _ client: StreamClient) throws -> [UInt8]? {
        if let query { try client.send(message: query) }
        try client.send(message: sentinel)
        var reply: [UInt8]?
        while case .message(let octets) = client.receive() {
            if Sample.id(of: octets) == 0xBEEF { return reply }
            reply = octets
        }
        throw SystemError("no reply to the sentinel over TCP", code: 110)
    }
}
