public import DNS
public import Linux
import Synchronization

/// A name server that does what a test says, however wrong.
///
///     let server = try FakeServer { query in
///         query.number == 1 ? [] : [.reply(query.response(answer: "www.example.test. 60 IN A 192.0.2.1"))]
///     }
public final class FakeServer: Sendable {
    public struct Query: Sendable {
        public let octets: [UInt8]
        public let isStream: Bool
        /// Counted from 1, over both transports.
        public let number: Int
    }

    /// What is done to a query, one after the other.
    public enum Reaction: Sendable {
        /// Sends a message, over TCP with its length.
        case reply([UInt8])
        case wait(milliseconds: Int)
        /// Sends a datagram from another port.
        case replyFromElsewhere([UInt8])
        /// Sends octets as they are over TCP.
        case octets([UInt8])
        /// Sends an octet now and then over TCP, until the peer goes.
        case endless(milliseconds: Int)
        /// Keeps the connection open; else it is closed after the last reaction.
        case stayOpen
    }

    public let address: SocketAddress
    private let react: @Sendable (Query) -> [Reaction]
    private let received = Mutex<[Query]>([])
    private let isStopped = Atomic(false)

    public init(_ react: @escaping @Sendable (Query) -> [Reaction]) throws {
        let (datagrams, listener) = try Self.bind()
        address = try datagrams.localAddress()
        self.react = react
        // The threads end soon after the owner stops them; until then they keep what they use.
        _ = try Linux.Thread(name: "fake-udp") { [self] in try? serve(datagrams) }
        _ = try Linux.Thread(name: "fake-tcp") { [self] in try? accept(listener) }
    }

    /// The queries that came so far.
    public var queries: [Query] { received.withLock { $0 } }

    public func stop() { isStopped.store(true, ordering: .relaxed) }

    /// Both transports on one port.
    private static func bind() throws(SystemError) -> (Socket, Socket) {
        while true {
            let datagrams = try Socket(.udp, .ipv4)
            try datagrams.bind(.loopback(.ipv4, port: 0))
            let listener = try Socket(.tcp, .ipv4)
            guard (try? listener.bind(try datagrams.localAddress())) != nil else { continue }
            try listener.listen()
            return (datagrams, listener)
        }
    }

    private var goesOn: Bool { !isStopped.load(ordering: .relaxed) }

    private func note(_ octets: [UInt8], isStream: Bool) -> Query {
        received.withLock { queries in
            queries.append(Query(octets: octets, isStream: isStream, number: queries.count + 1))
            return queries[queries.count - 1]
        }
    }
}

// MARK: Transports

extension FakeServer {
    private func serve(_ socket: Socket) throws {
        var batch = try DatagramBatch(slots: 1, replySize: 65_536)
        var merging = ReplyMerging(isOn: false)
        while goesOn {
            guard socket.wait(for: .read, milliseconds: 20), try batch.receive(from: socket.descriptor) == 1 else {
                continue
            }
            let query = note(Self.first(of: batch.queries), isStream: false)
            let peer = batch.queries.peer(0)
            for reaction in react(query) {
                switch reaction {
                case .reply(let octets):
                    Self.put(octets, into: &batch.replies)
                    batch.send(to: socket.descriptor, 1, merging: &merging)
                case .replyFromElsewhere(let octets):
                    guard let peer else { continue }
                    let other = try Socket(.udp, .ipv4)
                    try other.connect(peer)
                    _ = try? other.send(octets.span)
                case .wait(let milliseconds): Clock.sleep(milliseconds: milliseconds)
                case .octets, .endless, .stayOpen: continue
                }
            }
        }
    }

    private static func first(of datagrams: borrowing ReceivedDatagrams) -> [UInt8] {
        let octets = datagrams.octets(0)
        return octets.indices.map { octets[$0] }
    }

    private static func put(_ octets: [UInt8], into replies: inout ReplyDatagrams) {
        var slot = replies.slot(0)
        for (index, octet) in octets.enumerated() { slot[index] = octet }
        replies.set(0, count: octets.count)
    }

    private func accept(_ listener: Socket) throws {
        while goesOn {
            guard listener.wait(for: .read, milliseconds: 20), let (socket, _) = try listener.accept() else { continue }
            _ = try Linux.Thread(name: "fake-stream") { [self] in try? serve(stream: socket) }
        }
    }

    private func serve(stream socket: Socket) throws {
        var octets = [UInt8](repeating: 0, count: 65_536)
        guard socket.wait(for: .read, milliseconds: 2_000) else { return }
        var room = octets.mutableSpan
        guard let count = try socket.receive(into: &room), count > 2 else { return }
        for reaction in react(note(Array(octets[2..<count]), isStream: true)) {
            switch reaction {
            case .reply(let message): try send(StreamClient.frame(message), over: socket)
            case .octets(let octets): try send(octets, over: socket)
            case .wait(let milliseconds): Clock.sleep(milliseconds: milliseconds)
            case .endless(let milliseconds):
                while goesOn {
                    try send([0xFF], over: socket)
                    Clock.sleep(milliseconds: milliseconds)
                }
            case .stayOpen: while goesOn { Clock.sleep(milliseconds: 10) }
            case .replyFromElsewhere: continue
            }
        }
    }

    private func send(_ octets: [UInt8], over socket: Socket) throws {
        var sent = 0
        while sent < octets.count && goesOn {
            sent += try socket.send(octets.span.extracting(sent..<octets.count)) ?? 0
            if sent < octets.count { _ = socket.wait(for: .write, milliseconds: 20) }
        }
    }
}

// MARK: Responses

extension FakeServer.Query {
    /// The query as a message, or an empty one where it is none.
    public var message: Message { (try? Message(decoding: octets.span)) ?? Message(header: Header(id: 0)) }

    /// A response with records in presentation form.
    public func response(
        _ code: ResponseCode = .noError, answer: String..., change: (inout Message) -> Void = { _ in }
    ) -> [UInt8] {
        var response = message
        response.header.isResponse = true
        response.header.responseCode = code
        response.answer = answer.compactMap { try? Record($0) }
        change(&response)
        return (try? response.encoded()) ?? []
    }
}
