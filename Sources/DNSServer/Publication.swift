import DNS
import Linux
import Synchronization

/// A worker, as the publication sees it.
final class Subscriber: Sendable {
    /// Ends the worker's waiting where there is something new.
    let wakeup: Wakeup
    /// The generation that the worker serves: it has let go of all before.
    fileprivate let served = Atomic<UInt64>(0)

    fileprivate init() throws(SystemError) {
        wakeup = try Wakeup()
    }
}

/// What workers answer from.
struct Edition {
    var database: Database
    var clients: ClientPolicy
    fileprivate(set) var generation: UInt64 = 0
}

/// Hands the newest edition to the workers. They look at `generation` once a batch and take the
/// lock only when it moved; those that sleep are woken, so that no old database lives on.
final class Publication: Sendable {
    private struct State {
        var edition: Edition
        var subscribers: [Subscriber] = []
    }

    private let number = Atomic<UInt64>(0)
    private let stopped = Atomic(false)
    private let state: Mutex<State>

    /// How long a publication waits for workers, which is far longer than a batch takes. A worker
    /// that rests after an error is not waited for.
    private static let patienceMilliseconds = 500

    init(_ clients: ClientPolicy) {
        state = Mutex(State(edition: Edition(database: .empty, clients: clients)))
    }

    var generation: UInt64 { number.load(ordering: .acquiring) }

    var isStopped: Bool { stopped.load(ordering: .acquiring) }

    /// The newest edition, for a worker that has let go of the one before.
    func snapshot(for subscriber: Subscriber) -> Edition {
        let edition = state.withLock { state in
            // A publication that ends counts up too.
            state.edition.generation = number.load(ordering: .relaxed)
            return state.edition
        }
        subscriber.served.store(edition.generation, ordering: .releasing)
        return edition
    }

    /// Returns when all workers serve the edition that `change` makes, or a newer one. The one before is freed here and
    /// not by a worker, which would keep its clients waiting meanwhile.
    func publish(_ change: (inout Edition) -> Void) {
        let (old, generation, subscribers) = state.withLock { state in
            let old = state.edition
            change(&state.edition)
            return (old, advance(state), state.subscribers)
        }
        let end = Clock.milliseconds + Self.patienceMilliseconds
        while subscribers.contains(where: { $0.served.load(ordering: .acquiring) < generation }),
            !isStopped, Clock.milliseconds < end
        {
            Clock.sleep(microseconds: 50)
        }
        withExtendedLifetime(old) {}
    }

    /// Adds a worker.
    func subscribe() throws(SystemError) -> Subscriber {
        let subscriber = try Subscriber()
        state.withLock { $0.subscribers.append(subscriber) }
        return subscriber
    }

    /// Ends all workers.
    func stop() {
        stopped.store(true, ordering: .releasing)
        state.withLock { _ = advance($0) }
    }

    /// Lets go of the database, once nobody serves any more.
    func release() {
        state.withLock { state in
            state.edition.database = .empty
            state.subscribers = []
        }
    }

    /// Counts up and wakes the workers; gives the new generation.
    private func advance(_ state: State) -> UInt64 {
        let generation = number.add(1, ordering: .releasing).newValue
        for subscriber in state.subscribers { subscriber.wakeup.signal() }
        return generation
    }
}
