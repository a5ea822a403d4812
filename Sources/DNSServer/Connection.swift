import DNS
import Linux

/// One TCP connection. What it holds is bounded: `unread` by one frame and one reading, `unsent` by
/// one filling of the shared output; it is not read while answers wait for the client.
final class Connection {
    let socket: Socket
    /// Who opened it, without the port.
    let client: SocketAddress
    /// Its port.
    let port: UInt16
    /// Whether its client may have whole zones.
    let mayTransfer: Bool
    /// Octets of frames that are incomplete, or that wait until `unsent` has left.
    var unread: [UInt8] = []
    /// Answers that the client did not take yet.
    var unsent: [UInt8] = []
    /// A zone that the client is getting.
    var transfer: ZoneTransfer?
    /// The first frame of `unread` waits for the transfer's end; nothing is read until then.
    var isWaiting = false
    /// When the last complete query came or the client last took of an answer, in milliseconds.
    var lastActivity: Int
    /// The client has sent all that it will.
    var isInputFinished = false
    var watched: Readiness = .read

    init(socket: Socket, peer: SocketAddress, mayTransfer: Bool, now: Int) {
        self.socket = socket
        client = peer.withoutPort
        port = peer.port
        self.mayTransfer = mayTransfer
        lastActivity = now
    }

    var peer: SocketAddress { client.with(port: port) }

    /// Begins a transfer; false where one is under way.
    func begin(_ transfer: consuming ZoneTransfer) -> Bool {
        isWaiting = self.transfer != nil
        if !isWaiting { self.transfer = consume transfer }
        return !isWaiting
    }

    var heldOctets: Int { unread.count + unsent.count }

    /// Sends what waits; whether the client took some.
    func sendUnsent() throws(SystemError) -> Bool {
        var sent = 0
        let octets = unsent
        while sent < octets.count, let count = try socket.send(octets.span.extracting(sent..<octets.count)) {
            sent += count
        }
        if sent == 0 { return false }
        unsent = sent == octets.count ? [] : Array(octets[sent...])
        return true
    }
}

/// The open connections, in the order of their last activity: the first to expire, and the first
/// to go where a limit is reached, is always at the front.
struct ConnectionTable: ~Copyable {
    /// Where a connection stands; it stays valid until the connection is closed, and a number is
    /// never given to two connections.
    typealias Token = UInt64

    private struct Slot {
        var connection: Connection?
        /// How often the slot was used, so that a late event for its last user is not taken for
        /// this one's.
        var uses: UInt32 = 0
        var previous: Int32 = -1
        var next: Int32 = -1
        var held = 0
    }

    private var slots: [Slot] = []
    private var free: [Int32] = []
    private var first: Int32 = -1
    private var last: Int32 = -1
    private var clients: [SocketAddress: Int] = [:]
    private(set) var count = 0
    /// Octets that all connections hold.
    private(set) var heldOctets = 0

    subscript(token: Token) -> Connection? {
        let index = Int(truncatingIfNeeded: token & 0xffff_ffff)
        guard index < slots.count, slots[index].uses == UInt32(token >> 32) else { return nil }
        return slots[index].connection
    }

    func count(of client: SocketAddress) -> Int { clients[client] ?? 0 }

    mutating func insert(_ connection: Connection) -> Token {
        let index: Int32
        if let reused = free.popLast() {
            index = reused
        } else {
            index = Int32(slots.count)
            slots.append(Slot())
        }
        slots[Int(index)].connection = connection
        slots[Int(index)].uses &+= 1
        link(index)
        count += 1
        clients[connection.client, default: 0] += 1
        return token(index)
    }

    /// Removes a connection; false where it is gone already.
    mutating func remove(_ token: Token) -> Bool {
        guard let connection = self[token] else { return false }
        let index = Int32(truncatingIfNeeded: token)
        unlink(index)
        heldOctets -= slots[Int(index)].held
        slots[Int(index)].held = 0
        slots[Int(index)].connection = nil
        free.append(index)
        count -= 1
        if let client = clients.index(forKey: connection.client) {
            clients.values[client] -= 1
            if clients.values[client] == 0 { clients.remove(at: client) }
        }
        return true
    }

    /// Moves a connection to the end of the order.
    mutating func touch(_ token: Token, now: Int) {
        guard let connection = self[token] else { return }
        connection.lastActivity = now
        let index = Int32(truncatingIfNeeded: token)
        if index == last { return }
        unlink(index)
        link(index)
    }

    /// Counts anew what a connection holds.
    mutating func account(_ token: Token) {
        guard let connection = self[token] else { return }
        let index = Int(truncatingIfNeeded: token & 0xffff_ffff)
        heldOctets += connection.heldOctets - slots[index].held
        slots[index].held = connection.heldOctets
    }

    var oldest: Token? { first < 0 ? nil : token(first) }

    /// The longest idle connection of which the condition holds.
    func oldest(where condition: (Connection) -> Bool) -> Token? {
        var index = first
        while index >= 0 {
            if let connection = slots[Int(index)].connection, condition(connection) { return token(index) }
            index = slots[Int(index)].next
        }
        return nil
    }

    private func token(_ index: Int32) -> Token {
        UInt64(slots[Int(index)].uses) << 32 | UInt64(index)
    }

    private mutating func link(_ index: Int32) {
        slots[Int(index)].previous = last
        slots[Int(index)].next = -1
        if last >= 0 { slots[Int(last)].next = index } else { first = index }
        last = index
    }

    private mutating func unlink(_ index: Int32) {
        let (previous, next) = (slots[Int(index)].previous, slots[Int(index)].next)
        if previous >= 0 { slots[Int(previous)].next = next } else { first = next }
        if next >= 0 { slots[Int(next)].previous = previous } else { last = previous }
    }
}
