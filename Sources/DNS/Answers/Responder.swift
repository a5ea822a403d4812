/// What carries a message: it decides how long a response may be.
public enum Transport: Sendable { case udp, tcp }

/// Answers queries (RFC 1034 §4.3.2). One a worker: it keeps the working memory that makes answering allocate nothing.
public struct Responder: ~Copyable {
    private let udpPayloadSize: Int
    var name = LookupName()
    /// The name that an alias leads to.
    var target: [UInt8] = []

    /// `udpPayloadSize` is the most octets of a UDP response, 512 to 4,096, whatever the client says it can take.
    public init(udpPayloadSize: Int = Int(EDNS.safePayloadSize)) {
        self.udpPayloadSize = min(max(udpPayloadSize, Int(EDNS.leastPayloadSize)), Responder.largestUDPResponse)
        target.reserveCapacity(Name.maximumCount)
    }

    /// The most octets of a UDP response there can be.
    public static let largestUDPResponse = 4096

    /// Writes the response to `query` at the start of `response` and returns its octets; 0 means: say nothing.
    ///
    /// Any octets may be a query. `response` must have room for `largestUDPResponse` octets over UDP, and for
    /// `Message.maximumCount` over TCP; with less there is no response.
    public mutating func respond(
        to query: Span<UInt8>, over transport: Transport, from database: Database,
        into response: inout MutableSpan<UInt8>
    ) -> Int {
        let octets = Octets(query)
        let room = transport == .udp ? Responder.largestUDPResponse : Message.maximumCount
        // A response is never answered, or two servers could keep each other busy (RFC 8906 §3 aside).
        guard octets.count >= Header.count, octets.u16(2) & Header.Flags.response == 0, response.count >= room
        else { return 0 }
        let query = Query(octets, name: &name, seed: database.seed)
        var writer = ResponseWriter(
            &response, echoing: octets, questionEnd: query.questionEnd,
            withSignatures: query.edns?.dnssecOK ?? false)
        let size = transport == .udp ? udpLimit(query) : Message.maximumCount
        writer.setLimit(size, reserve: query.edns == nil ? 0 : ResponseWriter.extensionCount)
        let outcome = outcome(of: query, octets, over: transport, from: database, &writer)
        if let edns = query.edns {
            writer.appendExtension(
                payloadSize: udpPayloadSize, code: outcome.code, dnssecOK: edns.dnssecOK, error: outcome.error)
        }
        return writer.finish(flags: query.flags, code: outcome.code, isAuthoritative: outcome.isAuthoritative)
    }

    private func udpLimit(_ query: Query) -> Int {
        let least = Int(EDNS.leastPayloadSize)
        guard let edns = query.edns else { return least }
        return max(least, min(edns.payloadSize, udpPayloadSize))
    }

    /// What the header and OPT say of a response.
    private struct Outcome {
        var code: ResponseCode
        var isAuthoritative = false
        var error: ExtendedError.Code?
    }

    private mutating func outcome(
        of query: Query, _ octets: Octets, over transport: Transport, from database: Database,
        _ writer: inout ResponseWriter
    ) -> Outcome {
        if let fault = query.fault { return Outcome(code: fault) }
        if let signature = query.signature {
            writer.appendUnknownKey(signature, of: octets)
            return Outcome(code: .notAuthoritative)
        }
        if query.recordClass != .internet { return Outcome(code: .refused) }
        switch query.type {
        case .opt, .tkey, .tsig, .axfr, .mailb, .maila: return Outcome(code: .notImplemented)
        case .ds: if let outcome = delegationSigner(over: transport, from: database, &writer) { return outcome }
        default: break
        }
        guard let place = database.zone(enclosing: name, labels: name.labelCount) else {
            return Outcome(code: .refused, error: .notAuthoritative)
        }
        guard place.isAvailable else { return Outcome(code: .serverFailure, error: .notReady) }
        let zone = ZoneView(database.octets(of: place), place.layout)
        var type = query.type
        if type == .ixfr {
            // RFC 1995 §2: over UDP the SOA record alone tells the client to come over TCP.
            guard name.labelCount == Int(place.layout.originLabels) else { return Outcome(code: .notAuthoritative) }
            type = .soa
        }
        return answer(type, over: transport, from: zone, seed: database.seed, &writer)
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
        guard place.isAvailable else { return Outcome(code: .serverFailure, error: .notReady) }
        let zone = ZoneView(database.octets(of: place), place.layout)
        // An ancestor that delegates a name above the child's is not the child's parent.
        if case .referral = zone.lookup(name, .ds) { return nil }
        return answer(.ds, over: transport, from: zone, seed: database.seed, &writer)
    }

