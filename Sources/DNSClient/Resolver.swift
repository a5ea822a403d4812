public import DNS
public import Linux

/// A stub resolver: asks servers, and leaves recursion to them.
///
///     let resolver = try Resolver()                                    // as /etc/resolv.conf says
///     for address in try await resolver.addresses(of: "www.example.test") { … }
///     let exchangers = try await resolver.records(.mx, of: "example.test")
///     let names = try await resolver.reverse(of: address)
///
/// All queries share a few sockets and one thread, which starts with the first query and ends with the last copy of
/// the resolver. A task that is cancelled stops waiting at once. What servers give of cookies and of their habits is
/// remembered as long.
public struct Resolver: Sendable {
    public let configuration: ResolverConfiguration
    /// Where replies are kept; nil where each is asked for.
    public let cache: Cache?
    private let surroundings: Surroundings
    private let engine: Engine

    public init(configuration: ResolverConfiguration, cache: Cache? = nil, surroundings: Surroundings = .system) {
        self.configuration = configuration
        self.cache = cache
        self.surroundings = surroundings
        engine = Engine(surroundings)
    }

    /// A resolver that asks the system's servers (/etc/resolv.conf) and knows the system's hosts (/etc/hosts).
    public init(cache: Cache? = nil) throws(ResolverError) {
        do throws(SystemError) {
            var configuration = try ResolverConfiguration.system()
            configuration.hosts = try .system()
            self.init(configuration: configuration, cache: cache)
        } catch {
            throw .system(error)
        }
    }

    /// Asks a question: the whole response, whatever its code, with its provenance.
    ///
    ///     let reply = try await resolver.query(Question(name, .txt, .chaos))
    ///     print(reply.message.answer, "from", reply.server, "in", reply.duration)
    public func query(_ question: Question, options: QueryOptions? = nil) async throws(ResolverError) -> Reply {
        let options = options ?? configuration.options
        if options.answersSpecialNames, let reply = SpecialNames.reply(to: question, options) { return reply }
        return try await engine.query(question, options, configuration, cache)
    }

    /// The records of a type, at the name or at the end of its aliases; none where the name has none of the type.
    /// A response code other than NOERROR is an error.
    public func records(_ type: RecordType, of name: Name) async throws(ResolverError) -> [Record] {
        let reply = try await query(Question(name, type))
        guard reply.responseCode == .noError else { throw .responseCode(reply) }
        return reply.records
    }

    /// The IPv6 and IPv4 addresses of a name, with a port of the caller's, in the order to try them (RFC 6724). Both
    /// families are asked at once (RFC 8305 §3), and one may fail. Hosts that the configuration knows come before
    /// servers.
    public func addresses(of name: Name, port: UInt16 = 0) async throws(ResolverError) -> [SocketAddress] {
        let known = configuration.hosts.addresses(of: name, port: port)
        if !known.isEmpty { return AddressOrder.sorted(known, source: surroundings.source) }
        let results = await bothFamilies(of: name)
        let addresses = results.compactMap { try? $0.get() }.joined().compactMap { $0.address(port: port) }
        // Where one failed, and the other has none, nobody knows.
        if addresses.isEmpty { for result in results { _ = try result.get() } }
        return AddressOrder.sorted(addresses, source: surroundings.source)
    }

    /// The names of an address. Hosts that the configuration knows come before servers.
    public func reverse(of address: SocketAddress) async throws(ResolverError) -> [Name] {
        let known = configuration.hosts.names(of: address)
        if !known.isEmpty { return known }
        return try await records(.ptr, of: Name(reverseOf: address)).compactMap(\.data.target)
    }

    /// The records of AAAA and A. Who is late when the other has some goes without.
    private func bothFamilies(of name: Name) async -> [Result<[Record], ResolverError>] {
        let families = [RecordType.aaaa, .a].map { type in Task { await result(type, of: name) } }
        let delay = configuration.familyDelay
        let hurries = [(0, 1), (1, 0)].map { first, second in
            Task {
                guard let records = try? await families[first].value.get(), !records.isEmpty else { return }
                try await Task.sleep(for: delay)
                families[second].cancel()
            }
        }
        defer { for hurry in hurries { hurry.cancel() } }
        return await withTaskCancellationHandler {
            [await families[0].value, await families[1].value]
        } onCancel: {
            for family in families { family.cancel() }
        }
    }

    private func result(_ type: RecordType, of name: Name) async -> Result<[Record], ResolverError> {
        do throws(ResolverError) {
            return .success(try await records(type, of: name))
        } catch {
            return .failure(error)
        }
    }
}

// MARK: Names as text

extension Resolver {
    /// The records of a type of a name in presentation form.
    public func records(_ type: RecordType, of name: String) async throws(ResolverError) -> [Record] {
        try await records(type, of: Name(checking: name))
    }

    /// The addresses of a name in presentation form; those of an address are the address itself.
    public func addresses(of name: String, port: UInt16 = 0) async throws(ResolverError) -> [SocketAddress] {
        if let address = SocketAddress(host: name, port: port) { return [address] }
        return try await addresses(of: Name(checking: name), port: port)
    }
}

extension Name {
    /// The name in presentation form.
    init(checking text: String) throws(ResolverError) {
        do throws(NameError) {
            try self.init(text)
        } catch {
            throw .badName(text, error)
        }
    }

    /// The name below in-addr.arpa or ip6.arpa where the names of an address are (RFC 1035 §3.5, RFC 3596 §2.5).
    public init(reverseOf address: SocketAddress) {
        let digits = Array("0123456789abcdef".utf8)
        let isIPv4 = address.family == .ipv4
        let labels = address.octets.reversed().flatMap { octet in
            isIPv4 ? [Array("\(octet)".utf8)] : [[digits[Int(octet & 15)]], [digits[Int(octet >> 4)]]]
        }
        let top = isIPv4 ? ["in-addr", "arpa"] : ["ip6", "arpa"]
        let all = labels + top.map { Array($0.utf8) }
        // At most 34 labels, 74 octets: always a name.
        self = all.reversed().reduce(.root) { name, octets in Label(octets).flatMap(name.prepending) ?? name }
    }
}

extension Record {
    fileprivate func address(port: UInt16) -> SocketAddress? { SocketAddress(octets: data.octets, port: port) }
}
