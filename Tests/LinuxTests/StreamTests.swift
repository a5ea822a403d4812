import Linux
import Testing

struct StreamTests {
    @Test(arguments: [SocketAddress.Family.ipv4, .ipv6])
    func connectsAndCarriesOctets(family: SocketAddress.Family) throws {
        let listener = try Socket(.tcp, family)
        try listener.reuseAddress()
        try listener.noDelay()
        try listener.bind(.loopback(family, port: 0))
        try listener.listen()
        #expect(try listener.accept() == nil)

        let client = try Socket(.tcp, family)
        try client.connect(listener.localAddress())
        #expect(client.wait(for: .write, milliseconds: 5_000))
        #expect(client.pendingError() == nil)
        #expect(listener.wait(for: .read, milliseconds: 5_000))
        let (server, peer) = try #require(try listener.accept())
        #expect(try peer == client.localAddress())

        #expect(try client.send([1, 2, 3].span) == 3)
        client.finishSending()
        var octets = [UInt8](repeating: 0, count: 16)
        #expect(server.wait(for: .read, milliseconds: 5_000))
        var span = octets.mutableSpan
        #expect(try server.receive(into: &span) == 3)
        #expect(server.wait(for: .read, milliseconds: 5_000))
        var rest = octets.mutableSpan
        #expect(try server.receive(into: &rest) == 0)
        #expect(octets.prefix(4) == [1, 2, 3, 0])
    }

    @Test func aFullConnectionSendsNothingMore() throws {
        let listener = try Socket(.tcp, .ipv4)
        try listener.bind(.loopback(.ipv4, port: 0))
        try listener.listen()
        let client = try Socket(.tcp, .ipv4)
        try client.connect(listener.localAddress())
        #expect(client.wait(for: .write, milliseconds: 5_000))
        let octets = [UInt8](repeating: 1, count: 1 << 20)
        var sent = 0
        while let count = try client.send(octets.span) {
            sent += count
            try #require(sent < 1 << 30)
        }
        #expect(sent > 0)
        try client.resetOnClose()
    }

    @Test func aClosedPortRefuses() throws {
        let listener = try Socket(.tcp, .ipv4)
        try listener.bind(.loopback(.ipv4, port: 0))
        let client = try Socket(.tcp, .ipv4)
        do throws(SystemError) {
            try client.connect(listener.localAddress())
            #expect(client.wait(for: .write, milliseconds: 5_000))
            #expect(client.pendingError()?.code == 111)
        } catch {
            #expect(error.code == 111)
        }
    }
}
