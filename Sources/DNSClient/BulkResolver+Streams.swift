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
            let result = await Self.result(of: question, options, resolvers[server])
            results.withLock { $0.append((slot, result)) }
            wakeup.signal()
        }
    }

    private static func result(
        of question: Question, _ options: QueryOptions, _ resolver: Resolver
    ) async -> Swift.Result<Reply, ResolverError> {
        do throws(ResolverError) {
            return .success(try await resolver.query(question, options: options))
        } catch {
            return .failure(error)
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

extension BulkResolver {
    /// Asks for those that wait, as many as there may be at once.
    mutating func serveQueue() {
        while streamCount < Limits.bulkConnections, let index = queue.popLast() {
            streamCount += 1
            slots[index].state = .stream
            slots[index].sent = now
            var options = configuration.options
            options.transport = .tcp
            if !slots[index].usesEDNS { options.edns = nil }
            streams.ask(server(of: index), slots[index].question, options, for: index)
        }
    }

    mutating func receiveStreams(_ result: Receiver) throws(SystemError) {
        for (index, outcome) in streams.collect() {
            streamCount -= 1
            switch outcome {
            case .success(let reply):
                guard let octets = try? reply.message.encoded() else {
                    try fail(index, .malformed(.noRoom), result)
                    continue
                }
                try judge(index, octets.span, result)
            case .failure(.system(let error)): try fail(index, .failed(error), result)
            case .failure(let error): try fail(index, error.notes.last?.reason ?? .busy, result)
            }
        }
        serveQueue()
    }
}
