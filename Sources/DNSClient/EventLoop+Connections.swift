import DNS
import Linux

/// A TCP connection to one server. Queries are sent behind one another without waiting, and their replies come in any
/// order (RFC 7766 §6.2.1, §7).
struct Connection {
    let socket: Socket
    let server: SocketAddress
    /// Our own address.
    let source: SocketAddress?
    var isOpen = false
    /// False once a query on it got no reply in time: it is closed with its last query.
    var takesMore = true
    /// Queries with their lengths (RFC 1035 §4.2.2), as far as they were not sent.
    var unsent: ArraySlice<UInt8> = []
    /// Replies with their lengths, as far as they have come and were not read.
    var received: ArraySlice<UInt8> = []
    /// Which flight waits for which id.
    var flights: [UInt16: UInt64] = [:]
    /// Ids whose replies nobody waits for any more.
    var abandoned: Set<UInt16> = []
    var replies = 0

    func isTaken(_ id: UInt16) -> Bool { flights[id] != nil || abandoned.contains(id) }

    /// The next reply, once it is whole.
    mutating func nextMessage() -> [UInt8]? {
        guard received.count >= 2 else { return nil }
        let start = received.startIndex + 2
        let count = Int(received[start - 2]) << 8 | Int(received[start - 1])
        guard received.endIndex - start >= count else { return nil }
        let message = Array(received[start..<(start + count)])
        received.removeFirst(2 + count)
        return message
    }
}

extension EventLoop {
    /// Sends a query over a connection that is there, or a new one; why not, where it cannot.
    mutating func sendOverStream(_ attempt: Exchange.Attempt, for flight: UInt64) -> Note.Reason? {
        let number: UInt64
        do throws(SystemError) {
            // A server that closes what is idle may have closed the others, too.
            let open = flights[flight]?.isResent == true ? nil : openConnection(to: attempt.server)
            if let open { number = open } else { number = try connect(to: attempt.server) }
        } catch {
            return .failed(error)
        }
        guard var connection = connections[number] else { return .busy }
        var id = flights[flight]?.exchange.id ?? UInt16(truncatingIfNeeded: surroundings.random())
        // Far fewer than all are taken.
        while connection.isTaken(id) { id &+= 1 }
        let query = query(of: flight, id: id, attempt.server, source: connection.source)
        connection.unsent += [UInt8(truncatingIfNeeded: query.count >> 8), UInt8(truncatingIfNeeded: query.count)]
        connection.unsent += query
        connection.flights[id] = flight
        connections[number] = connection
        flights[flight]?.binding = .connection(number, id: id)
        if connection.isOpen { watch(connection.socket, number, isSending: true) }
        return nil
    }

    /// One that takes another query.
    private mutating func openConnection(to server: SocketAddress) -> UInt64? {
        let limit = peers.with(server, random: surroundings.random) { $0.queriesPerConnection }
        return streams[server]?.first { number in
            guard let connection = connections[number], connection.takesMore else { return false }
            return connection.flights.count + connection.abandoned.count < limit
        }
    }

    private mutating func connect(to server: SocketAddress) throws(SystemError) -> UInt64 {
        let socket = try Socket(.tcp, server.family)
        try socket.noDelay()
        if let local = surroundings.localAddress { try socket.bind(local.withoutPort) }
        try socket.connect(server)
        let number = number()
        try poller.add(socket.descriptor, .write, token: number)
        var connection = Connection(socket: socket, server: server, source: try? socket.localAddress())
        connection.unsent = surroundings.head(.tcp)[...]
        connections[number] = connection
        streams[server, default: []].append(number)
        return number
    }

    private func watch(_ socket: Socket, _ number: UInt64, isSending: Bool) {
        // An error shows when the descriptor is used next.
        try? poller.change(socket.descriptor, isSending ? [.read, .write] : .read, token: number)
    }

