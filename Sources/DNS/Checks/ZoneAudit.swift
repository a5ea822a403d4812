/// What is doubtful in a zone although it can be served: flat passes over its index, in pieces that may run at the same
/// time, each with an audit of its own. It goes on where `ZoneCheck` ends.
struct ZoneAudit: ~Copyable, ~Escapable {
    /// What all names are compared with, found before.
    struct Context: Sendable {
        /// Seconds since 1970 modulo 2^32, as in signatures; nil where dates are not looked at.
        var now: UInt32?
        var keys: [Key] = []
        /// Nil where the zone is not signed by NSEC3.
        var hashes: HashParameters?
        var hasOptOut = false
        /// Nodes that a delegation names as a server.
        var isServer: [Bool] = []
    }

    let zone: Zone
    let index: ZoneIndex
    let records: ZoneRecords
    var context: Context
    var problems = ZoneProblems(.checking)
    /// A name that is looked up.
    var name = LookupName()
    /// Types of a name, and those of a bitmap.
    var types: [UInt16] = []
    var listed: [UInt16] = []

    @_lifetime(borrow zone, borrow index)
    init(_ zone: borrowing Zone, _ index: borrowing ZoneIndex, _ context: Context = Context()) {
        records = ZoneRecords(zone, index)
        self.zone = copy zone
        self.index = copy index
        self.context = context
    }

    /// The problems of the whole zone.
    static func run(_ zone: Zone, _ index: ZoneIndex, now: UInt32?, _ work: ZoneWork) -> ZoneProblems {
        var first = ZoneAudit(zone, index, Context(now: now))
        first.checkApex()
        if index.hasCuts { first.findServers() }
        first.checkKeys()
        if index.hasSignatures { first.checkChain() }
        let context = first.context
        let pieces = work.pieces(of: zone.entries.count)
        let found = work.map(pieces) { piece in
            var audit = ZoneAudit(zone, index, context)
            for node in ZoneWork.range(piece, of: pieces, count: index.nodes.count) { audit.checkNode(node) }
            return audit.problems
        }
        var problems = first.problems
        for more in found { problems.append(more) }
        return problems
    }

    private mutating func checkNode(_ number: Int) {
        let node = index.nodes[number]
        if node.marks.contains(.isVoid) { return }
        if index.hasSignatures { checkSignatures(of: number) }
        let entries = records.entries(of: node)
        guard entries.count > 0, !node.marks.contains(.isHashed) else { return }
        let isBelowCut = index.standings[number].contains(.belowCut)
        if !context.isServer.isEmpty, !context.isServer[number], isBelowCut || node.marks.contains(.zoneCut),
            let glue = records.address(of: node)
        {
            problems.report(
                .superfluousGlue, at: glue, "no NS record of the delegation names this host, so nobody gets its address"
            )
        }
        if isBelowCut { return }
        checkOwner(number)
        var start = 0
        while start < entries.count {
            let end = records.endOfSet(at: start, entries)
            if records.key(entries[start]) & 1 == 0 { checkSet(entries.slice(start..<end), of: number) }
            start = end
        }
    }

    private mutating func checkSet(_ set: borrowing ZoneIndex.Entries, of number: Int) {
        let first = records.entries[set[0]]
        // Signers give NSEC3PARAM a TTL of 0: only servers look at it.
        if first.ttl == 0, first.type != .nsec3param {
            problems.report(.ttlZero, at: set[0], part: .ttl, "a TTL of 0 lets every question come here")
        } else if first.ttl > ZoneAudit.longTTL {
            problems.report(
                .ttlLong, at: set[0], part: .ttl,
                "a TTL of \(first.ttl / 86_400) days keeps a mistake in caches that long")
        }
        switch first.type {
        case .txt: checkTexts(set, of: number)
        case .caa: for position in 0..<set.count { checkAuthorization(set[position]) }
        case .svcb, .https: checkServices(set, of: number)
        case .spf:
            problems.report(.spfType, at: set[0], part: .type, "no mail server asks for SPF records of this type")
        case .ds:
            checkDigests(set)
            if number == ZoneIndex.apex {
                problems.report(
                    .dsWithoutNS, at: set[0], part: .type, "the zone's own DS record belongs to its parent's zone")
            } else if !index.nodes[number].marks.contains(.zoneCut) {
                problems.report(.dsWithoutNS, at: set[0], part: .type, "a DS record needs NS records beside it")
            }
        default: break
        }
        guard let place = ZoneAudit.targetPlace(in: first.type) else { return }
        for position in 0..<set.count { checkTarget(set[position], place, of: number) }
    }

    /// 30 days.
    private static let longTTL: UInt32 = 2_592_000
}

// MARK: Apex and owners

extension ZoneAudit {
    /// The SOA record of the zone, and its five numbers (RFC 1035 §3.3.13); nil where it has none.
    var startOfAuthority: (entry: Int, serial: UInt32, refresh: UInt32, retry: UInt32, expire: UInt32, minimum: UInt32)?
    {
        guard let entry = records.first(.soa, of: index.nodes[ZoneIndex.apex]) else { return nil }
        let data = records.data(entry)
        let start = data.count - 20
        guard start >= 2 else { return nil }
        func number(_ place: Int) -> UInt32 { data.u32(start + 4 * place) }
        return (entry, number(0), number(1), number(2), number(3), number(4))
    }

