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
    /// What its client may.
    let asker: Client
    /// Octets of frames that are incomplete, or that wait until `unsent` has left.
    var unread: [UInt8] = []
    /// Answers that the client did not take yet.
    var unsent: [UInt8] = []
    /// A zone that the client is getting.
    var transfer: ZoneTransfer?
    /// The system keeps more of its answers since its first transfer.
    var hasTransferBuffer = false
    /// The first frame of `unread` waits for the transfer's end; nothing is read until then.
    var isWaiting = false
    /// Complete queries may stand in `unread` and wait for the next turn; nothing is read until then.
    var hasMore = false
    /// When it was accepted, and when the last complete query came or the client last took of an answer, in milliseconds.
    let openedAt: Int
    var lastActivity: Int
    /// Since when `unsent` has not been empty.
    private var unsentSince: Int?
    /// The client has sent all that it will.
    var isInputFinished = false
    var watched: Readiness = .read
    /// Nothing waits, in neither direction, and more may come: how most connections are found and left.
    var isQuiet = true

    init(socket: Socket, peer: SocketAddress, asker: Client, now: Int) {
        self.socket = socket
        client = peer.withoutPort
        port = peer.port
        self.asker = asker
        openedAt = now
        lastActivity = now
    }

    var peer: SocketAddress { client.with(port: port) }

    /// Begins a transfer; false where one is under way.
    func begin(_ transfer: consuming ZoneTransfer) -> Bool {
        isWaiting = self.transfer != nil
        if !isWaiting { self.transfer = consume transfer }
        isQuiet = false
        return !isWaiting
    }

    /// Keeps answers that the client did not take yet.
    func keep(unsent: ArraySlice<UInt8>) {
        self.unsent = Array(unsent)
        isQuiet = false
    }

    /// Notes whether nothing waits any more.
    func noteQuiet() {
        isQuiet = unread.isEmpty && unsent.isEmpty && transfer == nil && !hasMore && !isWaiting && !isInputFinished
    }

    var heldOctets: Int { unread.count + unsent.count }

    /// Whether all is done that its client wanted.
    var isDone: Bool { isInputFinished && unsent.isEmpty && transfer == nil && !hasMore }

    /// Notes whether answers wait for the client now.
    func noteUnsent(_ now: Int) { unsentSince = unsent.isEmpty ? nil : unsentSince ?? now }

    /// Whether it has had its time, or its client takes too long over what waits for it. Who does nothing at all is idle.
    func isOverdue(_ now: Int, _ limits: ServerLimits) -> Bool {
        now - openedAt >= limits.connectionMilliseconds
            || unsentSince.map { now - $0 >= limits.connectionWriteMilliseconds } ?? false
    }

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
