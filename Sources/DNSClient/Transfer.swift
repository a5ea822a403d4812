public import DNS
public import Linux

/// A zone whole, from one server over TCP (AXFR, RFC 5936), in the pieces that it comes in.
///
///     let transfer = Transfer(of: try Name("example.test"), from: server)
///     for try await batch in transfer { print(batch.serial, batch.records.count) }
///
/// Nothing is taken for good before the last batch: where the sequence ends without an error, all came and the closing
/// SOA record was that of the beginning. Whoever does not ask for the next batch makes the server wait.
public struct Transfer: AsyncSequence, Sendable {
    /// Some records of the zone, in the order that the server sent them.
    public struct Batch: Sendable {
        /// Of the SOA record, which is the first record of the first batch; it is not repeated at the end.
        public var serial: SerialNumber
        public var records: [Record]
        /// The octets of the message that brought them.
        public var size: Int
    }

    /// What is waited for, and how much is taken.
    public struct Options: Hashable, Sendable {
        /// For the connection, and for each message.
        public var timeout = Duration.seconds(10)
        /// For all of it.
        public var deadline = Duration.seconds(600)
        /// Octets of all messages.
        public var sizeLimit = Limits.transferSize

        public init() {}
    }

    public let zone: Name
    public let server: SocketAddress
    public var options: Options

    public init(of zone: Name, from server: SocketAddress, options: Options = Options()) {
        self.zone = zone
        self.server = server
        self.options = options
    }

    /// Fetches the zone on the calling thread, which waits meanwhile. `take` gets each batch and says whether to go on;
    /// where it does not, that is the error `cancelled`.
    public func receive(_ take: (Batch) -> Bool) throws(TransferError) {
        let session = TransferSession(self)
        while let batch = try session.next() {
            guard take(batch) else { throw .cancelled }
        }
    }

    public func makeAsyncIterator() -> Iterator { Iterator(session: TransferSession(self)) }

    /// Connects when the first batch is asked for. While one is asked for, a thread waits for it.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let session: TransferSession

        public mutating func next() async throws(TransferError) -> Batch? { try await session.nextOnThread() }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(TransferError) -> Batch? {
            try await session.nextOnThread()
        }
    }
}

/// Why a zone did not come whole.
public enum TransferError: Error, Hashable, Sendable {
    /// The system could not connect, send or receive.
    case system(SystemError)
    /// Nothing came for `Options.timeout`, or all of it took longer than `Options.deadline`.
    case timedOut
    /// The server closed the connection before the zone's end.
    case endedEarly
    /// The server does not give the zone.
    case responseCode(ResponseCode)
    /// A message cannot be read.
    case malformed(WireError)
    /// A message answers something else, or is truncated.
    case unexpected
    /// The first record is not the zone's SOA record (RFC 5936 §2.2).
    case noSOA
    /// The closing SOA record is another one than that of the beginning: the zone changed meanwhile.
    case changed
    /// A record that the zone cannot have, by its owner, class or type.
    case foreignRecord(Record)
    /// Records follow the closing SOA record.
    case recordsBehindEnd
    /// More octets came than `Options.sizeLimit`.
    case tooLarge
    /// The task was cancelled, or the receiver wanted no more.
    case cancelled
}

extension TransferError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .system(let error): error.message
        case .timedOut: "the server sent nothing for too long"
        case .endedEarly: "the connection ended before the zone did"
        case .responseCode(let code): "the server answered \(code)"
        case .malformed(let error): "a message cannot be read: \(error.words)"
        case .unexpected: "a message is not the reply to the query"
        case .noSOA: "the reply does not begin with the zone's SOA record"
        case .changed: "the zone changed while it was sent"
        case .foreignRecord(let record): "\(record.owner) \(record.recordClass) \(record.type) cannot be in the zone"
        case .recordsBehindEnd: "records follow the zone's end"
        case .tooLarge: "the zone is larger than the limit"
        case .cancelled: "cancelled"
        }
    }
}
