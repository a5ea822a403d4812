public import DNS
public import Linux

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
    /// Signs queries with a key that the servers have, and has replies verified (RFC 8945); nil for none. Bulk lookups
    /// do not sign.
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
        random: {
            var generator = SystemRandomNumberGenerator()
            return generator.next()
        })
}
