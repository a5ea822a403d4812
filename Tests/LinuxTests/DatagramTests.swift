import Linux
import Testing

struct DatagramTests {
    private static func bound(_ text: String) throws -> (Socket, SocketAddress) {
        let address = try #require(SocketAddress(text, defaultPort: 0))
        let socket = try Socket(.udp, address.family)
        if address.family == .ipv6 { try socket.onlyIPv6() }
        try socket.tellDestination()
        try socket.omitPathMTU()
        try socket.setReceiveBuffer(octets: 1 << 20)
        try socket.bind(address)
        return (socket, try socket.localAddress())
    }

    private static func client(of address: SocketAddress) throws -> Socket {
        let socket = try Socket(.udp, address.family)
        try socket.connect(address)
        return socket
    }

    private static func receive(_ socket: Socket) throws -> [UInt8]? {
        guard socket.wait(for: .read, milliseconds: 5_000) else { return nil }
        var octets = [UInt8](repeating: 0, count: 65_535)
        var span = octets.mutableSpan
        let count = try socket.receive(into: &span)
        return count.map { Array(octets.prefix($0)) }
    }

    private static func collect(_ batch: inout DatagramBatch, _ socket: Socket, _ expected: Int) throws -> Int {
        guard socket.wait(for: .read, milliseconds: 5_000) else { return 0 }
        // Loopback delivers before send returns.
        return try batch.receive(from: socket.descriptor)
    }

