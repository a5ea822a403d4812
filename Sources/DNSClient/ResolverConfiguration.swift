public import DNS
public import Linux
import Synchronization

/// Whom a resolver asks, and how long it waits.
public struct ResolverConfiguration: Sendable {
    /// Asked in this order; the next one where one does not answer, or answers SERVFAIL, REFUSED or NOTIMP.
    public var servers: [SocketAddress]
    /// How long one query waits for its reply.
    public var timeout = Duration.seconds(2)
    /// How often each server is asked; falling back to TCP or to a query without EDNS is no try.
    public var tries = 3
    /// How long a lookup takes at most.
    public var deadline = Duration.seconds(10)
    /// How long addresses of one family wait for those of the other (RFC 8305 §3, which says 50 ms where they may still
    /// be added later).
    public var familyDelay = Duration.milliseconds(250)
    /// Begins with a server chosen at random instead of the first.
    public var rotates = false
    /// How questions are asked where nothing else is said.
    public var options = QueryOptions()
    /// Signs queries with a key that the servers have, and has replies verified (RFC 8945); nil for none.
    public var signer: (any MessageSigner)?
    /// Domains that a short name may be in; only `Resolver.search` adds them to a name (RFC 1535).
    public var searchList: [String] = []
    /// Names with fewer dots are short.
    public var dotsOfAbsoluteNames = 1

    /// Addresses and names that are known without asking; only `Resolver.addresses` and `Resolver.reverse` look there.
    public var hosts = Hosts()

    public init(servers: [SocketAddress]) {
        self.servers = servers
    }
}

/// Where a resolver has time, chance and the look of the network from; tests bring their own.
public struct Surroundings: Sendable {
    /// Nanoseconds since some moment, never going back.
    public var nanoseconds: @Sendable () -> Int
    /// A number that nobody can foresee.
    public var random: @Sendable () -> UInt64
    /// Our own address that packets to another would come from; nil where there is no way to it.
    public var source: @Sendable (SocketAddress) -> SocketAddress?

    /// The address that queries come from; nil where the system chooses. Servers of the other family cannot be asked
    /// from it.
    public var localAddress: SocketAddress?
    /// What is said before all queries, as if a proxy asked; nil for nothing.
    public var proxy: ProxyHeader?

    public init(
        nanoseconds: @escaping @Sendable () -> Int, random: @escaping @Sendable () -> UInt64,
        source: @escaping @Sendable (SocketAddress) -> SocketAddress? = Surroundings.systemSource
    ) {
        self.nanoseconds = nanoseconds
        self.random = random
        self.source = source
    }

    /// What the system's routes say; no packet is sent.
    public static let systemSource: @Sendable (SocketAddress) -> SocketAddress? = { address in
        guard let socket = try? Socket(.udp, address.family) else { return nil }
        // Any port but 0, which the system refuses.
        guard (try? socket.connect(address.with(port: ResolverConfiguration.port))) != nil else { return nil }
        return try? socket.localAddress()
    }

    /// The system's clock and random generator.
    public static let system = Surroundings(
        nanoseconds: { Int(truncatingIfNeeded: Linux.Clock.nanoseconds) },
        random: { pool.next() })

    private static let pool = RandomPool()
}

extension Surroundings {
    func head(_ transport: Socket.Transport) -> [UInt8] { proxy?.octets(transport) ?? [] }

    /// A UDP socket to a server, with a source port that nobody can foresee (RFC 5452 §9.2, RFC 6056).
    func openPort(to server: SocketAddress) throws(SystemError) -> Socket {
        let wildcard = SocketAddress(octets: server.octets.map { _ in 0 }, port: 0) ?? server
        let local = localAddress ?? wildcard
        let socket = try Socket(.udp, server.family)
        // One that is taken: another one, and at last what the system chooses.
        let isBound = (0..<Limits.ports).contains { _ in
            (try? socket.bind(local.with(port: UInt16(1_024 + random() % (65_536 - 1_024))))) != nil
        }
        if !isBound { try socket.bind(local.withoutPort) }
        try socket.connect(server)
        return socket
    }
}

/// The system's random numbers, fetched many at once: a call for each costs bulk lookups an eighth of their time.
private final class RandomPool: Sendable {
    private let numbers = Mutex<[UInt64]>([])

    private static let count = 128

    func next() -> UInt64 {
        numbers.withLock { numbers in
            if numbers.isEmpty {
                let octets = Machine.randomOctets(Self.count * 8)
                numbers = stride(from: 0, to: octets.count, by: 8).map { start in
                    octets[start..<(start + 8)].reduce(0) { $0 << 8 | UInt64($1) }
                }
            }
            return numbers.removeLast()
        }
    }
}
