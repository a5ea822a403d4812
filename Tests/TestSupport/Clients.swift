public import Linux

/// Asks over UDP.
public struct DatagramClient: Sendable {
    public let socket: Socket

    /// - Parameter source: the client's own address, where it matters.
    public init(to server: SocketAddress, from source: SocketAddress? = nil) throws(SystemError) {
        socket = try Socket(.udp, server.family)
        if let source { try socket.bind(source) }
        try socket.connect(server)
    }

    public func send(_ octets: [UInt8]) throws(SystemError) {
        _ = try socket.send(octets.span)
    }

    /// The next reply; nil where none comes in time.
    public func receive(milliseconds: Int = 5_000) throws(SystemError) -> [UInt8]? {
        guard socket.wait(for: .read, milliseconds: milliseconds) else { return nil }
        var octets = [UInt8](repeating: 0, count: 65_535)
        var room = octets.mutableSpan
        let count = try socket.receive(into: &room)
        return count.map { Array(octets.prefix($0)) }
    }

    /// Sends a query and waits for its answer, without sending it again, so that it is counted once.
    public func askOnce(_ query: [UInt8]) throws(SystemError) -> [UInt8]? {
        try send(query)
        return try receive(milliseconds: 60_000)
    }

    /// Sends a query until it is answered.
    public func ask(_ query: [UInt8], milliseconds: Int = 5_000) throws(SystemError) -> [UInt8]? {
        let end = Clock.milliseconds + milliseconds
        while Clock.milliseconds < end {
            do throws(SystemError) {
                try send(query)
                let id = UInt16(query[0]) << 8 | UInt16(query[1])
                if let reply = try receive(milliseconds: 250), Sample.id(of: reply) == id { return reply }
            } catch {
                // Nobody listens yet.
                Clock.sleep(milliseconds: 10)
            }
        }
        return nil
    }
}

/// Talks over TCP.
public final class StreamClient {
    public enum Event: Equatable, Sendable {
        case message([UInt8])
        /// The server closed the connection, or reset it.
        case closed
        /// Nothing came in time.
        case nothing
    }

    public let socket: Socket
    private var received: [UInt8] = []
    /// How much of it was given out.
    private var taken = 0

    /// - Parameters:
    ///   - source: the client's own address, where it matters.
    ///   - receiveBuffer: octets that may wait for the client; by default the system decides, and takes megabytes.
    public init(
        to server: SocketAddress, from source: SocketAddress? = nil, receiveBuffer: Int32? = nil
    ) throws(SystemError) {
        socket = try Socket(.tcp, server.family)
        try socket.noDelay()
        if let receiveBuffer { try socket.setReceiveBuffer(octets: receiveBuffer) }
        if let source { try socket.bind(source) }
        try socket.connect(server)
        guard socket.wait(for: .write, milliseconds: 5_000) else { throw SystemError("connect \(server)", code: 110) }
        if let error = socket.pendingError() { throw error }
    }

    public static func frame(_ message: [UInt8]) -> [UInt8] {
        [UInt8(message.count >> 8), UInt8(truncatingIfNeeded: message.count)] + message
    }

    /// Sends all octets; false where the server takes no more for the given time.
    @discardableResult
    public func send(_ octets: [UInt8], milliseconds: Int = 5_000) throws(SystemError) -> Bool {
        var sent = 0
        while sent < octets.count {
            if let count = try socket.send(octets.span.extracting(sent..<octets.count)) {
                sent += count
            } else if !socket.wait(for: .write, milliseconds: milliseconds) {
                return false
            }
        }
        return true
    }

    public func send(message: [UInt8]) throws(SystemError) {
        try send(Self.frame(message))
    }

    /// The next message, or the end.
    public func receive(milliseconds: Int = 5_000) -> Event {
        if let message = nextMessage() { return .message(message) }
        let end = Clock.milliseconds + milliseconds
        var octets = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let message = nextMessage() { return .message(message) }
            guard socket.wait(for: .read, milliseconds: end - Clock.milliseconds) else { return .nothing }
            var room = octets.mutableSpan
            do throws(SystemError) {
                guard let count = try socket.receive(into: &room) else { continue }
                if count == 0 { return .closed }
                received.removeFirst(taken)
                taken = 0
                received += octets[0..<count]
            } catch {
                return .closed
            }
        }
    }

    /// The next message of those that came; nil where none is complete.
    private func nextMessage() -> [UInt8]? {
        guard received.count - taken >= 2 else { return nil }
        let start = taken + 2
        let end = start + (Int(received[taken]) << 8 | Int(received[taken + 1]))
        guard received.count >= end else { return nil }
        taken = end
        return Array(received[start..<end])
    }

    /// Sends a query and waits for the message with its id.
    public func ask(_ query: [UInt8]) throws(SystemError) -> [UInt8]? {
        try send(message: query)
        while case .message(let reply) = receive() {
            if Sample.id(of: reply) == UInt16(query[0]) << 8 | UInt16(query[1]) { return reply }
        }
        return nil
    }
}
