import DNS
import Linux

/// A UDP socket that is connected to one server, with a source port of its own.
struct BulkPort {
    var socket: Socket
    let server: Int
    /// Queries under way.
    var count = 0
    /// Replies to no query of ours, not long ago.
    var mismatches = 0
    /// Whether queries leave together.
    var merging = ReplyMerging(isOn: true)
}

extension BulkResolver {
    /// Puts the slot's query into the batch that leaves next; a repetition leaves as the first did.
    mutating func sendDatagram(_ index: Int, claimsID: Bool) throws(SystemError) {
        let server = server(of: index)
        let isOther = claimsID ? ports.isEmpty || ports[batch.port].server != server : batch.port != slots[index].port
        if isOther || batch.count == 0 || batch.count == Limits.bulkDatagrams {
            try flush()
            batch.port = claimsID ? try choosePort(to: server) : slots[index].port
        }
        if claimsID {
            claimID(index)
            slots[index].port = batch.port
            ports[batch.port].count += 1
        }
        let (slot, place) = (slots[index], batch.count)
        let template = slot.usesEDNS ? templates.edns : templates.plain
        var room = outgoing.replies.slot(place)
        let count = Self.write(slot, template, into: &room)
        outgoing.replies.set(place, count: count)
        batch.count += 1
    }

    /// Sends what was put into the batch.
    mutating func flush() throws(SystemError) {
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
        for _ in 0..<Limits.socketsPerServer {
            let socket = try openSocket(to: server)
            try poller.add(socket.descriptor, .read, token: UInt64(ports.count))
            ports.append(BulkPort(socket: socket, server: server))
        }
        portsOfServer[server] = first
        return first + Int(random()) % Limits.socketsPerServer
    }

    /// A socket with a source port that nobody can foresee (RFC 6056).
    private mutating func openSocket(to server: Int) throws(SystemError) -> Socket {
        let address = servers[server]
        let wildcard = SocketAddress(octets: address.octets.map { _ in 0 }, port: 0) ?? address
        let socket = try Socket(.udp, address.family)
        for _ in 0..<Limits.ports {
            let port = 1_024 + Int(random()) % (65_536 - 1_024)
            if (try? socket.bind(wildcard.with(port: UInt16(port)))) != nil { break }
        }
        try socket.setReceiveBuffer(octets: Int32(Limits.bulkReceiveBuffer))
        try socket.connect(address)
        return socket
    }

    /// An id that no other query under way has; at most an eighth are taken.
    private mutating func claimID(_ index: Int) {
        var id = random()
        while slotOfID[Int(id)] != .max { id = random() }
        slotOfID[Int(id)] = UInt16(index)
        slots[index].id = id
    }

    mutating func random() -> UInt16 {
        if randomNumbers.left == 0 { randomNumbers = (surroundings.random(), 4) }
        let number = UInt16(truncatingIfNeeded: randomNumbers.word)
        randomNumbers = (randomNumbers.word >> 16, randomNumbers.left - 1)
        return number
    }

    /// Writes the query for a slot; how many octets it has.
    static func write(_ slot: borrowing BulkSlot, _ template: [UInt8], into room: inout MutableSpan<UInt8>) -> Int {
        let name = slot.question.name.wire.span
        let (type, recordClass) = (slot.question.type.rawValue, slot.question.recordClass.rawValue)
        for offset in 2..<Header.count { room[offset] = template[offset] }
        room.store(slot.id, at: 0)
        for offset in name.indices { room[Header.count + offset] = name[offset] }
        let end = Header.count + name.count
        room.store(type, at: end)
        room.store(recordClass, at: end + 2)
        // The template's own question is the root's 1 octet, type and class.
        let rest = Header.count + 5
        for offset in rest..<template.count { room[end + 4 + offset - rest] = template[offset] }
        return end + 4 + template.count - rest
    }
}

extension MutableSpan<UInt8> {
    @_lifetime(self: copy self)
    fileprivate mutating func store(_ number: UInt16, at offset: Int) {
        self[offset] = UInt8(truncatingIfNeeded: number >> 8)
        self[offset + 1] = UInt8(truncatingIfNeeded: number)
    }
}

// MARK: Replies

extension BulkResolver {
    mutating func receive(
        at port: Int, _ incoming: inout DatagramBatch, _ result: Receiver
    ) throws(SystemError) {
        for _ in 0..<Limits.datagramsInARow {
            let count = try incoming.receive(from: ports[port].socket.descriptor)
            for index in 0..<count where !incoming.queries.isTruncated(index) {
                try receive(incoming.queries.octets(index), at: port, result)
            }
            if count < Limits.bulkDatagrams { return }
            now = surroundings.nanoseconds()
        }
    }

    private mutating func receive(_ octets: Span<UInt8>, at port: Int, _ result: Receiver) throws(SystemError) {
        guard octets.count >= Header.count else { return try mismatch(at: port, result) }
        let index = Int(slotOfID[Int(octets.u16(0))])
        guard index != UInt16.max, slots[index].port == port, Self.answers(octets, slots[index].question) else {
            return try mismatch(at: port, result)
        }
        measure(index)
        guard octets[2] & 2 == 0 else {
            note(index, .truncated)
            release(index)
            return try attempt(index, over: .tcp)
        }
        try judge(index, octets, result)
    }

    /// Learns from the time that a reply took.
    private mutating func measure(_ index: Int) {
        window.reply()
        if slots[index].repetitions == 0 {
            roundTrip.add(now - slots[index].sent)
        } else if now - slots[index].repeated < roundTrip.limit {
            // Answered soon once it was sent again: the first query, or its reply, was lost.
            window.loss(sent: slots[index].sent)
        }
    }

    /// Passes over a reply to something else. A port that gets too many is changed, and its queries have failed.
    private mutating func mismatch(at port: Int, _ result: Receiver) throws(SystemError) {
        ports[port].mismatches += 1
        guard ports[port].mismatches >= Limits.mismatches * max(1, ports[port].count) else { return }
        try flush()
        poller.remove(ports[port].socket.descriptor)
        ports[port].socket = try openSocket(to: ports[port].server)
        ports[port].mismatches = 0
        try poller.add(ports[port].socket.descriptor, .read, token: UInt64(port))
        for index in slots.indices where slots[index].state == .datagram && slots[index].port == port {
            // Those that were just sent again from the new socket have nothing to fear.
            if slots[index].sent != now { try fail(index, .tooManyMismatches, result) }
        }
    }

    /// Whether it is a response to the question. An error may come without the question.
    static func answers(_ octets: Span<UInt8>, _ question: borrowing Question) -> Bool {
        guard octets[2] & 0xF8 == 0x80 else { return false }
        let questions = octets.u16(4)
        if questions == 0 { return octets[3] & 15 != 0 }
        let name = question.name.wire.span
        let end = Header.count + name.count
        guard questions == 1, octets.count >= end + 4, octets.u16(end) == question.type.rawValue,
            octets.u16(end + 2) == question.recordClass.rawValue
        else { return false }
        for offset in name.indices {
            let (one, other) = (octets[Header.count + offset], name[offset])
            if one != other, one ^ other != 0x20 || !(0x61...0x7A ~= one | 0x20) { return false }
        }
        return true
    }
}

extension Span<UInt8> {
    func u16(_ offset: Int) -> UInt16 { UInt16(self[offset]) << 8 | UInt16(self[offset + 1]) }
}
