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
        var proofs = Proofs()
        let isProving = writer.withSignatures && zone.layout.denial != .none
        var outcome = Outcome(code: .noError, isAuthoritative: true)
        following: while true {
            let result = zone.lookup(name, type)
            if isProving { proofs.add(what: result, says: name, in: zone) }
            switch result {
            case .answer(let block, _):
                if !writer.append(block, of: zone, to: .answer) { writer.truncateAnswer() }
                break following
            case .everything(let match):
                appendEverything(match.entry, of: zone, over: transport, &writer)
                break following
            case .signatures(let match):
                appendSignatures(match.entry, of: zone, &writer)
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
                let isFirst = chain.add(redirection: block)
                let next = follow(redirection: block, labels: labels, isFirst: isFirst, of: zone, seed: seed, &writer)
                if next == .nameTooLong { outcome.code = .nameExists }
                if next != .follow || type == .cname || type == .any { break following }
            }
        }
        append(proofs, of: zone, &writer)
        return outcome
    }

    @_lifetime(writer: copy writer)
    private func appendNegative(of zone: ZoneView, _ writer: inout ResponseWriter) {
        let origin = Int(zone.layout.originCount)
        if !writer.append(zone.negative, of: zone, ownerSuffix: origin, to: .authority) { writer.markTruncated() }
    }

    /// Adds the proofs, unless the answer section already did not fit.
    @_lifetime(writer: copy writer)
    private func append(_ proofs: Proofs, of zone: ZoneView, _ writer: inout ResponseWriter) {
        let type = zone.layout.denial == .hashes ? RecordType.nsec3 : .nsec
        for index in 0..<proofs.count where !writer.isTruncated {
            if !writer.append(type, ownedBy: zone.entry(at: proofs[index]), of: zone) { writer.markTruncated() }
        }
    }

    /// Adds the NS records at the cut; with DO the DS records there or the proof that there are none; and the addresses.
    @_lifetime(writer: copy writer)
    private func appendReferral(
        to cut: ZoneView.Entry, labels: Int, of zone: ZoneView, _ proofs: Proofs, _ writer: inout ResponseWriter
    ) {
        let owner = name.count(ofSuffix: labels)
        guard let block = zone.block(.ns, of: cut),
            let servers = writer.appendServers(block, of: zone, ownerSuffix: owner)
        else { return }
        if writer.withSignatures, let signer = zone.block(.ds, of: cut),
            !writer.append(signer, of: zone, ownerSuffix: owner, to: .authority)
        {
            writer.markTruncated()
        }
        append(proofs, of: zone, &writer)
        writer.appendAddresses(block, of: zone, servers: servers)
    }

    /// RFC 8482 §4.1: over UDP one set is enough. NSEC records are for those who understand them.
    @_lifetime(writer: copy writer)
    private func appendEverything(
        _ entry: ZoneView.Entry, of zone: ZoneView, over transport: Transport, _ writer: inout ResponseWriter
    ) {
        for index in 0..<entry.setCount {
            let (type, block) = zone.set(index, of: entry)
            guard block.recordCount > 0, writer.withSignatures || type != .nsec else { continue }
            if !writer.append(block, of: zone, to: .answer) { return writer.truncateAnswer() }
            if transport == .udp { return }
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
