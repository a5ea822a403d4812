import DNS
import Linux

/// A TCP connection, for one query at a time.
struct BulkStream {
    let socket: Socket
    let server: Int
    var slot: Int
    var isOpen = false
    /// How many queries were answered over it.
    var answered = 0
    /// The query with its length (RFC 1035 §4.2.2), as far as it was not sent.
    var unsent: ArraySlice<UInt8>
    /// The reply with its length, as far as it has come.
    var received: [UInt8] = []
}

extension BulkResolver {
    private static let firstStream: UInt64 = 1 << 32

    /// Opens connections for those that wait, as many as there may be.
    mutating func serveQueue() {
        while streams.count < Limits.bulkConnections, let index = queue.popLast() {
            slots[index].state = .stream
            slots[index].sent = now
            slots[index].id = random()
            lastStream += 1
            let address = servers[server(of: index)]
            do throws(SystemError) {
                let socket = try Socket(.tcp, address.family)
                try socket.noDelay()
                try socket.connect(address)
                try poller.add(socket.descriptor, .write, token: Self.firstStream + lastStream)
                streams[Self.firstStream + lastStream] = BulkStream(
                    socket: socket, server: server(of: index), slot: index, unsent: frame(index))
            } catch {
                // Nothing is known of it but that it waits: its time ends it as it ends a server that is silent.
                continue
            }
        }
    }

    private func frame(_ index: Int) -> ArraySlice<UInt8> {
        let template = slots[index].usesEDNS ? templates.edns : templates.plain
        var octets = [UInt8](repeating: 0, count: template.count + Name.maximumCount)
        var room = octets.mutableSpan
        let count = Self.write(slots[index], template, into: &room)
        return [UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count)] + octets[..<count]
    }

    mutating func closeStream(of index: Int) {
        guard let token = streams.first(where: { $0.value.slot == index })?.key else { return }
        close(stream: token)
    }

    private mutating func close(stream token: UInt64) {
        guard let closed = streams.removeValue(forKey: token) else { return }
        poller.remove(closed.socket.descriptor)
        serveQueue()
    }

    mutating func serve(
        stream token: UInt64, _ readiness: Readiness, _ result: Receiver
    ) {
        guard let index = streams[token]?.slot else { return }
        do throws(SystemError) {
            if streams[token]?.isOpen == false {
                if let error = streams[token]?.socket.pendingError() { throw error }
                streams[token]?.isOpen = true
            }
            if streams[token]?.unsent.isEmpty == false {
                try send(token)
            } else {
                try receive(token, index, result)
            }
        } catch {
            try? fail(index, .failed(error), result)
        }
    }

    private mutating func send(_ token: UInt64) throws(SystemError) {
        guard let stream = streams[token], let count = try stream.socket.send(stream.unsent.span) else { return }
        streams[token]?.unsent = stream.unsent.dropFirst(count)
        if count == stream.unsent.count { try poller.change(stream.socket.descriptor, .read, token: token) }
    }

    private mutating func receive(_ token: UInt64, _ index: Int, _ result: Receiver) throws(SystemError) {
        guard let socket = streams[token]?.socket else { return }
        var octets = [UInt8](repeating: 0, count: 16_384)
        var room = octets.mutableSpan
        guard let count = try socket.receive(into: &room) else { return }
        if count == 0 { return try end(token, index, result) }
        streams[token]?.received += octets[..<count]
        guard let received = streams[token]?.received, received.count >= 2 else { return }
        let end = 2 + (Int(received[0]) << 8 | Int(received[1]))
        guard received.count >= end else { return }
        let message = received.span.extracting(2..<end)
        guard received.count == end, message.count >= Header.count, message.u16(0) == slots[index].id,
            message[2] & 2 == 0, Self.answers(message, slots[index].question)
        else { return try fail(index, .unexpected, result) }
        let next = detach(token)
        try judge(index, message, result)
        if !next { close(stream: token) }
    }

    /// Gives the connection to a question that waits for the same server; whether there is one.
    private mutating func detach(_ token: UInt64) -> Bool {
        guard let stream = streams[token], let place = queue.lastIndex(where: { server(of: $0) == stream.server })
        else {
            // The reply's question lets go of it.
            return false
        }
        let index = queue.remove(at: place)
        slots[index].state = .stream
        slots[index].sent = now
        slots[index].id = random()
        streams[token]?.slot = index
        streams[token]?.answered += 1
        streams[token]?.received = []
        let unsent = frame(index)
        streams[token]?.unsent = unsent
        guard (try? poller.change(stream.socket.descriptor, .write, token: token)) != nil else {
            close(stream: token)
            return true
        }
        return true
    }

    /// The server has ended the connection. It may end one that it has answered over at any time: then another is tried.
    private mutating func end(_ token: UInt64, _ index: Int, _ result: Receiver) throws(SystemError) {
        guard let stream = streams[token], stream.answered > 0, stream.received.isEmpty else {
            return try fail(index, .endedEarly, result)
        }
        slots[index].state = .queued
        queue.append(index)
        close(stream: token)
    }
}
