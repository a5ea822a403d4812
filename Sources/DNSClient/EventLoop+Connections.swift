import DNS
import Linux

/// A TCP connection for one query.
struct Connection {
    let socket: Socket
    let flight: UInt64
    let id: UInt16
    var isOpen = false
    /// The query with its length (RFC 1035 §4.2.2), as far as it was not sent.
    var unsent: ArraySlice<UInt8>
    /// The reply with its length, as far as it has come.
    var received: [UInt8] = []

    /// The reply, once it is whole.
    var message: [UInt8]? {
        guard received.count >= 2 else { return nil }
        let end = 2 + (Int(received[0]) << 8 | Int(received[1]))
        return received.count >= end ? Array(received[2..<end]) : nil
    }
}

extension EventLoop {
    /// Sends a query over a connection of its own; why not, where it cannot.
    mutating func connect(_ attempt: Exchange.Attempt, for flight: UInt64) -> Note.Reason? {
        let id = UInt16(truncatingIfNeeded: surroundings.random())
        let query = attempt.query(id: id)
        let frame = [UInt8(truncatingIfNeeded: query.count >> 8), UInt8(truncatingIfNeeded: query.count)] + query
        do throws(SystemError) {
            let socket = try Socket(.tcp, attempt.server.family)
            try socket.noDelay()
            try socket.connect(attempt.server)
            let connection = number()
            try poller.add(socket.descriptor, .write, token: connection)
            connections[connection] = Connection(
                socket: socket, flight: flight, id: id, unsent: frame[...])
            flights[flight]?.binding = .connection(connection)
            return nil
        } catch {
            return .failed(error)
        }
    }

    mutating func close(connection number: UInt64) {
        guard let closed = connections.removeValue(forKey: number) else { return }
        poller.remove(closed.socket.descriptor)
    }

    mutating func serveConnection(_ number: UInt64, _ readiness: Readiness) {
        guard var connection = connections[number] else { return }
        do throws(SystemError) {
            if !connection.isOpen {
                if let error = connection.socket.pendingError() { throw error }
                connection.isOpen = true
            }
            if connection.unsent.isEmpty {
                try receive(&connection, number)
            } else {
                try send(&connection, number)
            }
        } catch {
            fail(connection.flight, .failed(error))
        }
    }

    private mutating func send(_ connection: inout Connection, _ number: UInt64) throws(SystemError) {
        if let count = try connection.socket.send(connection.unsent.span) {
            connection.unsent = connection.unsent.dropFirst(count)
        }
        if connection.unsent.isEmpty { try poller.change(connection.socket.descriptor, .read, token: number) }
        connections[number] = connection
    }

    private mutating func receive(_ connection: inout Connection, _ number: UInt64) throws(SystemError) {
        var free = room.mutableSpan
        guard let count = try connection.socket.receive(into: &free) else { return }
        if count == 0 { return fail(connection.flight, .endedEarly) }
        connection.received += room[..<count]
        guard let message = connection.message else {
            connections[number] = connection
            return
        }
        guard message.count >= 2, UInt16(message[0]) << 8 | UInt16(message[1]) == connection.id else {
            return fail(connection.flight, .unexpected)
        }
        guard let step = flights[connection.flight]?.exchange.received(message, now: now) else { return }
        take(step, for: connection.flight)
    }
}
