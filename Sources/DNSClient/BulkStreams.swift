import DNS
import Linux
import Synchronization

/// Replies over TCP for those few that do not fit a datagram: the thread of a resolver fetches them.
final class BulkStreams: Sendable {
    typealias Result = (slot: Int, result: Swift.Result<Reply, ResolverError>)

    let wakeup: Wakeup
    private let configuration: ResolverConfiguration
    private let engine: Engine
    private let results = Mutex<[Result]>([])

    init(_ configuration: ResolverConfiguration, _ surroundings: Surroundings) throws(SystemError) {
        wakeup = try Wakeup()
        self.configuration = configuration
        engine = Engine(surroundings)
    }

    /// Asks a server once; there will be exactly one result for the slot.
    func ask(_ server: SocketAddress, _ question: Question, _ options: QueryOptions, for slot: Int) {
        var alone = configuration
        alone.servers = [server]
        alone.tries = 1
        engine.start(question, options, alone) { [self] result in
            results.withLock { $0.append((slot, result)) }
            wakeup.signal()
        }
    }

    /// The results since the last time.
    func collect() -> [Result] {
        wakeup.clear()
        return results.withLock { results in
            defer { results = [] }
            return results
        }
    }
}
