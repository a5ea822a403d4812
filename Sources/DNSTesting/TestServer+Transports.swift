import DNS
import Linux
import Synchronization

extension TestServer {
    /// Both transports on one port.
    static func bind(_ address: SocketAddress) throws(SystemError) -> (Socket, Socket) {
        while true {
            let datagrams = try Socket(.udp, address.family)
            try datagrams.bind(address)
            let listener = try Socket(.tcp, address.family)
            do throws(SystemError) {
                try listener.bind(try datagrams.localAddress())
            } catch {
                // The next free port is another one.
                guard address.port == 0 else { throw error }
                continue
            }
            try listener.listen()
            return (datagrams, listener)
        }
    }

    private var goesOn: Bool { !isStopped.load(ordering: .relaxed) }

    private func note(_ octets: [UInt8], connection: Int = 0) -> Query {
        received.withLock { queries in
            queries.append(Query(octets: octets, connection: connection, number: queries.count + 1))
            return queries[queries.count - 1]
        }
    }

    private func reactions(to query: Query) -> [Reaction] {
        let react = reactions.withLock { $0 }
        return react(query)
    }

    /// The message that a reaction sends; nil for what is something else.
    private func message(_ reaction: Reaction, to query: Query) -> [UInt8]? {
        switch reaction {
        case .reply(let octets): return octets
        case .answer: return answer(to: query)
        case .wrongID:
            var octets = answer(to: query)
            if !octets.isEmpty { octets[0] ^= 0xFF }
            return octets
        case .truncated: return query.response { $0.header.isTruncated = true }
        case .responseCode(let code): return query.response(code)
        case .garbage: return Array(query.octets.prefix(2)) + [UInt8](repeating: 0xFF, count: 30)
        case .caseNotEchoed:
            var octets = answer(to: query)
            for index in octets.indices.dropFirst(Header.count).prefix(query.message.questions.first?.name.count ?? 0)
            where 0x41...0x5A ~= octets[index] {
                octets[index] |= 0x20
            }
            return octets
        case .wait, .replyFromElsewhere, .octets, .endless, .stayOpen: return nil
        }
    }

    /// What the zones answer; empty where nothing is to be said.
    private func answer(to query: Query) -> [UInt8] {
        var responder = Responder()
        var octets = [UInt8](repeating: 0, count: Message.maximumCount)
        var room = octets.mutableSpan
        let count = responder.respond(
            to: query.octets.span, over: query.isStream ? .tcp : .udp, from: database, into: &room)
        octets.removeSubrange(count...)
        return octets
    }
}

// MARK: UDP

extension TestServer {
    func serve(_ socket: Socket) throws {
        var batch = try DatagramBatch(slots: 1, querySize: Message.maximumCount, replySize: 65_536)
        var merging = ReplyMerging(isOn: false)
        while goesOn {
            guard socket.wait(for: .read, milliseconds: 20), try batch.receive(from: socket.descriptor) == 1 else {
                continue
            }
            let query = note(Self.first(of: batch.queries))
            let peer = batch.queries.peer(0)
            for reaction in reactions(to: query) {
                switch reaction {
                case .replyFromElsewhere(let octets):
                    guard let peer else { continue }
                    let other = try Socket(.udp, peer.family)
                    try other.connect(peer)
                    _ = try? other.send(octets.span)
                case .wait(let milliseconds): Clock.sleep(milliseconds: milliseconds)
                default:
                    guard let octets = message(reaction, to: query) else { continue }
                    Self.put(octets, into: &batch.replies)
                    _ = batch.send(to: socket.descriptor, 1, merging: &merging)
                }
            }
        }
    }

    private static func first(of datagrams: borrowing ReceivedDatagrams) -> [UInt8] {
        let octets = datagrams.octets(0)
        return octets.indices.map { octets[$0] }
    }

    private static func put(_ octets: [UInt8], into replies: inout ReplyDatagrams) {
        var slot = replies.slot(0)
        for (index, octet) in octets.prefix(slot.count).enumerated() { slot[index] = octet }
        replies.set(0, count: min(octets.count, slot.count))
    }
}

// MARK: TCP

extension TestServer {
    func accept(_ listener: Socket) throws {
        var connections = 0
        while goesOn {
            guard listener.wait(for: .read, milliseconds: 20), let (socket, _) = try listener.accept() else { continue }
            connections += 1
            let number = connections
            _ = try Linux.Thread(name: "test-stream") { [self] in try? serve(stream: socket, number) }
        }
    }

    private func serve(stream socket: Socket, _ number: Int) throws {
        var received: ArraySlice<UInt8> = []
        while let octets = try nextQuery(&received, socket) {
            let query = note(octets, connection: number)
            var staysOpen = false
            for reaction in reactions(to: query) {
                switch reaction {
                case .octets(let octets): try send(octets, over: socket)
                case .wait(let milliseconds): Clock.sleep(milliseconds: milliseconds)
                case .endless(let milliseconds):
                    while goesOn {
                        try send([0xFF], over: socket)
                        Clock.sleep(milliseconds: milliseconds)
                    }
                case .stayOpen: staysOpen = true
                case .replyFromElsewhere: continue
                default:
                    guard let octets = message(reaction, to: query) else { continue }
                    if case .answer = reaction { staysOpen = true }
                    let count = octets.count
                    try send(
                        [UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count)] + octets, over: socket
                    )
                }
            }
            if !staysOpen { return }
        }
    }

    /// The next message of a connection; nil at its end.
    private func nextQuery(_ received: inout ArraySlice<UInt8>, _ socket: Socket) throws -> [UInt8]? {
        var room = [UInt8](repeating: 0, count: 65_536)
        while goesOn {
            let start = received.startIndex
            if received.count >= 2 {
                let count = Int(received[start]) << 8 | Int(received[start + 1])
                if received.count >= 2 + count {
                    defer { received.removeFirst(2 + count) }
                    return Array(received[(start + 2)..<(start + 2 + count)])
                }
            }
            guard socket.wait(for: .read, milliseconds: 20) else { continue }
            var free = room.mutableSpan
            guard let count = try socket.receive(into: &free) else { continue }
            if count == 0 { return nil }
            received += room[..<count]
        }
        return nil
    }

    private func send(_ octets: [UInt8], over socket: Socket) throws {
        var sent = 0
        while sent < octets.count && goesOn {
            sent += try socket.send(octets.span.extracting(sent..<octets.count)) ?? 0
            if sent < octets.count { _ = socket.wait(for: .write, milliseconds: 20) }
        }
    }
}
