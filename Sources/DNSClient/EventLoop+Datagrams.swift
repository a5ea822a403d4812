import DNS
import Linux

extension EventLoop {
    /// Sends a query over UDP; why not, where it cannot.
    mutating func sendDatagram(_ attempt: Exchange.Attempt, for flight: UInt64) -> Note.Reason? {
        let port: UInt64
        do throws(SystemError) {
            port = try choosePort(to: attempt.server)
        } catch {
            return .failed(error)
        }
        guard let id = claimID(on: port, for: flight), let socket = ports[port]?.socket else { return .busy }
        let query = surroundings.head(.udp) + query(of: flight, id: id, attempt.server, source: ports[port]?.source)
        do throws(SystemError) {
            // Where the system has no room now the query is lost, as it may be anywhere on its way.
            _ = try socket.send(query.span)
            return nil
        } catch {
            return .failed(error)
        }
    }

    /// A port of its own for the query while few are open; then one of them.
    private mutating func choosePort(to server: SocketAddress) throws(SystemError) -> UInt64 {
        let open = pools[server, default: []]
        if open.count < Limits.socketsPerServer {
            do throws(SystemError) {
                return try openPort(to: server)
            } catch {
                // Where there are no more, those that are open must do.
                if open.isEmpty { throw error }
            }
        }
        return open[Int(surroundings.random() % UInt64(open.count))]
    }

    private mutating func openPort(to server: SocketAddress) throws(SystemError) -> UInt64 {
        let socket = try surroundings.openPort(to: server)
        let port = number()
        try poller.add(socket.descriptor, .read, token: port)
        ports[port] = Port(socket: socket, server: server, source: try? socket.localAddress())
        pools[server, default: []].append(port)
        return port
    }

    /// An id that no other query on the port has.
    private mutating func claimID(on port: UInt64, for flight: UInt64) -> UInt16? {
        guard let taken = ports[port]?.flights, taken.count < Limits.queriesPerSocket else { return nil }
        var id = flights[flight]?.exchange.id ?? UInt16(truncatingIfNeeded: surroundings.random())
        // At most half are taken; walking on from a taken one ends.
        while taken[id] != nil { id &+= 1 }
        ports[port]?.flights[id] = flight
        ports[port]?.queries += 1
        // Whoever listens for long does not learn the ports of all that follows.
        if let used = ports[port], used.queries >= Limits.queriesPerPort { retire(port, used.server) }
        flights[flight]?.binding = .port(port, id: id)
        return id
    }

    /// Gives an id back, and closes the port where it was the last one.
    mutating func release(_ id: UInt16, of port: UInt64) {
        ports[port]?.flights[id] = nil
        if ports[port]?.flights.isEmpty == true { close(port: port) }
    }

    private mutating func close(port: UInt64) {
        guard let closed = ports.removeValue(forKey: port) else { return }
        poller.remove(closed.socket.descriptor)
        retire(port, closed.server)
    }

    /// Has no more queries sent over a port, which is closed with its last reply.
    private mutating func retire(_ port: UInt64, _ server: SocketAddress) {
        pools[server]?.removeAll { $0 == port }
        if pools[server]?.isEmpty == true { pools[server] = nil }
    }

    mutating func receiveDatagrams(at port: UInt64) {
        for _ in 0..<Limits.datagramsInARow {
            guard let socket = ports[port]?.socket else { return }
            do throws(SystemError) {
                var free = room.mutableSpan
                guard let count = try socket.receive(into: &free) else { return }
                received(Array(room[..<count]), at: port)
            } catch {
                return fail(port: port, .failed(error))
            }
        }
    }

    private mutating func received(_ octets: [UInt8], at port: UInt64) {
        let id = octets.count >= 2 ? UInt16(octets[0]) << 8 | UInt16(octets[1]) : 0
        if let flight = ports[port]?.flights[id], let server = ports[port]?.server,
            judge(octets, for: flight, from: server)
        {
            // What many queries draw over time is no flood.
            ports[port]?.mismatches = 0
            return
        }
        guard let open = ports[port] else { return }
        ports[port]?.mismatches += 1
        if open.mismatches >= Limits.mismatches * max(1, open.flights.count) { fail(port: port, .tooManyMismatches) }
    }

    /// Nothing more comes over this port: whoever waits on it tries again elsewhere.
    private mutating func fail(port: UInt64, _ reason: Note.Reason) {
        guard let waiting = ports[port]?.flights.values else { return }
        let flights = Array(waiting)
        close(port: port)
        for flight in flights { fail(flight, reason) }
    }
}
