/// What carries a message: it decides how long a response may be.
public enum Transport: Sendable { case udp, tcp }

/// What a server says of itself, and how long its messages may be.
public struct ResponderOptions: Sendable {
    /// The most octets of a UDP response, 512 to 4,096, whatever the client says it can take.
    public var udpPayloadSize = Int(EDNS.safePayloadSize)
    /// Which of several servers this is (RFC 5001, and `id.server` of RFC 4892): at most 255 octets; nil says nothing.
    public var identity: String?
    /// What `version.bind` gets (RFC 4892): at most 255 octets; nil says nothing.
    public var version: String?
    /// How long a TCP connection may be idle (RFC 7828), in milliseconds.
    public var connectionIdleMilliseconds = 10_000
    /// What server cookies are made with (RFC 7873); nil: the option means nothing.
    public var cookieSecrets: CookieSecrets?
    /// Whether over UDP only those get an answer who show a good cookie: others get a cookie (BADCOOKIE), or are told to
    /// come over TCP.
    public var requiresCookies = false

    public init() {}
}

/// Answers queries (RFC 1034 §4.3.2). One a worker: it keeps the working memory that makes answering allocate nothing.
public struct Responder: ~Copyable {
    private let udpPayloadSize: Int
    let identity: [UInt8]
    let version: [UInt8]
    /// In units of 100 milliseconds (RFC 7828 §3.1).
    let keepalive: UInt16
    var name = LookupName()
    var cookies: ServerCookies?
    let requiresCookies: Bool
    /// What the last response says, hashed, for those who limit how often it is said: equal for equal answers, for all
    /// names that do not exist in a zone, and for all errors of a kind. 0 for a client with a good cookie.
    public internal(set) var subject: UInt64 = 0
    /// Of the last query; without marks where it was none.
    public private(set) var summary = ResponseSummary()

    public init(_ options: ResponderOptions = ResponderOptions()) {
        udpPayloadSize = min(max(options.udpPayloadSize, Int(EDNS.leastPayloadSize)), Responder.largestUDPResponse)
        identity = Array((options.identity ?? "").utf8.prefix(Limits.identityCount))
        version = Array((options.version ?? "").utf8.prefix(Limits.identityCount))
        keepalive = UInt16(clamping: options.connectionIdleMilliseconds / 100)
        cookies = options.cookieSecrets.map { ServerCookies($0) }
        requiresCookies = options.requiresCookies
    }

    /// Makes and accepts cookies with these secrets from now on; nil for none. The time is to be said anew.
    public mutating func use(_ secrets: CookieSecrets?) { cookies = secrets.map { ServerCookies($0) } }

    /// Says what time it is, in seconds since 1970: cookies need to know, to the minute.
    public mutating func setTime(_ seconds: UInt32) { cookies?.time = seconds }

    /// The most octets of a UDP response there can be.
    public static let largestUDPResponse = 4096

    /// Writes the response to `query` at the start of `response` and returns its octets; 0 means: say nothing.
    ///
    /// Any octets may be a query. `response` must have room for `largestUDPResponse` octets over UDP, and for
    /// `Message.maximumCount` over TCP; with less there is no response. Zone transfers are refused.
    public mutating func respond(
        to query: Span<UInt8>, over transport: Transport, from database: Database, for client: Client = Client(),
        into response: inout MutableSpan<UInt8>
    ) -> Int {
        let room = transport == .udp ? Responder.largestUDPResponse : Message.maximumCount
        let octets = Octets(query)
        summary.marks = []
        guard Query.isQuery(octets), response.count >= room else { return 0 }
        let query = Query(octets, name: &name, seed: database.seed)
        return respond(to: query, octets, over: transport, from: database, for: client, into: &response)
    }

    /// As `respond` over UDP, without an answer: the client is told to come over TCP (TC).
    public mutating func respond(
        toLimited query: Span<UInt8>, from database: Database, for client: Client,
        into response: inout MutableSpan<UInt8>
    ) -> Int {
        let octets = Octets(query)
        guard Query.isQuery(octets), response.count >= Responder.largestUDPResponse else { return 0 }
        let query = Query(octets, name: &name, seed: database.seed)
        return respond(to: query, octets, over: .udp, from: database, for: client, isLimited: true, into: &response)
    }

    /// As `respond` over UDP, to the query that was prepared at `index` of the batch.
    public mutating func respond(
        to query: Span<UInt8>, preparedAt index: Int, of batch: inout QueryBatch, from database: Database,
        for client: Client = Client(), into response: inout MutableSpan<UInt8>
    ) -> Int {
        summary.marks = []
        guard response.count >= Responder.largestUDPResponse, let parsed = batch.take(index, &name) else { return 0 }
        return respond(to: parsed, Octets(query), over: .udp, from: database, for: client, into: &response)
    }

