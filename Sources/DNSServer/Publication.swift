import DNS
import Linux
import Synchronization

/// Hands the newest database to the workers. They look at `generation` once a batch and take the
/// lock only when it moved; those that sleep are woken, so that no old database lives on.
final class Publication: Sendable {
    private struct State {
        var database: Database
        var wakeups: [Wakeup] = []
    }

    private let number = Atomic<UInt64>(0)
    private let stopped = Atomic(false)
    private let state: Mutex<State>

    init(_ database: Database) {
        state = Mutex(State(database: database))
    }

    var generation: UInt64 { number.load(ordering: .acquiring) }

    var isStopped: Bool { stopped.load(ordering: .acquiring) }

    /// The newest database and the generation that it belongs to.
    func snapshot() -> (database: Database, generation: UInt64) {
        state.withLock { ($0.database, number.load(ordering: .relaxed)) }
    }

    func publish(_ database: Database) {
        // The old one may be large: it goes after the lock does.
        let old = state.withLock { state in
            let old = state.database
            state.database = database
            number.add(1, ordering: .releasing)
            for wakeup in state.wakeups { wakeup.signal() }
            return old
        }
        withExtendedLifetime(old) {}
    }

    /// Adds a worker, which is woken by each publication.
    func subscribe(_ wakeup: Wakeup) {
        state.withLock { $0.wakeups.append(wakeup) }
    }

    /// Ends all workers.
    func stop() {
        stopped.store(true, ordering: .releasing)
        state.withLock { state in
            number.add(1, ordering: .releasing)
            for wakeup in state.wakeups { wakeup.signal() }
        }
    }
}
