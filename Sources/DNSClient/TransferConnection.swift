import DNS
import Linux

/// A connection that messages are read from one after the other by a thread that waits for them.
struct TransferConnection: ~Copyable {
    private let socket: Socket
    private var poller: Poller
    private let timeout: Int
    private let deadline: Int
    private var sizeLeft: Int
    /// What goes before the query.
    private let head: [UInt8]
    /// What came and was not read yet.
    private var received: [UInt8] = []
    private var room = [UInt8](repeating: 0, count: 1 << 16)

    private static let socketToken: UInt64 = 0
    private static let cancelToken: UInt64 = 1

    /// - Parameter cancellation: ends waiting once it is signalled.
    init(to server: SocketAddress, _ options: TransferOptions, _ cancellation: Wakeup) throws(TransferError) {
        let socket = try asTransfer { () throws(SystemError) in try Socket(.tcp, server.family) }
        let poller = try asTransfer { () throws(SystemError) in try Poller(limit: 2) }
        try asTransfer { () throws(SystemError) in
            try socket.noDelay()
            if let local = options.localAddress { try socket.bind(local.withoutPort) }
            try socket.connect(server)
            try poller.add(socket.descriptor, .write, token: Self.socketToken)
            try poller.add(cancellation.descriptor, .read, token: Self.cancelToken)
        }
        self.socket = socket
        self.poller = poller
        timeout = options.timeout.nanoseconds / 1_000_000
        deadline = Clock.milliseconds + options.deadline.nanoseconds / 1_000_000
        sizeLeft = options.sizeLimit
        head = options.proxy?.octets(.tcp) ?? []
    }

    private var expiry: Int { min(Clock.milliseconds + timeout, deadline) }

    /// Sends the query with its length (RFC 1035 §4.2.2) once the connection is there.
    mutating func send(_ message: [UInt8]) throws(TransferError) {
        try waitForSocket(until: expiry)
        if let error = socket.pendingError() { throw .system(error) }
        let length = [UInt8(truncatingIfNeeded: message.count >> 8), UInt8(truncatingIfNeeded: message.count)]
        var unsent = (head + length + message)[...]
        // A query is a few octets, which every new connection has room for.
        try asTransfer { () throws(SystemError) in
            while let count = try socket.send(unsent.span), count < unsent.count { unsent = unsent.dropFirst(count) }
            try poller.change(socket.descriptor, .read, token: Self.socketToken)
        }
    }

    /// The next message.
    mutating func message() throws(TransferError) -> [UInt8] {
        let expiry = expiry
        while true {
            if received.count >= 2 {
                let end = 2 + (Int(received[0]) << 8 | Int(received[1]))
                if received.count >= end { return take(end) }
            }
            try waitForSocket(until: expiry)
            try receive()
        }
    }

    private mutating func take(_ end: Int) -> [UInt8] {
        let message = Array(received[2..<end])
        received.removeSubrange(..<end)
        return message
    }

    private mutating func receive() throws(TransferError) {
        let socket = socket
        let count = try asTransfer { () throws(SystemError) in
            var free = room.mutableSpan
            return try socket.receive(into: &free)
        }
        guard let count else { return }
        if count == 0 { throw .endedEarly }
        received += room[..<count]
        sizeLeft -= count
        if sizeLeft < 0 { throw .tooLarge }
    }

    private mutating func waitForSocket(until expiry: Int) throws(TransferError) {
        while true {
            let left = expiry - Clock.milliseconds
            if left <= 0 { throw .timedOut }
            let ready = try asTransfer { () throws(SystemError) in try poller.wait(milliseconds: left) }
            for index in 0..<ready where poller.token(index) == Self.cancelToken { throw .cancelled }
            if ready > 0 { return }
        }
    }
}
