import DNS
import Linux
import Synchronization

/// How many queries of all are handed on: one in so many, 0 for none.
struct SamplingRates: Hashable, Sendable {
    var log: UInt32 = 0
    var top: UInt32 = 0
}

/// Where one worker leaves queries for the observer to take.
final class QueryTap: Sendable {
    let queries: Ring<QueryRecord>
    let counters = WorkerCounters()
    private let rates: Atomic<UInt64>

    init(room: Int) {
        queries = Ring(count: room)
        rates = Atomic(0)
    }

    var sampling: SamplingRates {
        get {
            let rates = rates.load(ordering: .relaxed)
            return SamplingRates(log: UInt32(rates >> 32), top: UInt32(truncatingIfNeeded: rates))
        }
        set { rates.store(UInt64(newValue.log) << 32 | UInt64(newValue.top), ordering: .relaxed) }
    }
}

/// What a worker tells of the queries that it answers: it counts all, and hands on some where somebody wants them.
struct QueryWatch: ~Copyable {
    private let tap: QueryTap
    private let counters: WorkerCounters
    private let transport: Transport
    private var sampling = SamplingRates()
    /// How many queries until one is handed on.
    private var untilLog: UInt32 = 0
    private var untilTop: UInt32 = 0
    private var random = Machine.randomNumber() | 1
    private var time = 0

    init(_ tap: QueryTap, over transport: Transport) {
        self.tap = tap
        counters = tap.counters
        self.transport = transport
    }

    /// Once a batch, before it is answered.
    mutating func begin() {
        let wanted = tap.sampling
        if wanted == SamplingRates() && sampling == wanted { return }
        time = Clock.microsecondsSince1970
        if wanted.log != sampling.log { untilLog = gap(wanted.log) }
        if wanted.top != sampling.top { untilTop = gap(wanted.top) }
        sampling = wanted
    }

    /// Counts a query; whether `handOn` is to be called for it.
    /// - Parameter octets: of the reply; 0 where there is none.
    @inline(__always)
    mutating func count(_ summary: ResponseSummary, octets: Int) -> Bool {
        counters.add(summary, octets: octets)
        return untilLog | untilTop != 0
    }

    /// Hands the query on, if it is one of those that are wanted.
    @inline(never)
    mutating func handOn(_ query: Span<UInt8>, from client: SocketAddress?, _ summary: ResponseSummary, octets: Int) {
        var uses: QueryRecord.Uses = []
        if untilLog > 0 {
            untilLog -= 1
            if untilLog == 0 {
                uses.insert(.log)
                untilLog = gap(sampling.log)
            }
        }
        if untilTop > 0 {
            untilTop -= 1
            if untilTop == 0 {
                uses.insert(.top)
                untilTop = gap(sampling.top)
            }
        }
        guard !uses.isEmpty, summary.marks.contains(.isQuery), let client else { return }
        let record = QueryRecord(uses, query, from: client, over: transport, at: time, summary, octets: octets)
        if !tap.queries.push(record), uses.contains(.log) { counters.logLineLost() }
    }

    /// Random, with `every` as its mean, since clients ask in patterns.
    private mutating func gap(_ every: UInt32) -> UInt32 {
        if every <= 1 { return every }
        random ^= random &<< 13
        random ^= random &>> 7
        random ^= random &<< 17
        return 1 + UInt32(truncatingIfNeeded: ((random >> 32) * (UInt64(every) * 2 - 1)) >> 32)
    }
}
