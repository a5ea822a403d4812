public import DNS
import Linux

/// Asks very many questions, one thread for all: hundreds to thousands are under way at once, over 16 source ports for
/// each server, as many as the servers keep up with.
///
///     let resolver = try BulkResolver(configuration: .system())
///     try resolver.run {
///         names.next().map { .question(Question($0, .a)) } ?? .end
///     } result: { result, octets in
///         if octets.isEmpty { print(result.question.name, "has no reply") }
///         else { print(try Message(decoding: octets).answer) }
///     }
///
/// Servers, tries, times, options and what is done against forgery are as for `Resolver`. A query whose reply is late,
/// compared with those of others, is sent again within its try.
public struct BulkResolver: Sendable {
    private let asking: Asking
    private let configuration: ResolverConfiguration
    private let surroundings: Surroundings

    /// - Throws: where there is no server, or the options leave no room for a question.
    public init(
        configuration: ResolverConfiguration, surroundings: Surroundings = .system
    ) throws(ResolverError) {
        guard !configuration.servers.isEmpty else { throw .noServers }
        do throws(WireError) {
            asking = try Asking(configuration.options, configuration)
        } catch {
            throw .badQuery(error)
        }
        self.configuration = configuration
        self.surroundings = surroundings
    }

    /// Asks what `next` says, as soon as there is room for it, until it says that there is no more.
    /// - Parameters:
    ///   - tick: called every few milliseconds; where it says false, the rest is given up.
    ///   - result: called once for each question.
    /// - Throws: where the system refuses what is needed.
    public func run(
        next: () -> BulkNext, tick: () -> Bool = { true }, result: BulkReceiver
    ) throws(ResolverError) {
        do throws(SystemError) {
            var loop = try BulkLoop(asking, configuration, surroundings)
            try loop.run(next, tick, result)
        } catch {
            throw .system(error)
        }
    }
}
