import Linux
import Synchronization

/// A transfer under way, asked for its batches one after the other.
final class TransferSession: Sendable {
    private struct State: ~Copyable {
        var connection: TransferConnection?
        var reader: TransferReader
    }

    private let transfer: Transfer
    private let state: Mutex<State>
    /// Once signalled it stays so.
    private let cancellation: Result<Wakeup, SystemError>

    init(_ transfer: Transfer) {
        self.transfer = transfer
        state = Mutex(State(connection: nil, reader: TransferReader(of: transfer.zone)))
        cancellation = Result { () throws(SystemError) in try Wakeup() }
    }

    /// The next batch, waited for; nil when the whole zone was there.
    func next() throws(TransferError) -> Transfer.Batch? {
        try state.withLock { state throws(TransferError) in
            if state.connection == nil {
                let cancellation = try asTransfer(cancellation.get)
                var connection = try TransferConnection(to: transfer.server, transfer.options, cancellation)
                try connection.send(try state.reader.query())
                state.connection = consume connection
            }
            while !state.reader.isFinished, let message = try state.connection?.message() {
                let records = try state.reader.read(message)
                guard let serial = state.reader.serial, !records.isEmpty else { continue }
                return Transfer.Batch(serial: serial, records: records, size: message.count)
            }
            return nil
        }
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
