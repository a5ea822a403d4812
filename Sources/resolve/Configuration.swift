import DNS
import DNSClient
import DNSSecurity
import Linux

/// Whom to ask, and how long to wait.
struct Configuration {
    /// The addresses of each server that was named; the system's servers in one where none was.
    let servers: [[SocketAddress]]
    /// No server was named: the system's are asked, or the root's.
    let isSystem: Bool
    /// Of the first server, or what the command line says; that of DNS else.
    private(set) var port: UInt16
    /// Where servers of one family only are to be asked.
    let family: SocketAddress.Family?
    /// Of the key that queries are signed with.
    let keyName: Name?
    /// For zone transfers, which take longer.
    private(set) var transfer = TransferOptions()
    private var surroundings = Surroundings.system
    private let base: ResolverConfiguration
    private let options: QueryOptions

    private static let seconds = 0.001...3_600.0

    init(for plan: Plan, _ lookup: Lookup) async throws(Failure) {
        var base = ResolverConfiguration(servers: [])
        isSystem = plan.servers.isEmpty
        port = lookup.port ?? ResolverConfiguration.port
        let needsSystem = plan.servers.isEmpty && !lookup.trace
        if needsSystem || plan.searches { base = try Self.system() }
        try Self.apply(lookup, to: &base)
        var groups: [[SocketAddress]] = []
        if needsSystem {
            groups = [base.servers.map { server in lookup.port.map(server.with(port:)) ?? server }]
        } else {
            for word in plan.servers { groups.append(try await Self.addresses(of: word, like: base)) }
        }
        let source = try lookup.source.map(Self.source)
        surroundings.localAddress = source
        transfer.localAddress = source
        let family = lookup.onlyIPv4 == lookup.onlyIPv6 ? source?.family : lookup.onlyIPv4 ? .ipv4 : .ipv6
        self.family = family
        if let family { groups = groups.map { $0.filter { $0.family == family } } }
        if !needsSystem, let first = groups.first?.first { port = first.port }
        servers = groups
        if lookup.timeout != nil { transfer.timeout = base.timeout }
        if lookup.deadline != nil { transfer.deadline = base.deadline }
        if let key = try lookup.key() {
            guard !lookup.trace else {
                throw .usage("a key belongs to one server, and --trace asks many: leave out --tsig and --tsig-file")
            }
            base.signer = TSIGSigner(key) { Clock.microsecondsSince1970 / 1_000_000 }
            transfer.signer = base.signer
            keyName = key.name
        } else {
            keyName = nil
        }
        surroundings.proxy = try lookup.proxyHeader()
        transfer.proxy = surroundings.proxy
        options = base.options
        self.base = base
    }

    /// The names that a name as it is typed may stand for.
    func names(searching text: String) -> [Name]? { try? base.names(searching: text) }

    /// What the system's hosts file has for a name, which programs may use instead of the answer.
    func remark(on question: Question) -> String? {
        guard isSystem, question.type == .a || question.type == .aaaa else { return nil }
        let addresses = base.hosts.addresses(of: question.name)
        return addresses.isEmpty
            ? nil : "\(Hosts.systemPath) has the name: \(addresses.map(\.host).joined(separator: ", "))"
    }

    var deadline: Duration { base.deadline }
    var tries: Int { base.tries }

    /// A resolver that asks these servers, one after the other.
    /// - Parameter deadline: where only one try is to be made, for how long.
    func resolver(asking servers: [SocketAddress], onceWithin deadline: Duration? = nil) -> Resolver {
        var configuration = base
        configuration.servers = servers
        if let deadline { (configuration.tries, configuration.deadline) = (1, deadline) }
        return Resolver(configuration: configuration, surroundings: surroundings)
    }

    /// A resolver for very many questions.
    func bulkResolver(_ options: QueryOptions) throws(ResolverError) -> BulkResolver {
        var configuration = base
        configuration.servers = servers.flatMap(\.self)
        configuration.options = completing(options)
        return try BulkResolver(configuration: configuration, surroundings: surroundings)
    }

    /// The options of a query, with what the system's configuration adds.
    func completing(_ options: QueryOptions) -> QueryOptions {
        var options = options
        options.answersSpecialNames = isSystem
        guard isSystem else { return options }
        if self.options.transport == .tcp { options.transport = .tcp }
        if self.options.authenticData { options.authenticData = true }
        return options
    }

    private static func source(_ word: String) throws(Failure) -> SocketAddress {
        guard let address = SocketAddress(host: word, port: 0) else {
            throw .usage("--bind \(word): an address of this machine must follow")
        }
        do throws(SystemError) {
            try Socket(.udp, address.family).bind(address)
        } catch {
            throw Failure(status: .localFailure, message: "--bind \(word): \(error.message)")
        }
        return address
    }

    private static func system() throws(Failure) -> ResolverConfiguration {
        do throws(SystemError) {
            var configuration = try ResolverConfiguration.system()
            configuration.hosts = try .system()
            return configuration
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
        if !lookup.domain.isEmpty { configuration.searchList = lookup.domain }
        if let ndots = lookup.ndots {
            guard 0...15 ~= ndots else { throw .usage("--ndots must be a number from 0 to 15") }
            configuration.dotsOfAbsoluteNames = ndots
        }
    }

    private static func duration(_ word: String, _ option: String) throws(Failure) -> Duration {
        guard let seconds = Double(time: word), Self.seconds ~= seconds else {
            throw .usage("\(option) must be a number of seconds from 0.001 to 3600")
        }
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
