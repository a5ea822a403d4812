public import DNS
public import Linux
import Logging
import Synchronization

/// Bounds of a `QueryObserver`.
public struct ObserverLimits: Sendable {
    /// Queries that one worker may leave before they are fetched; beyond it they are lost to the observer.
    public var queriesWaiting = 4096
    /// How often they are fetched.
    public var fetchMilliseconds = 10
    /// Octets of the query log that wait for the file to take them; beyond it lines are lost.
    public var logSize = 1 << 20
    /// Names, and clients, that are counted at a time.
    public var keysCounted = 512
    /// Queries a second that are looked at for the most frequent, about.
    public var samplesASecond = 2048
    /// How long this is done after it was last asked for, and after how long a query counts half.
    public var topMilliseconds = 10_000

    public init() {}
}

/// Looks at the queries that workers hand on while somebody wants to know: writes the query log, and finds the most
/// frequent names and clients. It has a thread of its own, and no worker ever waits for it.
public final class QueryObserver: Sendable {
    /// The most frequent names and clients of late.
    public struct Top: Sendable {
        /// How many queries were looked at.
        public var samples = 0
        /// In small letters.
        public var names: [(name: Name, count: Int)] = []
        public var clients: [(client: SocketAddress, count: Int)] = []
    }

    private struct State {
        var thread: Linux.Thread?
        var log: QueryLog?
        /// By logs that were ended.
        var lostLines = 0
        var names: Sketch<[UInt8]>
        var clients: Sketch<SocketAddress>
        /// When nobody wants the most frequent any more, and when their counts are halved; in milliseconds.
        var topEnd = 0
        var fadesAt = 0
        /// When the rate was looked at, and how many queries there were then.
        var measuredAt = 0
        var measured = 0
        var sampling = SamplingRates()
    }

    private let taps: [QueryTap]
    private let limits: ObserverLimits
    private let logger: Logger
    private let state: Mutex<State>
    private let wakeup: Wakeup?
    private let isStopped = Atomic(false)

    init(_ taps: [QueryTap], _ limits: ObserverLimits, _ logger: Logger) {
        self.taps = taps
        self.limits = limits
        self.logger = logger
        wakeup = try? Wakeup()
        state = Mutex(
            State(names: Sketch(capacity: limits.keysCounted), clients: Sketch(capacity: limits.keysCounted)))
    }

    /// Writes one in so many queries to a file from now on, at its end; opens it anew where it is the same.
    /// - Parameter path: nil for standard output.
    public func startLog(path: String?, sampling: Int) throws(SystemError) {
        let file = if let path { try AppendedFile(path: path) } else { try AppendedFile() }
        try state.withLock { state throws(SystemError) in
            endLog(&state)
            state.log = QueryLog(file, limit: limits.logSize, lostBefore: lostAtWorkers, logger)
            state.sampling.log = UInt32(clamping: max(1, sampling))
            try apply(&state)
        }
    }

    /// Ends the log, with what was handed on before.
    public func stopLog() {
        state.withLock { state in
            state.sampling.log = 0
            tellWorkers(state)
            endLog(&state)
        }
    }

    private func endLog(_ state: inout State) {
        fetch(&state)
        state.lostLines += state.log?.lost ?? 0
        state.log = nil
    }

    /// Lines of the log that were lost, those included that workers had no room for.
    public var lostLines: Int {
        lostAtWorkers + state.withLock { $0.lostLines + ($0.log?.lost ?? 0) }
    }

    private var lostAtWorkers: Int { taps.reduce(0) { $0 + $1.counters.lostLogLines } }

    /// The most frequent names and clients. They are counted from the first call on, as long as others follow.
    public func top(_ number: Int) throws(SystemError) -> Top {
        try state.withLock { state throws(SystemError) in
            let now = Clock.milliseconds
            if state.sampling.top == 0 {
                state.names = Sketch(capacity: limits.keysCounted)
                state.clients = Sketch(capacity: limits.keysCounted)
                state.fadesAt = now + limits.topMilliseconds
                state.measuredAt = 0
            }
            state.topEnd = now + limits.topMilliseconds
            measure(&state, now)
            try apply(&state)
            var top = Top(samples: state.clients.total)
            top.names = state.names.most(number).compactMap { key, count in
                (try? Name(wire: key.span)).map { ($0, count) }
            }
            top.clients = state.clients.most(number).map { ($0.key, $0.count) }
            return top
        }
    }

    /// Ends the thread, and the log with all that the workers handed on; called when they have ended.
    func stop() {
        isStopped.store(true, ordering: .relaxed)
        wakeup?.signal()
        state.withLock { $0.thread }?.join()
        stopLog()
    }
}

// MARK: The thread

extension QueryObserver {
    /// Tells the workers what is wanted, and starts the thread with the first wish.
    private func apply(_ state: inout State) throws(SystemError) {
        tellWorkers(state)
        guard state.sampling != SamplingRates() else { return }
        if state.thread == nil && !isStopped.load(ordering: .relaxed) {
            state.thread = try Linux.Thread(name: "observer") { [self] in
                // Where processors are short, queries are answered rather than logged.
                Linux.Thread.lowerPriority()
                while !isStopped.load(ordering: .relaxed) { turn() }
            }
        }
        wakeup?.signal()
    }

    private func tellWorkers(_ state: borrowing State) {
        for tap in taps { tap.sampling = state.sampling }
    }

    private func turn() {
        let isIdle = state.withLock { state in
            let now = Clock.milliseconds
            fetch(&state)
            if state.sampling.top > 0 {
                measure(&state, now)
                if now >= state.topEnd { state.sampling.top = 0 }
                tellWorkers(state)
            }
            if now >= state.fadesAt {
                state.names.fade()
                state.clients.fade()
                state.fadesAt = now + limits.topMilliseconds
            }
            return state.sampling == SamplingRates()
        }
        _ = wakeup?.wait(milliseconds: isIdle ? .max : limits.fetchMilliseconds)
    }

    /// Once a second, sets the rate so that about as many queries are looked at as is wanted.
    private func measure(_ state: inout State, _ now: Int) {
        let elapsed = now - state.measuredAt
        guard elapsed >= 1000 else { return }
        let queries = taps.reduce(0) { $0 + $1.counters.queries }
        // The first time nothing is known of the rate.
        let rate = state.measuredAt == 0 ? 0 : (queries - state.measured) * 1000 / elapsed
        state.sampling.top = UInt32(clamping: max(1, rate / limits.samplesASecond))
        state.measuredAt = now
        state.measured = queries
    }

    private func fetch(_ state: inout State) {
        for tap in taps {
            // No more than there was room for, so that one worker does not keep the others waiting.
            for _ in 0..<limits.queriesWaiting {
                guard let query = tap.queries.pop() else { break }
                if query.uses.contains(.log) { state.log?.append(query) }
                if query.uses.contains(.top) {
                    if let name = query.foldedName { state.names.add(name) }
                    state.clients.add(query.client.withoutPort)
                }
            }
        }
        state.log?.flush(lostBefore: lostAtWorkers)
    }
}
