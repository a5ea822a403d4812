import DNS

/// An authoritative name server as the RFCs describe it: RFC 1034 §4.3.2 step for step, over bare lists of records.
///
/// It is slow and obvious on purpose, and shares nothing with the server's own lookup: names are compared one by one,
/// and what exists is found by looking at every record. Where the RFCs leave a choice, the comment says which.
struct Specification {
    var zones: [Zone]
    /// The origins of zones that could not be loaded.
    var unavailable: [Name] = []

    /// What a reply says, whatever its size.
    struct Reply {
        var code = ResponseCode.noError
        var isAuthoritative = false
        var answer: [Record] = []
        var authority: [Record] = []
        var additional: [Record] = []
        var error: ExtendedError.Code?
    }

    func reply(to question: Question, over transport: Transport, dnssecOK: Bool) -> Reply {
        // RFC 1035 §3.2.4: there is data of class IN alone.
        guard question.recordClass == .internet else { return Reply(code: .refused) }
        switch question.type {
        // RFC 6895 §3.1: these are no data. A transfer is not answered over UDP (RFC 5936 §4.2).
        case .opt, .tkey, .tsig, .maila, .mailb, .axfr: return Reply(code: .notImplemented)
        // RFC 1995 §2: over UDP, the SOA record alone sends the client to TCP.
        case .ixfr:
            // RFC 5936 §2.2.1
            guard let place = nearest(to: question.name) else {
                return Reply(code: .notAuthoritative, error: .notAuthoritative)
            }
            guard case .zone(let zone) = place else { break }
            guard zone.origin == question.name else { return Reply(code: .notAuthoritative) }
            return reply(to: Question(question.name, .soa), over: transport, dnssecOK: dnssecOK)
        // RFC 4035 §3.1.4.1: at the apex of a zone, DS is the parent's, if the parent is here.
        case .ds:
            if let parent = parent(ofZone: question.name) {
                return reply(from: parent, to: question, over: transport, dnssecOK: dnssecOK)
            }
        default: break
        }
        return reply(from: nearest(to: question.name), to: question, over: transport, dnssecOK: dnssecOK)
    }

    // MARK: Step 2: the zone that is the nearest ancestor to QNAME

    enum Place {
        case zone(Zone)
        case unavailable(Name)

        var origin: Name {
            switch self {
            case .zone(let zone): zone.origin
            case .unavailable(let origin): origin
            }
        }
    }

    func nearest(to name: Name) -> Place? {
        let places = zones.map { Place.zone($0) } + unavailable.map { Place.unavailable($0) }
        return places.filter { name.isSubdomain(of: $0.origin) }.max { $0.origin.labelCount < $1.origin.labelCount }
    }

    /// The zone that is responsible for the DS set of a name that is an apex here; nil where it is none, or where the
    /// zone above it delegates a name between them, so that it is not the parent.
    private func parent(ofZone name: Name) -> Place? {
        guard !name.isRoot, nearest(to: name)?.origin == name, let above = nearest(to: name.parent) else { return nil }
        if case .zone(let zone) = above, case .referral = zone.match(name, .ds) { return nil }
        return above
    }

    private func reply(
        from place: Place?, to question: Question, over transport: Transport, dnssecOK: Bool
    ) -> Reply {
        switch place {
        // RFC 8914 §4.21: not authoritative; §4.15: not ready.
        case nil: return Reply(code: .refused, error: .notAuthoritative)
        case .unavailable: return Reply(code: .serverFailure, error: .notReady)
        case .zone(let zone):
            return zone.reply(to: question.name, question.type, over: transport, dnssecOK: dnssecOK)
        }
    }
}

// MARK: - A zone

extension Specification {
    struct Zone {
        let origin: Name
        let records: [Record]

        init(origin: Name, records: [Record]) {
            self.origin = origin
            let inZone = records.filter { $0.owner.isSubdomain(of: origin) }
            var kept: [Record] = []
            for var record in inZone {
                // RFC 2181 §5.2: one TTL a set; the lowest is chosen. RFC 4034 §3: a signature has that of what it covers.
                let type = record.setType
                let set = inZone.filter { $0.type == type && $0.owner == record.owner }
                record.ttl = set.map(\.ttl).min { $0.seconds < $1.seconds } ?? record.ttl
                // RFC 2181 §5: no record twice; the case of names makes no difference.
                if !kept.contains(where: { $0.isSame(as: record) }) { kept.append(record) }
            }
            self.records = kept
        }