    /// Lets go of a query. Without a reply its connection is used no more, for it may be stuck.
    mutating func release(_ id: UInt16, ofConnection number: UInt64) {
        guard var connection = connections[number] else { return }
        if connection.flights.removeValue(forKey: id) != nil {
            connection.abandoned.insert(id)
            connection.takesMore = false
        }
        connections[number] = connection
        guard connection.flights.isEmpty else { return }
        if connection.takesMore {
            timers.add(.init(moment: now + Limits.connectionIdle, flight: number, attempt: connection.replies))
        } else {
            close(connection: number)
        }
    }

    /// Closes a connection that got no reply since the timer was set, and waits for none.
    mutating func expireConnection(_ timer: Timers.Entry) {
        guard let connection = connections[timer.flight], connection.replies == timer.attempt,
            connection.flights.isEmpty
        else { return }
        close(connection: timer.flight)
    }

    private mutating func close(connection number: UInt64) {
        guard let closed = connections.removeValue(forKey: number) else { return }
        poller.remove(closed.socket.descriptor)
        streams[closed.server]?.removeAll { $0 == number }
        if streams[closed.server]?.isEmpty == true { streams[closed.server] = nil }
    }

    /// Ends a connection and its queries. Servers close what was idle as they like, so those that were sent over a
    /// connection that had served others go once more over a new one (RFC 7766 §6.2.4). Where there are several, the server
    /// gets no more at once from now on than it answered.
    private mutating func fail(connection number: UInt64, _ reason: Note.Reason) {
        guard let failed = connections[number] else { return }
        close(connection: number)
        let isLost = if case .unexpected = reason { false } else { failed.replies > 0 }
        if isLost && failed.flights.count > 1 {
            peers.with(failed.server, random: surroundings.random) { peer in
                peer.queriesPerConnection = min(peer.queriesPerConnection, failed.replies)
            }
        }
        for flight in failed.flights.values {
            guard isLost, let attempt = flights[flight]?.resending() else {
                fail(flight, reason)
                continue
            }
            take(.send(attempt), for: flight)
        }
    }

    mutating func serveConnection(_ number: UInt64, _ readiness: Readiness) {
        guard let connection = connections[number] else { return }
        do throws(SystemError) {
            if !connection.isOpen {
                if let error = connection.socket.pendingError() { throw error }
                connections[number]?.isOpen = true
            }
            if readiness.contains(.write) { try send(number, connection.socket) }
            if !readiness.isDisjoint(with: [.read, .failure]) { try receive(number, connection.socket) }
        } catch {
            fail(connection: number, .failed(error))
        }
    }

    private mutating func send(_ number: UInt64, _ socket: Socket) throws(SystemError) {
        while let unsent = connections[number]?.unsent, !unsent.isEmpty {
            guard let count = try socket.send(unsent.span) else { return }
            connections[number]?.unsent.removeFirst(count)
        }
        connections[number]?.unsent = []
        watch(socket, number, isSending: false)
    }

    private mutating func receive(_ number: UInt64, _ socket: Socket) throws(SystemError) {
        var free = room.mutableSpan
        guard let count = try socket.receive(into: &free) else { return }
        if count == 0 { return fail(connection: number, .endedEarly) }
        connections[number]?.received += room[..<count]
        while let message = connections[number]?.nextMessage() {
            guard take(message, from: number) else { return fail(connection: number, .unexpected) }
        }
    }

    /// Gives a message to who waits for it; false where nobody ever did.
    private mutating func take(_ message: [UInt8], from number: UInt64) -> Bool {
        guard message.count >= 2, let server = connections[number]?.server else { return false }
        let id = UInt16(message[0]) << 8 | UInt16(message[1])
        if connections[number]?.abandoned.remove(id) != nil { return true }
        guard let flight = connections[number]?.flights.removeValue(forKey: id) else { return false }
        connections[number]?.replies += 1
        judge(message, for: flight, from: server)
        return true
    }
}
