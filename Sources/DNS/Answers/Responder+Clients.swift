// What depends on who asks: cookies (RFC 7873, RFC 9018), and what an answer counts as where answers are limited.

extension Responder {
    /// What the query's cookie shows of the client.
    @inline(__always)
    func standing(of client: Client, _ query: Query, _ octets: Octets) -> ServerCookies.Standing {
        guard let edns = query.edns, edns.wanted.contains(.cookie) else { return .unknown }
        return cookies?.standing(of: client, octets, Int(edns.cookie)) ?? .unknown
    }

    @inline(never)
    func cookie(for client: Client, _ edns: Query.Extension, _ octets: Octets) -> ReplyOptions.Cookie? {
        cookies?.cookie(for: client, octets, Int(edns.cookie))
    }

    /// As the other `outcome`, where it may depend on the client.
    @inline(never)
    mutating func outcome(
        of query: Query, _ octets: Octets, over transport: Transport, from database: Database, for client: Client,
        _ standing: ServerCookies.Standing, _ isLimited: Bool, _ writer: inout ResponseWriter
    ) -> Outcome {
        if !client.mayAsk { return Outcome(code: .refused, error: .prohibited) }
        if isLimited {
            writer.markTruncated()
            return Outcome(code: query.fault ?? .noError)
        }
        if standing == .malformed { return Outcome(code: .formatError) }
        // RFC 7873 §5.4: without a question it asks for a cookie.
        let asksForCookie = standing != .unknown && query.edns?.wanted.contains(.nothing) == true
        if requiresCookies, transport == .udp, standing != .proven, query.fault == nil || asksForCookie {
            if standing == .unproven { return Outcome(code: .badCookie) }
            writer.markTruncated()
            return Outcome(code: .noError)
        }
        if asksForCookie { return Outcome(code: .noError) }
        return outcome(of: query, octets, over: transport, from: database, &writer)
    }

    /// The zone has never had a good version.
    mutating func notReady(_ number: Int32, of database: Database) -> Outcome {
        subject = name.hash(ofSuffix: database.originLabels(number))
        return Outcome(code: .serverFailure, error: .notReady)
    }

    /// Completes the subject: told apart by the code, and 0 only for those who are not to be limited.
    @inline(__always)
    mutating func count(_ code: ResponseCode, _ standing: ServerCookies.Standing) {
        subject = standing == .proven ? 0 : (subject &+ UInt64(code.rawValue) &* 0x9E37_79B9_7F4A_7C15) | 1
    }
}

extension Lookup {
    /// What the lookup of `name` found, hashed. A name that is made of a wildcard, or lies below a cut or a DNAME record,
    /// counts as that, so that random names give no new subjects; and only what differs by type counts by type.
    @inline(__always)
    func subject(_ name: borrowing LookupName, _ type: RecordType, of zone: ZoneView) -> UInt64 {
        switch self {
        // The lowest bit is always set in the end, so it tells nothing apart.
        case .answer(_, let match): match.subject(name) &+ UInt64(type.rawValue) &<< 1
        case .alias(_, let match), .everything(let match), .signatures(let match), .noData(let match):
            match.subject(name)
        case .redirection(_, let labels), .referral(_, let labels): name.hash(ofSuffix: labels)
        case .nameError: name.hash(ofSuffix: Int(zone.layout.originLabels))
        }
    }
}

extension ZoneView.Match {
    @inline(__always)
    fileprivate func subject(_ name: borrowing LookupName) -> UInt64 {
        isSynthesized
            ? LookupName.hash(ofWildcardBelow: name.hash(ofSuffix: labels)) : name.hash(ofSuffix: name.labelCount)
    }
}