        func records(at owner: Name) -> [Record] { records.filter { $0.owner == owner } }

        func rrset(_ type: RecordType, at owner: Name) -> [Record] {
            records.filter { $0.type == type && $0.owner == owner }
        }

        /// RFC 4592 §2.2.2: a name exists if it has records, or if one below it has. RFC 5155 §7.1 aside: the owners
        /// of NSEC3 records are names of hashes only.
        func exists(_ name: Name) -> Bool {
            records.contains { $0.owner.isSubdomain(of: name) && !isHashOwner($0.owner) }
        }

        func isHashOwner(_ owner: Name) -> Bool {
            records(at: owner).allSatisfy { $0.setType == .nsec3 }
        }

        /// RFC 1034 §4.2.1: NS records elsewhere than at the apex mark a cut.
        func isCut(_ name: Name) -> Bool { name != origin && !rrset(.ns, at: name).isEmpty }

        var soa: Record? { rrset(.soa, at: origin).first }
    }
}

extension Record {
    /// RFC 4034 §3.1: the type that an RRSIG record covers.
    var typeCovered: RecordType? {
        guard type == .rrsig, data.octets.count > 2 else { return nil }
        return RecordType(rawValue: UInt16(data.octets[0]) << 8 | UInt16(data.octets[1]))
    }

    /// The type of the set that it is in or signs.
    var setType: RecordType { typeCovered ?? type }

    func isSame(as other: Record) -> Bool {
        type == other.type && data.octets.count == other.data.octets.count && owner == other.owner
            && data.canonical == other.data.canonical
    }

    func owned(by owner: Name) -> Record { Record(owner: owner, ttl: ttl, data: data) }

    /// The name that is the whole of NS, CNAME and DNAME data.
    var target: Name? { try? Name(wire: data.octets.span) }
}

// MARK: Step 3: down the zone, label by label

extension Specification.Zone {
    enum Match {
        /// Step 3a: the whole of QNAME is matched.
        case node([Record])
        /// Step 3b: out of the authoritative data, at this cut.
        case referral(cut: Name)
        /// Step 3c: no match, but at the `*` of the closest encloser.
        case wildcard([Record], source: Name)
        /// Step 3c of RFC 6672 §3.2: no match below a name that has a DNAME record.
        case redirection(Record)
        /// Step 3c: no match at all.
        case nothing(closestEncloser: Name)
    }

    func match(_ name: Name, _ type: RecordType) -> Match {
        var closestEncloser = origin
        for labels in origin.labelCount...name.labelCount {
            let node = name.suffix(labels: labels)
            guard node == origin || exists(node) else { return match(below: closestEncloser) }
            closestEncloser = node
            // RFC 4035 §3.1.4.1: DS at the cut itself is on this side of it.
            if isCut(node), !(type == .ds && node == name) { return .referral(cut: node) }
            if node == name { return .node(records(at: name)) }
            if let redirection = rrset(.dname, at: node).first { return .redirection(redirection) }
        }
        return .nothing(closestEncloser: closestEncloser)
    }

    /// RFC 4592 §3.3.1: the source of synthesis is `*` below the closest encloser, and nothing else.
    private func match(below closestEncloser: Name) -> Match {
        guard let asterisk = Label([0x2A]), let source = closestEncloser.prepending(asterisk), exists(source) else {
            return .nothing(closestEncloser: closestEncloser)
        }
        return .wildcard(records(at: source), source: source)
    }
}

// MARK: The answer, restarted at each alias

extension Specification.Zone {
    typealias Reply = Specification.Reply

    /// Links of a chain that are followed: a choice, as RFC 1034 §3.6.2 only asks for robustness.
    static let longestChain = 16

