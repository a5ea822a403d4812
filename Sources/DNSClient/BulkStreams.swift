import DNS
import Linux
import Synchronization

/// Replies over TCP, which resolvers fetch for those few that do not fit a datagram.
final class BulkStreams: Sendable {
    typealias Result = (slot: Int, result: Swift.Result<Reply, ResolverError>)

    let wakeup: Wakeup
    /// One for each server.
    private let resolvers: [Resolver]
    private let results = Mutex<[Result]>([])

    init(_ configuration: ResolverConfiguration, _ surroundings: Surroundings) throws(SystemError) {
        wakeup = try Wakeup()
        resolvers = configuration.servers.prefix(Limits.servers).map { server in
            var alone = configuration
            alone.servers = [server]
            alone.tries = 1
            return Resolver(configuration: alone, surroundings: surroundings)
        }
    }

    /// Asks a server in a task; there will be exactly one result for the slot.
    func ask(_ server: Int, _ question: Question, _ options: QueryOptions, for slot: Int) {
        Task { [self] in
            let result: Swift.Result<Reply, ResolverError>
            do throws(ResolverError) {
                result = .success(try await resolvers[server].query(question, options: options))
            } catch {
                result = .failure(error)
            }
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
