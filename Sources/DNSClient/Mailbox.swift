import DNS
import Linux
import Synchronization

/// One query, as its asker knows it.
final class Ticket: Sendable {
    /// Set before the loop hears of it, so that a query that is not started yet never is.
    let isCancelled = Atomic(false)
}

/// A query for the loop to take up.
struct Request: Sendable {
    let ticket: Ticket
    let question: Question
    let options: QueryOptions
    let configuration: ResolverConfiguration
    let cache: Cache?
    /// Nil where the reply is neither taken from the cache nor kept in it.
    let key: Cache.Key?
    /// Called once.
    let done: @Sendable (Result<Reply, ResolverError>) -> Void
}

enum Command: Sendable {
    case start(Request)
    case cancel(Ticket)
}

/// What askers tell the loop.
final class Mailbox: Sendable {
    private struct State {
        var commands: [Command] = []
        var isStopped = false
        var closing: ResolverError?
    }

    let wakeup: Wakeup
    private let state = Mutex(State())

    init(wakeup: Wakeup) {
        self.wakeup = wakeup
    }

    /// Whether nobody reads it any more.
    var isClosed: Bool { state.withLock { $0.closing != nil } }

    /// Leaves a command; an error where nobody will read it.
    func post(_ command: Command) -> ResolverError? {
        let (error, isFirst) = state.withLock { state in
            if let error = state.closing { return (Optional(error), false) }
            state.commands.append(command)
            return (nil, state.commands.count == 1)
        }
        if isFirst { wakeup.signal() }
        return error
    }

    /// Leaves a request; where nobody will read it, that is its result.
    func post(_ request: Request) {
        if let error = post(.start(request)) { request.done(.failure(error)) }
    }

    /// The commands since the last time, and whether to stop.
    func collect() -> (commands: [Command], isStopped: Bool) {
        wakeup.clear()
        return state.withLock { state in
            let commands = state.commands
            state.commands = []
            return (commands, state.isStopped)
        }
    }

    func stop() {
        state.withLock { $0.isStopped = true }
        wakeup.signal()
    }

    /// Refuses all that was left and all that comes.
    func close(_ error: ResolverError) {
        let commands = state.withLock { state in
            let commands = state.commands
            state.commands = []
            state.closing = error
            return commands
        }
        for case .start(let request) in commands { request.done(.failure(error)) }
    }
}