    @Test(arguments: ["127.0.0.1", "::1"], [false, true])
    func answersABatchInOrder(host: String, merges: Bool) throws {
        var merging = ReplyMerging(isOn: merges)
        let (server, address) = try Self.bound(host)
        let client = try Self.client(of: address)
        var batch = try DatagramBatch(slots: 8)
        #expect(try batch.receive(from: server.descriptor) == 0)
        for number in UInt8(0)..<5 { #expect(try client.send([number, 7].span) == 2) }
        let count = try Self.collect(&batch, server, 5)
        #expect(count == 5)
        for index in 0..<count {
            let first = batch.queries.octets(index)[0]
            #expect(batch.queries.octets(index).count == 2)
            #expect(try batch.queries.peer(index) == client.localAddress())
            if index == 2 { continue }  // no reply to this one
            var slot = batch.replies.slot(index)
            slot[0] = first &+ 100
            slot[1] = 1
            slot[2] = 2
            batch.replies.set(index, count: 3)
        }
        #expect(batch.send(to: server.descriptor, count, merging: &merging) == 4)
        for number in [UInt8(100), 101, 103, 104] { #expect(try Self.receive(client) == [number, 1, 2]) }
    }

    @Test func repliesFromTheAskedAddress() throws {
        let (server, bound) = try Self.bound("0.0.0.0")
        // A connected client takes replies from the asked address only.
        let asked = try #require(SocketAddress("127.3.2.1", defaultPort: bound.port))
        let client = try Self.client(of: asked)
        _ = try client.send([1].span)
        var batch = try DatagramBatch()
        var merging = ReplyMerging(isOn: true)
        #expect(try Self.collect(&batch, server, 1) == 1)
        batch.replies.set(0, count: 1)
        batch.send(to: server.descriptor, 1, merging: &merging)
        #expect(try Self.receive(client) == [0])
    }

    /// Sizes of replies, one client after the other: what merges, what does not, and the bounds of both.
    static let sizes: [[[Int]]] = [
        [[100, 100, 100]], [[60, 100, 60, 80, 100]], [[1232, 1232], [1233, 1233]], [[1], [2], [3], [2]],
        [Array(repeating: 100, count: 70), Array(repeating: 1232, count: 60)],
        [[4000, 40, 4000, 40], [40, 0, 40, 0]],
    ]

    /// From wildcard addresses, whose replies leave from the address that was asked.
    @Test(arguments: [("0.0.0.0", ["127.0.0.1", "127.3.2.1"]), ("::", ["::1"])], sizes)
    func mergedRepliesArriveOneByOne(hosts: (bound: String, asked: [String]), sizes: [[Int]]) throws {
        let (server, bound) = try Self.bound(hosts.bound)
        let clients = try sizes.indices.map { index in
            let asked = hosts.asked[index % hosts.asked.count]
            return try Self.client(of: #require(SocketAddress(host: asked, port: bound.port)))
        }
        var batch = try DatagramBatch(slots: 256)
        // In turns, so that the queries of a client do not come together.
        for turn in 0..<(sizes.map(\.count).max() ?? 0) {
            for (client, sizes) in zip(clients, sizes) where turn < sizes.count {
                #expect(try client.send([UInt8(turn)].span) == 1)
            }
        }
        let count = try Self.collect(&batch, server, sizes.joined().count)
        #expect(count == sizes.joined().count)
        for index in 0..<count {
            let turn = batch.queries.octets(index)[0]
            let peer = batch.queries.peer(index)
            let client = try #require(try clients.firstIndex { try $0.localAddress() == peer })
            let size = sizes[client][Int(turn)]
            var slot = batch.replies.slot(index)
            for place in 0..<size { slot[place] = turn }
            batch.replies.set(index, count: size)
        }
        var merging = ReplyMerging(isOn: true)
        #expect(batch.send(to: server.descriptor, count, merging: &merging) == sizes.joined().count { $0 > 0 })
        #expect(merging.isOn)
        for (client, sizes) in zip(clients, sizes) {
            var expected = Set(sizes.enumerated().map { [UInt8](repeating: UInt8($0), count: $1) })
            expected.remove([])
            for _ in 0..<expected.count {
                let reply = try #require(try Self.receive(client))
                #expect(expected.remove(reply) != nil, "\(reply.count) octets of \(reply.first ?? 0)")
            }
        }
    }

    @Test func whatIsRefusedMergedLeavesOneByOne() throws {
        let (server, address) = try Self.bound("127.0.0.1")
        // The kernel merges only where it can leave the checksums to the device: without any, it refuses.
        try server.omitChecksums()
        let clients = [try Self.client(of: address), try Self.client(of: address)]
        var batch = try DatagramBatch(slots: 8)
        var merging = ReplyMerging(isOn: true)
        var batches = 0
        while merging.isOn && batches < 20 {
            for number in UInt8(0)..<3 { for client in clients { _ = try client.send([number].span) } }
            let count = try Self.collect(&batch, server, 6)
            #expect(count == 6)
            for index in 0..<count {
                let number = batch.queries.octets(index)[0]
                var slot = batch.replies.slot(index)
                slot[0] = number
                batch.replies.set(index, count: 10)
            }
            #expect(batch.send(to: server.descriptor, count, merging: &merging) == 6)
            for client in clients {
                for number in UInt8(0)..<3 { #expect(try Self.receive(client)?.first == number) }
            }
            batches += 1
        }
        // It ends after some refusals in a row.
        #expect(!merging.isOn && batches > 1)
    }

    @Test func showsTruncationAndEmptyDatagrams() throws {
        let (server, address) = try Self.bound("127.0.0.1")
        let client = try Self.client(of: address)
        var batch = try DatagramBatch(slots: 4, querySize: 512)
        _ = try client.send([UInt8](repeating: 9, count: 513).span)
        _ = try client.send([UInt8]().span)
        _ = try client.send([UInt8](repeating: 9, count: 512).span)
        #expect(try Self.collect(&batch, server, 3) == 3)
        #expect((0..<3).map { batch.queries.octets($0).count } == [512, 0, 512])
        #expect((0..<3).map { batch.queries.isTruncated($0) } == [true, false, false])
    }

    @Test func aRefusedReplyDoesNotStopTheOthers() throws {
        let (server, address) = try Self.bound("127.0.0.1")
        let first = try Self.client(of: address)
        let last = try Self.client(of: address)
        var batch = try DatagramBatch(slots: 3, replySize: 65_536)
        _ = try first.send([1].span)
        _ = try first.send([2].span)
        _ = try last.send([3].span)
        #expect(try Self.collect(&batch, server, 3) == 3)
        // More than a datagram over IPv4 can carry: EMSGSIZE for this one.
        batch.replies.set(0, count: 65_536)
        batch.replies.set(1, count: 2)
        batch.replies.set(2, count: 3)
        var merging = ReplyMerging(isOn: true)
        #expect(batch.send(to: server.descriptor, 3, merging: &merging) == 2)
        #expect(try Self.receive(first)?.count == 2)
        #expect(try Self.receive(last)?.count == 3)
    }

    @Test func aTakenPortIsRefusedUntilItIsShared() throws {
        let (first, address) = try Self.bound("127.0.0.1")
        let stranger = try Socket(.udp, .ipv4)
        #expect(throws: SystemError("bind \(address)", code: 98)) { try stranger.bind(address) }
        try first.sharePort()
        #expect(throws: SystemError.self) { try stranger.bind(address) }
        let second = try Socket(.udp, .ipv4)
        try second.sharePort()
        try second.bind(address)
        #expect(try second.localAddress() == address)
    }
}