    func reply(to question: Name, _ type: RecordType, over transport: Transport, dnssecOK: Bool) -> Reply {
        let withProofs = dnssecOK && isSigned
        var reply = Reply(isAuthoritative: true)
        var name = question
        var aliases: [Name] = []
        while true {
            let match = match(name, type)
            let next: Name?
            switch match {
            case .referral(let cut):
                // RFC 1035 §4.1.1: AA is about the first owner in the answer.
                reply.isAuthoritative = !aliases.isEmpty
                return addReferral(at: name.suffix(labels: cut.labelCount), to: reply, withProofs: withProofs)
            case .nothing:
                // RFC 6604 §3: the code is that of the last name.
                reply.code = .nameError
                return addNegative(for: name, type, match, to: reply, withProofs: withProofs)
            case .node(let records), .wildcard(let records, _):
                let found = answer(type, from: records, over: transport, dnssecOK: dnssecOK)
                if !found.isEmpty {
                    // RFC 1034 §4.3.2 step 3c: the owner is QNAME, not the wildcard.
                    reply.answer += found.map { $0.owned(by: name) }
                    return addProofs(for: found, at: name, match, to: reply, isWanted: withProofs)
                }
                // Step 3a: a CNAME is followed; RFC 4034 §4 and §3: but what may stand beside it is asked of it.
                guard let alias = records.first(where: { $0.type == .cname }), type != .nsec, type != .rrsig else {
                    return addNegative(for: name, type, match, to: reply, withProofs: withProofs)
                }
                // No record twice, and not too many.
                if aliases.contains(name) || aliases.count == Self.longestChain { return reply }
                reply.answer.append(alias.owned(by: name))
                reply = addProofs(for: [alias], at: name, match, to: reply, isWanted: withProofs)
                next = alias.target
            case .redirection(let redirection):
                if aliases.contains(name) || aliases.count == Self.longestChain { return reply }
                let owner = name.suffix(labels: redirection.owner.labelCount)
                if !reply.answer.contains(where: { $0.isSame(as: redirection) }) {
                    reply.answer.append(redirection.owned(by: owner))
                    reply = addProofs(for: [redirection], at: owner, nil, to: reply, isWanted: withProofs)
                }
                // RFC 6672 §2.2: the new name must fit; §3.1: a CNAME with the DNAME's TTL stands for it.
                guard let target = redirection.target, let longer = name.replacingSuffix(owner, with: target),
                    let data = try? RecordData(type: .cname, octets: longer.wire)
                else {
                    reply.code = .nameExists
                    return reply
                }
                reply.answer.append(Record(owner: name, ttl: redirection.ttl, data: data))
                // RFC 6672 §3.2: QTYPE matches the synthesized CNAME.
                next = type == .cname || type == .any ? nil : longer
            }
            aliases.append(name)
            // A name outside the zone is the client's next question: each zone's answers stand for themselves.
            guard let next, next.isSubdomain(of: origin) else { return reply }
            name = next
        }
    }

    /// Step 3a: all the records that match QTYPE.
    private func answer(
        _ type: RecordType, from records: [Record], over transport: Transport, dnssecOK: Bool
    ) -> [Record] {
        guard type == .any || type == .rrsig else { return records.filter { $0.type == type } }
        // RFC 8482 §4.1 and §7: over UDP one set, here the one of the lowest type. What signs ANY's comes as its proof.
        // RFC 3225 §3: what only DNSSEC needs is for those who set DO.
        let sets = records.filter {
            type == .rrsig ? $0.type == .rrsig : $0.type != .rrsig && (dnssecOK || $0.type != .nsec)
        }
        guard transport == .udp, let first = sets.map(\.setType.rawValue).min() else { return sets }
        return sets.filter { $0.setType.rawValue == first }
    }

    /// Step 3b: the NS records of the cut in the authority section, and what addresses of theirs are here: glue below
    /// the cut (RFC 9471), and any other that the zone's file has.
    private func addReferral(at cut: Name, to reply: Reply, withProofs: Bool) -> Reply {
        var reply = reply
        let servers = rrset(.ns, at: cut)
        reply.authority += servers.map { $0.owned(by: cut) }
        for server in servers.compactMap(\.target) {
            reply.additional += records(at: server).filter { $0.type == .a || $0.type == .aaaa }
        }
        return withProofs ? addDelegationProofs(at: cut, to: reply) : reply
    }

    /// RFC 2308 §2 and §3: the SOA record, whose TTL is no longer than its MINIMUM.
    private func addNegative(
        for name: Name, _ type: RecordType, _ match: Match, to reply: Reply, withProofs: Bool
    ) -> Reply {
        var reply = reply
        if var soa, let minimum = SOA(soa.data)?.minimum {
            soa.ttl = TTL(min(soa.ttl.seconds, minimum))
            soa.owner = name.suffix(labels: origin.labelCount)
            reply.authority.append(soa)
        }
        return withProofs ? addDenial(of: name, type, match, to: reply) : reply
    }
}
