import CLinux
import Glibc

/// Datagrams received with one call and the replies to them, sent with one call.
///
///     let count = try batch.receive(from: socket.descriptor)
///     for index in 0..<count {
///         var reply = batch.replies.slot(index)
///         let octets = respond(to: batch.queries.octets(index), into: &reply)
///         batch.replies.set(index, count: octets)
///     }
///     batch.send(to: socket.descriptor, count, merging: &merging)
///
/// Queries and replies are two properties, so that one can be read while the other is written.
/// All memory is taken once, in `init`.
@safe
public struct DatagramBatch: ~Copyable {
    public private(set) var queries: ReceivedDatagrams
    public var replies: ReplyDatagrams
    private let storage: UnsafeMutablePointer<clinux_datagrams>

    /// - Parameters:
    ///   - slots: how many datagrams at most, 1 to 1,024.
    ///   - querySize: octets that are kept of a query; 16 more may be read after each.
    ///   - replySize: octets that a reply may have.
    public init(slots: Int = 32, querySize: Int = 4096, replySize: Int = 4096 + 16) throws(SystemError) {
        precondition((1...1024).contains(slots) && (1...65_536).contains(querySize) && (1...65_536).contains(replySize))
        guard let storage = unsafe clinux_datagrams_create(UInt32(slots), querySize, replySize) else {
            throw SystemError("allocate datagrams", code: ENOMEM)
        }
        unsafe self.storage = storage
        unsafe queries = ReceivedDatagrams(storage.pointee)
        unsafe replies = ReplyDatagrams(storage.pointee)
    }

    deinit {
        // Sound: made by create, freed once; the two views cannot outlive the batch.
        unsafe free(storage)
    }

    /// Receives what is there: how many datagrams, 0 where there is none. Errors that belong to one peer count as none.
    /// - Parameter waits: for the first, as long as `Socket.waitForDatagrams` said.
    public mutating func receive(from descriptor: Int32, waits: Bool = false) throws(SystemError) -> Int {
        // Sound: the storage was made for this many slots and lives as long as the batch.
        let count = unsafe clinux_datagrams_receive(storage, descriptor, waits ? 1 : 0)
        queries.count = max(0, Int(count))
        if count < 0 { try Self.check(errno) }
        return queries.count
    }

    /// Sends the replies to the first `count` queries that have one; how many left.
    /// - Parameter merging: of this descriptor. Replies to one client may change their order where they merge.
    @discardableResult
    public mutating func send(to descriptor: Int32, _ count: Int, merging: inout ReplyMerging) -> Int {
        let slots = UInt32(max(0, min(count, queries.count)))
        // Sound: no more slots than there are, no more octets in one than `set` allowed.
        let sent = unsafe clinux_datagrams_send(storage, descriptor, slots, merging.isOn ? 1 : 0)
        unsafe merging.note(merged: storage.pointee.merged != 0, refused: storage.pointee.refused != 0)
        return Int(sent)
    }

    /// Sends the first `count` replies over a connected socket to its peer, for a batch that never receives; how many left.
    @discardableResult
    public mutating func send(connected descriptor: Int32, _ count: Int, merging: inout ReplyMerging) -> Int {
        queries.count = max(0, min(count, replies.slots))
        defer { queries.count = 0 }
        // No header has an address yet, so that the socket's holds.
        return send(to: descriptor, count, merging: &merging)
    }

    private static func check(_ code: Int32) throws(SystemError) {
        switch code {
        case EAGAIN, EINTR, ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ENETDOWN, EMSGSIZE, ENOMEM, ENOBUFS:
            return
        default:
            throw SystemError("recvmmsg", code: code)
        }
    }
}

/// Whether replies to one client leave a socket with one call to the network (UDP_SEGMENT). Each arrives as a datagram
/// of its own all the same. What the system refuses leaves one by one, and merging ends where it keeps refusing: a
/// device may be unable, such as one that computes no checksums.
public struct ReplyMerging: Sendable {
    public private(set) var isOn: Bool
    private var refusals = 0

    private static let refusalsInARow = 8

    public init(isOn: Bool) {
        self.isOn = isOn
    }

    fileprivate mutating func note(merged: Bool, refused: Bool) {
        // One path may be too narrow: as long as others take merged replies, it goes on.
        if merged { refusals = 0 }
        if refused { refusals += 1 }
        if refusals == Self.refusalsInARow { isOn = false }
    }
}

/// What a batch received.
@safe
public struct ReceivedDatagrams: ~Copyable {
    public fileprivate(set) var count = 0
    private let base: UnsafeMutablePointer<UInt8>
    private let stride: Int
    private let counts: UnsafeMutablePointer<UInt32>
    private let truncated: UnsafeMutablePointer<UInt8>
    private let peers: UnsafeMutablePointer<clinux_address>

    fileprivate init(_ storage: clinux_datagrams) {
        unsafe base = storage.received
        stride = unsafe storage.receive_stride
        unsafe counts = storage.receive_counts
        unsafe truncated = storage.truncated
        unsafe peers = storage.peers
    }

    @_lifetime(borrow self)
    public func octets(_ index: Int) -> Span<UInt8> {
        precondition(index >= 0 && index < count)
        // Sound: the index is below the count, which is at most the number of slots; the kernel
        // wrote that many octets into the slot; the slots live as long as the batch, whose borrow
        // the span carries on.
        let octets = unsafe Span(_unsafeStart: base + index * stride, count: Int(counts[index]))
        return unsafe _overrideLifetime(octets, borrowing: self)
    }

    /// Whether the datagram was larger than its slot.
    public func isTruncated(_ index: Int) -> Bool {
        precondition(index >= 0 && index < count)
        // Sound: one octet a slot, and the index is below the count.
        return unsafe truncated[index] != 0
    }

    /// Who sent it; nil where it is neither IPv4 nor IPv6.
    public func peer(_ index: Int) -> SocketAddress? {
        precondition(index >= 0 && index < count)
        // Sound: one address a slot, zeroed at first, written by the kernel since.
        return unsafe SocketAddress(peers[index])
    }
}

/// Room for the replies of a batch.
@safe
public struct ReplyDatagrams: ~Copyable {
    fileprivate let slots: Int
    private let base: UnsafeMutablePointer<UInt8>
    private let size: Int
    private let stride: Int
    private let counts: UnsafeMutablePointer<UInt32>

    fileprivate init(_ storage: clinux_datagrams) {
        slots = Int(unsafe storage.slots)
        unsafe base = storage.replies
        size = unsafe storage.reply_size
        stride = unsafe storage.reply_stride
        unsafe counts = storage.reply_counts
    }

    @_lifetime(&self)
    public mutating func slot(_ index: Int) -> MutableSpan<UInt8> {
        precondition(index >= 0 && index < slots)
        // Sound: the index is below the number of slots, each of which has `size` octets, zeroed at
        // first; the slots live as long as the batch, whose exclusive access the span carries on.
        let octets = unsafe MutableSpan(_unsafeStart: base + index * stride, count: size)
        return unsafe _overrideLifetime(octets, mutating: &self)
    }

    /// How many octets of the slot are the reply; 0 for none, which is what `receive` sets.
    public mutating func set(_ index: Int, count: Int) {
        precondition(index >= 0 && index < slots && count >= 0 && count <= size)
        // Sound: one count a slot.
        unsafe counts[index] = UInt32(count)
    }
}