    /// RFC 1912 §2.2, RFC 2308 §5.
    private mutating func checkApex() {
        guard let (soa, _, refresh, retry, expire, minimum) = startOfAuthority else { return }
        let data = records.data(soa)
        let mailbox = data.nameCount(at: 0)
        let label = mailbox + 1..<mailbox + 1 + Int(data.u8(mailbox))
        if label.isEmpty || label.contains(where: { data.u8($0) == 0x40 }) {
            problems.report(
                .soaMailbox, at: soa, part: .data(1), "SOA mailbox must be a mailbox with a dot in the place of its @")
        }
        let faults = [
            (refresh < 60, 3, "SOA refresh should be at least a minute"),
            (retry >= refresh && refresh > 0, 4, "SOA retry should be less than refresh (\(refresh))"),
            (retry < 60, 4, "SOA retry should be at least a minute"),
            (
                UInt64(expire) < UInt64(refresh) + UInt64(retry), 5,
                "SOA expire must be more than refresh and retry together, or secondaries give up between two tries"
            ),
            (expire < 86_400, 5, "SOA expire should be at least a day: secondaries stop answering after it"),
            (minimum > 86_400, 6, "SOA minimum should be at most a day: so long a new name may stay unknown"),
        ]
        var last = 0
        for (isFault, word, message) in faults where isFault && word != last {
            problems.report(.soaTimers, at: soa, part: .data(word), message)
            last = word
        }
        if zone.asksForSerials(at: soa), let objection = zone.serialObjection {
            problems.report(.autoSerial, at: soa, objection)
        }
    }

    private mutating func checkOwner(_ number: Int) {
        let node = index.nodes[number]
        let entry = records.entries(of: node)[0]
        let name = Int(node.name)
        if isDoubled(name, count: Int(node.nameCount)) {
            problems.report(
                .missingDot, at: entry, part: .owner,
                "\(records.name(of: node)) has the zone's name twice: a dot is missing at the owner's end")
        }
        if index.nodes[Int(index.parents[number])].marks.contains(.isWildcard), number != ZoneIndex.apex {
            problems.report(
                .wildcardInside, at: entry, part: .owner,
                "only a * at the start of a name is a wildcard; this one matches itself only")
        }
        if records.address(of: node) != nil { checkHostName(name, entry, .owner) }
        checkWildcard(above: number, entry)
    }

    /// RFC 4592 §4.1: a name that exists, also without data, keeps a wildcard from what is below it.
    private mutating func checkWildcard(above number: Int, _ entry: Int) {
        let owner = index.nodes[number]
        var above = Int(index.parents[number])
        while above != ZoneIndex.apex, index.nodes[above].entryCount == 0 {
            let empty = index.nodes[above]
            let parent = index.nodes[Int(index.parents[above])]
            let isOwn = empty.name > owner.name && empty.name < owner.name + UInt32(owner.nameCount)
            // Services have names with underscores, which nobody expects a wildcard to match.
            if isOwn, !empty.marks.contains(.isWildcard), parent.marks.contains(.hasWildcard),
                records.octets.u8(Int(empty.name) + 1) != 0x5F
            {
                let (name, wildcard) = (records.name(of: empty), records.name(of: parent))
                problems.report(
                    .wildcardBlocked, at: entry, part: .owner,
                    "*.\(wildcard) does not match \(name) and what is below it, since this name exists")
            }
            above = Int(index.parents[above])
        }
    }

    /// Whether a name in the zone ends in the zone's name twice. A zone of one label may have a name like that.
    func isDoubled(_ start: Int, count: Int) -> Bool {
        guard index.originLabelCount >= 2 else { return false }
        let doubled = 2 * index.originCount - 1
        let end = start + count
        var start = start
        while end - start > doubled { start += Int(records.octets.u8(start)) + 1 }
        return end - start == doubled
            && records.isSame(start, Int(Zone.originOffset), count: index.originCount - 1)
            && records.isSame(start + index.originCount - 1, Int(Zone.originOffset), count: index.originCount)
    }

    /// RFC 952, RFC 1123 §2.1; a wildcard may stand before it.
    mutating func checkHostName(_ start: Int, _ entry: Int, _ part: EntryPart) {
        let octets = records.octets
        var offset = octets.u16(start) == 0x012A ? start + 2 : start
        while octets.u8(offset) > 0 {
            let label = offset + 1...offset + Int(octets.u8(offset))
            let isHost = label.allSatisfy { position in
                let octet = octets.u8(position)
                let isInside = position > label.lowerBound && position < label.upperBound
                return ASCII.isDigit(octet) || (0x61...0x7A).contains(octet | 0x20) || octet == 0x2D && isInside
            }
            guard isHost else {
                return problems.report(
                    .hostName, at: entry, part: part,
                    "the name of a host has letters, digits and - only, not \(records.name(at: start))")
            }
            offset = label.upperBound + 1
        }
    }
}
