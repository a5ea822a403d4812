import DNS
import Linux

extension BulkLoop {
    /// Sends the slot's query from one of its server's ports.
    mutating func sendDatagram(_ index: Int) throws(SystemError) {
        let server = slots[index].exchange.server
        let isFull = batch.count == 0 || batch.count == Limits.bulkDatagrams
        let port = isFull || ports[batch.port].server != server ? try choosePort(to: server) : batch.port
        claimID(index)
        slots[index].isDatagram = true
        slots[index].port = port
        ports[port].count += 1
        slots[index].exchange.protect(peers[server], surroundings.random)
        put(index)
    }

    /// Puts the slot's query into the batch that leaves next, as it left before where it did.
    mutating func put(_ index: Int) {
        if batch.port != slots[index].port || batch.count == Limits.bulkDatagrams { flush() }
        batch.port = slots[index].port
        slots[index].exchange.write(id: slots[index].id, peers[slots[index].exchange.server], into: &query)
        let (head, octets) = (head, query)
        var room = outgoing.replies.slot(batch.count)
        for offset in head.indices { room[offset] = head[offset] }
        for offset in octets.indices { room[head.count + offset] = octets[offset] }
        outgoing.replies.set(batch.count, count: head.count + octets.count)
        batch.count += 1
    }

    /// Sends what was put into the batch.
    mutating func flush() {
        if batch.count == 0 { return }
        // What finds no room on its way is lost, and sent again when it is late.
        let descriptor = ports[batch.port].socket.descriptor
        outgoing.send(connected: descriptor, batch.count, merging: &ports[batch.port].merging)
        batch.count = 0
    }

    /// One of the server's ports, at random (RFC 5452 §9.2).
    private mutating func choosePort(to server: Int) throws(SystemError) -> Int {
        if let first = portsOfServer[server] { return first + Int(random()) % Limits.socketsPerServer }
        let first = ports.count
        var opened: [BulkPort] = []
        for port in first..<(first + Limits.socketsPerServer) {
            opened.append(BulkPort(socket: try openSocket(to: server, port), server: server))
        }
        ports += opened
        portsOfServer[server] = first
        return first
    }

    private mutating func openSocket(to server: Int, _ port: Int) throws(SystemError) -> Socket {
        let socket = try surroundings.openPort(to: asking.servers[server])
        try socket.setReceiveBuffer(octets: Int32(Limits.bulkReceiveBuffer))
        try poller.add(socket.descriptor, .read, token: UInt64(port))
        peers[server].noteSource(try? socket.localAddress(), random: surroundings.random)
        return socket
    }

    /// An id that no other query under way has; at most an eighth are taken.
    private mutating func claimID(_ index: Int) {
        var id = random()
        while slotOfID[Int(id)] != .max { id = random() }
        slotOfID[Int(id)] = UInt16(index)
        slots[index].id = id
    }

    func random() -> UInt16 { UInt16(truncatingIfNeeded: surroundings.random()) }
}

// MARK: Replies

extension BulkLoop {
    mutating func receive(
        at port: Int, _ incoming: inout DatagramBatch, _ result: BulkReceiver
    ) throws(SystemError) {
        for _ in 0..<Limits.datagramsInARow {
            let count = try incoming.receive(from: ports[port].socket.descriptor)
            for index in 0..<count where !incoming.queries.isTruncated(index) {
                receive(incoming.queries.octets(index), at: port, result)
            }
            if count < Limits.bulkDatagrams { return }
            now = surroundings.nanoseconds()
        }
    }

    private mutating func receive(_ octets: Span<UInt8>, at port: Int, _ result: BulkReceiver) {
        let index = octets.count < 2 ? Int(UInt16.max) : Int(slotOfID[Int(octets.word(0))])
        guard index != UInt16.max, slots[index].port == port else { return mismatch(at: port, result) }
        let (sent, repeated, repetitions) = (
            slots[index].exchange.sent, slots[index].repeated, slots[index].repetitions
        )
        guard judge(octets, for: index, result) else { return mismatch(at: port, result) }
        // Learns from the time that it took.
        window.reply()
        if repetitions == 0 {
            roundTrip.add(now - sent)
        } else if now - repeated < roundTrip.limit {
            // Answered soon once it was sent again: the first query, or its reply, was lost.
            window.loss(sent: sent)
        }
    }

    /// Passes over a reply to something else. A port that gets too many is changed, and its queries have failed.
    private mutating func mismatch(at port: Int, _ result: BulkReceiver) {
        ports[port].mismatches += 1
        guard ports[port].mismatches >= Limits.mismatches * max(1, ports[port].count) else { return }
        // Where there is no other, it goes on.
        guard let socket = try? openSocket(to: ports[port].server, port) else { return }
        flush()
        poller.remove(ports[port].socket.descriptor)
        ports[port].socket = socket
        ports[port].mismatches = 0
        for index in slots.indices where slots[index].isDatagram && slots[index].port == port {
            // Those that were just sent again from the new socket have nothing to fear.
            if slots[index].exchange.sent != now { fail(index, .tooManyMismatches, result) }
        }
    }
}
