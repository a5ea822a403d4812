import Linux
import Synchronization

/// Hands the batches of a transfer from its thread to the task that asks for them, one at a time.
final class TransferCourier: Sendable {
    private struct State {
        var isStarted = false
        var isCancelled = false
        /// Fetched, and not yet asked for.
        var batch: Transfer.Batch?
        /// Asked for, and not yet there.
        var asker: CheckedContinuation<Outcome, Never>?
        /// What there is when no batch is left.
        var end: Outcome?
    }

    private typealias Outcome = Result<Transfer.Batch?, TransferError>

    private let transfer: Transfer
    private let wakeupResult: Result<Wakeup, SystemError>
    /// Signalled when there is room for a batch, and when the transfer is to end.
    var wakeup: Wakeup? { try? wakeupResult.get() }
    private let state = Mutex(State())

    init(_ transfer: Transfer) {
        self.transfer = transfer
        do throws(SystemError) {
            wakeupResult = .success(try Wakeup())
        } catch {
            wakeupResult = .failure(error)
        }
    }

    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// The next batch; nil when the whole zone was there.
    func next() async throws(TransferError) -> Transfer.Batch? {
        start()
        let outcome: Outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome = state.withLock { state -> Outcome? in
                    if state.isCancelled { return .failure(.cancelled) }
                    if let batch = state.batch {
                        state.batch = nil
                        return .success(batch)
                    }
                    // Two tasks that ask at once: the one before learns that it was in vain.
                    if state.end == nil, state.asker == nil {
                        state.asker = continuation
                        return nil
                    }
                    return state.end ?? .failure(.cancelled)
                }
                wakeup?.signal()
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            cancel()
        }
        return try outcome.get()
    }

    /// Ends the transfer, and whoever waits for it.
    func cancel() {
        let asker = state.withLock { state in
            state.isCancelled = true
            state.batch = nil
            defer { state.asker = nil }
            return state.asker
        }
        wakeup?.signal()
        asker?.resume(returning: .failure(.cancelled))
    }

    private func start() {
        let isFirst = state.withLock { state in
            defer { state.isStarted = true }
            return !state.isStarted
        }
        guard isFirst else { return }
        do throws(SystemError) {
            _ = try wakeupResult.get()
            _ = try Linux.Thread(name: "transfer") { [self] in run() }
        } catch {
            finish(.failure(.system(error)))
        }
    }

    private func run() {
        do throws(TransferError) {
            try transfer.receive(interruptedBy: self, deliver)
            finish(.success(nil))
        } catch {
            finish(.failure(error))
        }
    }

    /// Waits until there is room for a batch. Whether to go on.
    private func deliver(_ batch: Transfer.Batch) -> Bool {
        while true {
            let (isDone, asker) = state.withLock { state in
                if state.isCancelled { return (true, nil as CheckedContinuation<Outcome, Never>?) }
                if let asker = state.asker {
                    state.asker = nil
                    return (true, asker)
                }
                if state.batch != nil { return (false, nil) }
                state.batch = batch
                return (true, nil)
            }
            asker?.resume(returning: .success(batch))
            if isDone { return !isCancelled }
            _ = wakeup?.wait()
        }
    }

    private func finish(_ outcome: Outcome) {
        let asker = state.withLock { state in
            state.end = outcome
            defer { state.asker = nil }
            return state.asker
        }
        asker?.resume(returning: outcome)
    }
}
