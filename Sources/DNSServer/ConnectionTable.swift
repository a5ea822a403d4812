import Linux

/// The open connections, in the order of their last activity, all of them and those of each client: the first to
/// expire, and the first to go where a limit is reached, is always at the front.
struct ConnectionTable: ~Copyable {
    /// Where a connection stands; it stays valid until the connection is closed, and a number is
    /// never given to two connections.
    typealias Token = UInt64

    private struct Slot {
        var connection: Connection?
        /// Its client's index in `clients`.
        var client: Int32 = 0
        /// How often the slot was used, so that a late event for its last user is not taken for
        /// this one's.
        var uses: UInt32 = 0
        var held = 0
    }

    /// The connections of one address.
    private struct Client {
        var order = Order()
        var count = 0
    }

    private var slots: [Slot] = []
    private var free: [Int32] = []
    private var order = Order()
    private var links: [Order.Link] = []
    private var clientLinks: [Order.Link] = []
    private var clients: [Client] = []
    private var freeClients: [Int32] = []
    private var clientIndexes: [SocketAddress: Int32] = [:]
    private(set) var count = 0
    /// Octets that all connections hold.
    private(set) var heldOctets = 0

    subscript(token: Token) -> Connection? {
        let index = Int(truncatingIfNeeded: token & 0xffff_ffff)
        guard index < slots.count, slots[index].uses == UInt32(token >> 32) else { return nil }
        return slots[index].connection
    }

    func count(of client: SocketAddress) -> Int { clientIndexes[client].map { clients[Int($0)].count } ?? 0 }

    mutating func insert(_ connection: Connection) -> Token {
        let index: Int32
        if let reused = free.popLast() {
            index = reused
        } else {
            index = Int32(slots.count)
            slots.append(Slot())
            links.append(Order.Link())
            clientLinks.append(Order.Link())
        }
        let client = client(connection.client)
        clients[Int(client)].count += 1
        clients[Int(client)].order.append(index, &clientLinks)
        order.append(index, &links)
        slots[Int(index)].connection = connection
        slots[Int(index)].client = client
        slots[Int(index)].uses &+= 1
        count += 1
        return token(index)
    }

    private mutating func client(_ address: SocketAddress) -> Int32 {
        if let index = clientIndexes[address] { return index }
        let index = freeClients.popLast() ?? Int32(clients.count)
        if index == clients.count { clients.append(Client()) }
        clientIndexes[address] = index
        return index
    }

    /// Removes a connection; nil where it is gone already.
    mutating func remove(_ token: Token) -> Connection? {
        guard let connection = self[token] else { return nil }
        let index = Int32(truncatingIfNeeded: token)
        order.remove(index, &links)
        let client = slots[Int(index)].client
        clients[Int(client)].order.remove(index, &clientLinks)
        clients[Int(client)].count -= 1
        if clients[Int(client)].count == 0 {
            clientIndexes[connection.client] = nil
            freeClients.append(client)
        }
        heldOctets -= slots[Int(index)].held
        slots[Int(index)].held = 0
        slots[Int(index)].connection = nil
        free.append(index)
        count -= 1
        return connection
    }

    /// Moves a connection to the end of the order.
    mutating func touch(_ token: Token, now: Int) {
        guard let connection = self[token] else { return }
        connection.lastActivity = now
        let index = Int32(truncatingIfNeeded: token)
        // The last of all is the last of its client.
        if index == order.last { return }
        order.remove(index, &links)
        order.append(index, &links)
        let client = Int(slots[Int(index)].client)
        if index == clients[client].order.last { return }
        clients[client].order.remove(index, &clientLinks)
        clients[client].order.append(index, &clientLinks)
    }

    /// Counts anew what a connection holds.
    mutating func account(_ token: Token) {
        guard let connection = self[token] else { return }
        let index = Int(truncatingIfNeeded: token & 0xffff_ffff)
        heldOctets += connection.heldOctets - slots[index].held
        slots[index].held = connection.heldOctets
    }

    var oldest: Token? { order.first < 0 ? nil : token(order.first) }

    /// The client's longest idle connection.
    func oldest(of client: SocketAddress) -> Token? {
        clientIndexes[client].map { token(clients[Int($0)].order.first) }
    }

    /// The longest idle connection that holds octets.
    var oldestHolder: Token? {
        var index = order.first
        while index >= 0 {
            if slots[Int(index)].held > 0 { return token(index) }
            index = links[Int(index)].next
        }
        return nil
    }

    private func token(_ index: Int32) -> Token {
        UInt64(slots[Int(index)].uses) << 32 | UInt64(index)
    }
}

/// An order of slots, each of which knows its neighbours: -1 for none.
private struct Order {
    struct Link {
        var previous: Int32 = -1
        var next: Int32 = -1
    }

    var first: Int32 = -1
    var last: Int32 = -1

    mutating func append(_ index: Int32, _ links: inout [Link]) {
        links[Int(index)] = Link(previous: last)
        if last >= 0 { links[Int(last)].next = index } else { first = index }
        last = index
    }

    mutating func remove(_ index: Int32, _ links: inout [Link]) {
        let link = links[Int(index)]
        if link.previous >= 0 { links[Int(link.previous)].next = link.next } else { first = link.next }
        if link.next >= 0 { links[Int(link.next)].previous = link.previous } else { last = link.previous }
    }
}