    /// Follows the aliases inside the zone; code and authority section are those of the last name (RFC 6604).
    private mutating func answer(
        _ type: RecordType, over transport: Transport, from zone: ZoneView, seed: UInt64,
        _ writer: inout ResponseWriter
    ) -> Outcome {
        var chain = AliasChain()
        while true {
            switch zone.lookup(name, type) {
            case .answer(let block):
                if !writer.append(block, of: zone, to: .answer) { writer.truncateAnswer() }
                return Outcome(code: .noError, isAuthoritative: true)
            case .everything(let entry):
                appendEverything(entry, of: zone, over: transport, &writer)
                return Outcome(code: .noError, isAuthoritative: true)
            case .signatures(let entry):
                appendSignatures(entry, of: zone, &writer)
                return Outcome(code: .noError, isAuthoritative: true)
            case .referral(let cut, let labels):
                if let block = zone.block(.ns, of: cut) {
                    writer.appendReferral(block, of: zone, ownerSuffix: name.count(ofSuffix: labels))
                }
                return Outcome(code: .noError, isAuthoritative: chain.count > 0)
            case .noData:
                appendNegative(of: zone, &writer)
                return Outcome(code: .noError, isAuthoritative: true)
            case .nameError:
                appendNegative(of: zone, &writer)
                return Outcome(code: .nameError, isAuthoritative: true)
            case .alias(let block):
                guard chain.add(name), follow(alias: block, of: zone, seed: seed, &writer) else {
                    return Outcome(code: .noError, isAuthoritative: true)
                }
            case .redirection(let block, let labels):
                guard chain.add(name) else { return Outcome(code: .noError, isAuthoritative: true) }
                let isFirst = chain.add(redirectionAt: labels, of: name)
                let next = follow(redirection: block, labels: labels, isFirst: isFirst, of: zone, seed: seed, &writer)
                if next == .nameTooLong { return Outcome(code: .nameExists, isAuthoritative: true) }
                if next == .end || type == .cname || type == .any {
                    return Outcome(code: .noError, isAuthoritative: true)
                }
            }
        }
    }

    @_lifetime(writer: copy writer)
    private func appendNegative(of zone: ZoneView, _ writer: inout ResponseWriter) {
        let origin = Int(zone.layout.originCount)
        if !writer.append(zone.negative, of: zone, ownerSuffix: origin, to: .authority) { writer.markTruncated() }
    }

    /// RFC 8482 §4.1: over UDP one set is enough. Over TCP the sets with compressed names come first, since no pointer
    /// reaches far; what still does not fit is left out, as any subset is an answer.
    @_lifetime(writer: copy writer)
    private func appendEverything(
        _ entry: ZoneView.Entry, of zone: ZoneView, over transport: Transport, _ writer: inout ResponseWriter
    ) {
        for pass in 0...1 {
            for index in 0..<entry.setCount {
                let block = zone.set(index, of: entry).block
                guard block.recordCount > 0 else { continue }
                if transport == .udp {
                    if !writer.append(block, of: zone, to: .answer) { writer.truncateAnswer() }
                    return
                }
                if (block.patchCount > 0) == (pass == 0) { _ = writer.append(block, of: zone, to: .answer) }
            }
        }
    }

    @_lifetime(writer: copy writer)
    private func appendSignatures(_ entry: ZoneView.Entry, of zone: ZoneView, _ writer: inout ResponseWriter) {
        for index in 0..<entry.setCount {
            let block = zone.set(index, of: entry).block
            if block.signatureCount > 0, !writer.appendSignatures(block, of: zone) { return writer.truncateAnswer() }
        }
    }
}
