import DNS
import DNSClient
import Linux

/// Whom to ask, and how long to wait.
enum Configuration {
    private static let seconds = 0.001...3_600.0

    static func make(for plan: Plan, _ lookup: Lookup) async throws(Failure) -> ResolverConfiguration {
        var configuration: ResolverConfiguration
        if plan.servers.isEmpty {
            configuration = try system()
            if let port = plan.port { configuration.servers = configuration.servers.map { $0.with(port: port) } }
        } else {
            configuration = ResolverConfiguration(servers: [])
        }
        try apply(lookup, to: &configuration)
        for word in plan.servers { configuration.servers += try await addresses(of: word, like: configuration) }
        let system = configuration.options
        configuration.options = plan.options
        if system.transport == .tcp { configuration.options.transport = .tcp }
        configuration.options.authenticData = system.authenticData
        return configuration
    }

    private static func system() throws(Failure) -> ResolverConfiguration {
        do throws(SystemError) {
            return try .system()
        } catch {
            throw Failure(status: .localFailure, message: "\(error)\nName a server: resolve @192.0.2.1 ...")
        }
    }

    private static func apply(_ lookup: Lookup, to configuration: inout ResolverConfiguration) throws(Failure) {
        if let timeout = lookup.timeout { configuration.timeout = try duration(timeout, "--timeout") }
        if let deadline = lookup.deadline { configuration.deadline = try duration(deadline, "--deadline") }
        if let tries = lookup.tries {
            guard 1...Limits.tries ~= tries else { throw .usage("--tries must be a number from 1 to \(Limits.tries)") }
            configuration.tries = tries
        }
    }

    private static func duration(_ seconds: Double, _ option: String) throws(Failure) -> Duration {
        guard Self.seconds ~= seconds else { throw .usage("\(option) must be a number of seconds from 0.001 to 3600") }
        return .seconds(seconds)
    }

    /// The addresses of a server that is named; names are looked up as the system says.
    private static func addresses(
        of word: ServerWord, like configuration: ResolverConfiguration
    ) async throws(Failure) -> [SocketAddress] {
        switch word {
        case .address(let address): return [address]
        // A name that is always the machine itself (RFC 6761 §6.3).
        case .host("localhost", let port): return [.loopback(.ipv4, port: port), .loopback(.ipv6, port: port)]
        case .host(let host, let port):
            var own = try system()
            (own.timeout, own.tries, own.deadline) = (
                configuration.timeout, configuration.tries, configuration.deadline
            )
            let addresses: [SocketAddress]
            do throws(ResolverError) {
                addresses = try await Resolver(configuration: own).addresses(of: host, port: port)
            } catch {
                let notes = error.notes.map { "\n  \($0)" }.joined()
                throw Failure(status: .noReply, message: "the server \(host) cannot be looked up: \(error)\(notes)")
            }
            guard !addresses.isEmpty else {
                throw Failure(status: .noReply, message: "the server \(host) has no address")
            }
            return addresses
        }
    }
}
