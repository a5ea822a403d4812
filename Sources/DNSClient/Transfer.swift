public import DNS
public import Linux
import Synchronization

/// A zone from one server over TCP, in the pieces that it comes in: whole (AXFR, RFC 5936), or what changed since a
/// version (IXFR, RFC 1995).
///
///     let transfer = Transfer(of: try Name("example.test"), from: server)
///     for try await batch in transfer { print(batch.serial, batch.records.count) }
///
/// Nothing is taken for good before the last batch: where the sequence ends without an error, all came, the closing SOA
/// record was that of the beginning, and signatures were good. Whoever does not ask for the next batch makes the server
/// wait.
public struct Transfer: AsyncSequence, Sendable {
    public struct Batch: Sendable {
        /// Of the server's version, which is the SOA record that comes first.
        public var serial: SerialNumber
        public var content: TransferContent
        /// The octets of the message that brought it, or the end of it.
        public var size: Int

        /// Records of the zone; none where the batch has differences.
        public var records: [Record] { if case .records(let records) = content { records } else { [] } }
    }

    public let zone: Name
    public let server: SocketAddress
    /// The version whose successors are asked for; nil for the whole zone.
    public let since: SerialNumber?
    public var options: TransferOptions

    public init(
        of zone: Name, since: SerialNumber? = nil, from server: SocketAddress,
        options: TransferOptions = TransferOptions()
    ) {
        self.zone = zone
        self.since = since
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

/// A transfer under way, asked for its batches one after the other.
private final class TransferSession: Sendable {
    private struct State: ~Copyable {
        var connection: TransferConnection?
        var reader: TransferReader
        var verifier: (any MessageVerifier)?
    }

    private let transfer: Transfer
    private let state: Mutex<State>
    /// Once signalled it stays so.
    private let cancellation: Result<Wakeup, SystemError>

    init(_ transfer: Transfer) {
        self.transfer = transfer
        state = Mutex(State(connection: nil, reader: TransferReader(of: transfer.zone, since: transfer.since)))
        cancellation = Result { () throws(SystemError) in try Wakeup() }
    }

    /// The next batch, waited for; nil when all was there.
    func next() throws(TransferError) -> Transfer.Batch? {
        try state.withLock { state throws(TransferError) in
            if state.connection == nil { try begin(&state) }
            while !state.reader.isFinished, let message = try state.connection?.message() {
                let isCovered = try asTransfer { () throws(SignatureError) in try state.verifier?.verify(message) }
                let content = try state.reader.read(message)
                if state.reader.isFinished, isCovered == false { throw .signature(.missing(.noError)) }
                guard let serial = state.reader.serial, let content else { continue }
                return Transfer.Batch(serial: serial, content: content, size: message.count)
            }
            return nil
        }
    }

    private func begin(_ state: inout State) throws(TransferError) {
        let cancellation = try asTransfer(cancellation.get)
        var connection = try TransferConnection(to: transfer.server, transfer.options, cancellation)
        var query = try asTransfer { () throws(WireError) in try state.reader.query() }
        if let signer = transfer.options.signer {
            (query, state.verifier) = try asTransfer { () throws(WireError) in try signer.sign(query) }
        }
        try connection.send(query)
        state.connection = consume connection
    }

    /// The same on a thread of its own, which ends with the task that asks.
    func nextOnThread() async throws(TransferError) -> Transfer.Batch? {
        let result: Result<Transfer.Batch?, TransferError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                do throws(SystemError) {
                    _ = try Linux.Thread(name: "transfer") { [self] in
                        continuation.resume(returning: Result { () throws(TransferError) in try next() })
                    }
                } catch {
                    continuation.resume(returning: .failure(.system(error)))
                }
            }
        } onCancel: {
            try? cancellation.get().signal()
        }
        return try result.get()
    }
}
