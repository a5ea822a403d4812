import Linux

@testable import DNS
@testable import DNSClient

// What a client makes of what servers and the system's files say.

extension FuzzTarget {
    private static let now = 1_000_000_000

    /// Replies to one question, each behind octets that say how much of it is as it must be: whatever comes, the exchange
    /// ends, and what it takes answers the question.
    static let replies = FuzzTarget(name: "replies") { octets in
        var choices = Choices(octets)
        let shape = choices.octet()
        let types: [RecordType] = [.a, .mx, .txt, .soa, .cname, .any, .svcb, .nsec]
        let question = Question(try Name("www.Example.test"), types[choices.below(types.count)])
        let server = SocketAddress.loopback(.ipv4, port: 53)
        var configuration = ResolverConfiguration(servers: [server, .loopback(.ipv6, port: 53)])
        configuration.options.usesCookies = shape & 1 == 0
        configuration.options.randomizesCase = shape & 2 == 0
        if shape & 4 != 0 { configuration.options.edns = nil }
        if shape & 8 != 0 { configuration.options.transport = .tcp }
        if shape & 16 != 0 { configuration.options.transport = .udp }
        if shape & 32 != 0 { configuration.options.edns?.version = 1 }
        var peer = Peer(random: 7)
        let cache = Cache(limit: 1 << 20)
        let asking = try Asking(configuration.options, configuration)
        var exchange = Exchange(question, asking, order: asking.order(first: 0) { _ in false }, now: now)
        var step = exchange.next(now: now)
        var steps = 0
        var answer: Reply?
        while answer == nil, case .send(let attempt) = step {
            steps += 1
            try Finding.unless(steps < 1_000, "the exchange does not end")
            let query = exchange.query(id: 0x1234, peer) { 0x5555_5555_5555_5555 }
            guard let reply = choices.frame() else {
                step = exchange.expired(now: attempt.expiry)
                continue
            }
            // A reply to something else is passed over: the next one comes, or none does.
            let octets = made(reply, query)
            switch exchange.received(octets.span, &peer, now: now) {
            case .stranger: continue
            case .next(let next): step = next
            case .answer:
                do throws(WireError) {
                    answer = try exchange.reply(octets, exchange.provenance(now: now))
                } catch {
                    step = exchange.failed(.malformed(error), now: now)
                }
            }
        }
        guard let reply = try? answer ?? exchange.result.get() else { return }
        let code = reply.responseCode
        try Finding.unless(reply.message.questions == [question] || code != .noError, "it answers something else")
        for record in reply.records {
            try Finding.unless(question.type == .any || record.type == question.type, "type")
        }
        _ = reply.notes.map(\.description)
        guard let key = Cache.Key(question, configuration.options) else { return }
        cache.store(reply, key, now: now)
        for later in [now, now + 1_000_000_000, .max / 2] { _ = cache.reply(to: question, key, now: later) }
        try Finding.unless(cache.count <= 1, "\(cache.count) entries")
    }

    /// A reply as it came, or, as its first octet says, with a header, question or cookie that fit the query.
    private static func made(_ octets: [UInt8], _ query: [UInt8]) -> [UInt8] {
        guard let shape = octets.first else { return [] }
        var reply = Array(octets.dropFirst())
        guard shape & 1 == 0, reply.count >= Header.count else { return reply }
        reply.replaceSubrange(0..<2, with: query[0..<2])
        reply[2] |= 0x80
        guard shape & 2 == 0, let end = Query.nameEnd(Octets(query.span), Header.count) else { return reply }
        reply[4] = 0
        reply[5] = 1
        reply.insert(contentsOf: query[Header.count..<(end + 4)], at: Header.count)
        guard shape & 4 == 0, query.count > end + 4 else { return reply }
        // The query's OPT record, with its cookie.
        reply[10] = 0
        reply[11] = 1
        if shape & 8 == 0 { (reply[6], reply[7], reply[8], reply[9]) = (0, 0, 0, 0) }
        return shape & 8 == 0 ? Array(reply[..<(end + 4)]) + query[(end + 4)...] : reply + query[(end + 4)...]
    }

    /// The messages of a zone transfer, made as replies are.
    static let transfers = FuzzTarget(name: "transfers") { octets in
        let zone = try Name("example.test")
        var reader = TransferReader(of: zone)
        let query = try reader.query()
        var choices = Choices(octets)
        while let frame = choices.frame() {
            do throws(TransferError) {
                for record in try reader.read(made(frame, query)) {
                    guard record.owner.isSubdomain(of: zone) else { throw .foreignRecord(record) }
                }
            } catch {
                _ = error.description
                return
            }
        }
    }

    /// resolv.conf, hosts, and addresses as people write them.
    static let configuration = FuzzTarget(name: "configuration") { octets in
        let text = String(decoding: octets, as: UTF8.self)
        let configuration = ResolverConfiguration(parsing: text)
        try Finding.unless(!configuration.servers.isEmpty, "no server")
        for server in configuration.servers {
            try Finding.unless(SocketAddress(host: server.host[...], port: server.port) == server, "\(server)")
        }
        let hosts = Hosts(parsing: text)
        for server in configuration.servers { _ = hosts.names(of: server) }
        if let name = try? Name("localhost") { _ = hosts.addresses(of: name) }
    }

    /// Names as people type them: what becomes of them is ASCII and stays as it is; shown and typed again they are the same.
    static let internationalised = FuzzTarget(name: "idna") { octets in
        let text = String(decoding: octets, as: UTF8.self)
        if let ascii = IDNA.ascii(text) {
            try Finding.unless(ascii.utf8.allSatisfy { $0 < 0x80 } && IDNA.ascii(ascii) == ascii, ascii)
            // White space separates names.
            guard !ascii.contains(where: \.isWhitespace) else { return }
            let shown = IDNA.unicode(ascii)
            try Finding.unless(IDNA.ascii(shown)?.lowercased() == ascii.lowercased(), "\(ascii): \(shown)")
        }
        if let label = Punycode.decode(text[...]), let encoded = Punycode.encode(label) {
            try Finding.unless(Punycode.decode(encoded[...]) == label, "\(label)")
        }
    }
}