    /// What to send over a stream.
    public enum StreamReply: ~Copyable {
        /// The response, of so many octets; none where it is 0.
        case message(count: Int)
        /// The messages that this makes, one after the other.
        case transfer(ZoneTransfer)
    }

    /// As `respond` over TCP, and AXFR and IXFR get the zone where the client may have it.
    public mutating func respond(
        toStreamed query: Span<UInt8>, from database: Database, for client: Client,
        into response: inout MutableSpan<UInt8>
    ) -> StreamReply {
        let octets = Octets(query)
        summary.marks = []
        guard Query.isQuery(octets), response.count >= Message.maximumCount else { return .message(count: 0) }
        let query = Query(octets, name: &name, seed: database.seed)
        if client.mayAsk, client.mayTransfer, let zone = transferred(query, from: database) {
            summary = ResponseSummary(query, code: .noError, isTruncated: false)
            return .transfer(ZoneTransfer(zone, query: octets, query, payloadSize: udpPayloadSize))
        }
        return .message(count: respond(to: query, octets, over: .tcp, from: database, for: client, into: &response))
    }

    private mutating func respond(
        to query: Query, _ octets: Octets, over transport: Transport, from database: Database, for client: Client,
        isLimited: Bool = false, into response: inout MutableSpan<UInt8>
    ) -> Int {
        var writer = ResponseWriter(
            &response, echoing: octets, questionEnd: query.questionEnd,
            withSignatures: query.edns?.dnssecOK ?? false)
        let size = transport == .udp ? udpLimit(query) : Message.maximumCount
        writer.setLimit(size, reserve: query.edns.map { reserve(for: $0) } ?? 0)
        let standing = standing(of: client, query, octets)
        subject = 0
        let outcome =
            standing == .unknown && client.mayAsk && !isLimited && !requiresCookies
            ? self.outcome(of: query, octets, over: transport, from: database, &writer)
            : outcome(of: query, octets, over: transport, from: database, for: client, standing, isLimited, &writer)
        count(outcome.code, standing)
        summary = ResponseSummary(query, code: outcome.code, isTruncated: writer.isTruncated)
        if let edns = query.edns {
            if edns.wanted.isEmpty, outcome.error == nil {
                writer.appendExtension(payloadSize: udpPayloadSize, code: outcome.code, dnssecOK: edns.dnssecOK)
            } else {
                var options = options(wanted: edns.wanted, query, outcome, over: transport)
                if standing == .unproven || standing == .proven { options.cookie = cookie(for: client, edns, octets) }
                writer.appendExtension(
                    payloadSize: udpPayloadSize, code: outcome.code, dnssecOK: edns.dnssecOK, options, identity)
            }
        }
        // RFC 8945 §5.1: the last record of all.
        if query.fault == nil, let signature = query.signature { writer.appendUnknownKey(signature, of: octets) }
        return writer.finish(flags: query.flags, code: outcome.code, isAuthoritative: outcome.isAuthoritative)
    }

    /// The zone that the query asks to have whole (RFC 5936 §2.2.1, RFC 1995 §2).
    private func transferred(_ query: Query, from database: Database) -> CompiledZone? {
        guard query.fault == nil, query.signature == nil, query.recordClass == .internet,
            query.type == .axfr || query.type == .ixfr,
            let place = database.zone(enclosing: name, labels: name.labelCount), place.isAvailable,
            Int(place.layout.originLabels) == name.labelCount
        else { return nil }
        let zone = database.zones[Int(place.number)]
        // RFC 1995 §2: who is up to date gets the SOA record alone.
        if query.type == .ixfr, let serial = query.serial, !zone.serial.isAfter(serial) { return nil }
        return zone
    }

    private func udpLimit(_ query: Query) -> Int {
        let least = Int(EDNS.leastPayloadSize)
        guard let edns = query.edns else { return least }
        return max(least, min(Int(edns.payloadSize), udpPayloadSize))
    }

    mutating func outcome(
        of query: Query, _ octets: Octets, over transport: Transport, from database: Database,
        _ writer: inout ResponseWriter
    ) -> Outcome {
        if let fault = query.fault { return Outcome(code: fault) }
        if query.signature != nil { return Outcome(code: .notAuthoritative) }
        if query.recordClass != .internet { return chaos(query, &writer) }
        switch query.type {
        case .opt, .tkey, .tsig, .mailb, .maila: return Outcome(code: .notImplemented)
        case .axfr where transport == .udp: return Outcome(code: .notImplemented)
        case .ds: if let outcome = delegationSigner(over: transport, from: database, &writer) { return outcome }
        default: break
        }
        let number = database.number(query.zone, enclosing: name)
        guard number >= 0 else {
            // RFC 5936 §2.2.1
            let code = query.type == .axfr || query.type == .ixfr ? ResponseCode.notAuthoritative : .refused
            return Outcome(code: code, error: .notAuthoritative)
        }
        guard let zone = database.view(number) else { return notReady(number, of: database) }
        guard query.type == .axfr || query.type == .ixfr else {
            var outcome = answer(query.type, over: transport, from: zone, seed: database.seed, &writer)
            if query.edns?.wanted.isEmpty == false { outcome.zone = zone.source }
            return outcome
        }
        guard name.labelCount == Int(zone.layout.originLabels) else { return Outcome(code: .notAuthoritative) }
        // RFC 1995 §2: the SOA record alone says that the client is up to date, and over UDP, that it must come over TCP.
        if query.type == .ixfr, transport == .udp || query.serial.map({ !zone.serial.isAfter($0) }) ?? false {
            return answer(.soa, over: transport, from: zone, seed: database.seed, &writer)
        }
        return Outcome(code: .refused, error: .prohibited)
    }

    /// Type DS at the apex of a zone belongs to its parent, where that is served too (RFC 4035 §3.1.4.1).
    @_lifetime(writer: copy writer)
    private mutating func delegationSigner(
        over transport: Transport, from database: Database, _ writer: inout ResponseWriter
    ) -> Outcome? {
        guard name.labelCount > 0, let child = database.zone(enclosing: name, labels: name.labelCount),
            Int(child.layout.originLabels) == name.labelCount,
            let place = database.zone(enclosing: name, labels: name.labelCount - 1)
        else { return nil }
        guard let zone = database.view(place.number) else { return notReady(place.number, of: database) }
        // An ancestor that delegates a name above the child's is not the child's parent.
        if case .referral = zone.lookup(name, .ds) { return nil }
        return answer(.ds, over: transport, from: zone, seed: database.seed, &writer)
    }

    /// Follows the aliases inside the zone; code and authority section are those of the last name (RFC 6604).
    private mutating func answer(
        _ type: RecordType, over transport: Transport, from zone: ZoneView, seed: UInt64,
        _ writer: inout ResponseWriter
    ) -> Outcome {
        var result = zone.lookup(name, type)
        // Most questions end here, and need neither the chain nor the proofs.
        if case .answer(let block, let match) = result, !match.isSynthesized {
            subject = name.hash(ofSuffix: name.labelCount) &+ UInt64(type.rawValue)
            if !writer.append(block, of: zone, to: .answer) { writer.truncateAnswer() }
            return Outcome(code: .noError, isAuthoritative: true)
        }
        subject = result.subject(name, type, of: zone)
        var chain = AliasChain()
        var proofs = Proofs()
        let isProving = writer.withSignatures && zone.layout.denial != .none
        var outcome = Outcome(code: .noError, isAuthoritative: true)
        following: while true {
            if isProving { proofs.add(what: result, says: name, in: zone) }
            switch result {
            case .answer(let block, _):
                if !writer.append(block, of: zone, to: .answer) { writer.truncateAnswer() }
                break following
            case .everything(let match):
                if !appendEverything(match.entry, of: zone, over: transport, &writer) {
                    appendNegative(of: zone, &writer)
                }
                break following
            case .signatures(let match):
                appendSignatures(match.entry, of: zone, over: transport, &writer)
                break following
            case .referral(let cut, let labels):
                outcome.isAuthoritative = chain.count > 0
                appendReferral(to: cut, labels: labels, of: zone, proofs, &writer)
                return outcome
            case .noData:
                appendNegative(of: zone, &writer)
                break following
            case .nameError:
                outcome.code = .nameError
                appendNegative(of: zone, &writer)
                break following
            case .alias(let block, _):
                guard chain.add(name), follow(alias: block, of: zone, seed: seed, &writer) else { break following }
            case .redirection(let block, let labels):
                guard chain.add(name) else { break following }
                let isFirst = chain.add(redirectionAt: labels, of: name)
                let next = follow(redirection: block, labels: labels, isFirst: isFirst, of: zone, seed: seed, &writer)
                if next == .nameTooLong { outcome.code = .nameExists }
                if next != .follow || type == .cname || type == .any { break following }
            }
            result = zone.lookup(name, type)
        }
        append(proofs, of: zone, &writer)
        return outcome
    }
}
