/// What is doubtful in a zone although it can be served: flat passes over its index, in pieces that may run at the same
/// time. It goes on where `ZoneCheck` ends.
struct ZoneAudit: Sendable {
    let zone: Zone
    let index: ZoneIndex
    /// Seconds since 1970 modulo 2^32, as in signatures; nil where dates are not looked at.
    let now: UInt32?
    let bounds: ZoneCheck.Problems.Bounds

    /// What one pass works with.
    struct Pass: ~Copyable {
        var problems: ZoneCheck.Problems
        /// Names that are looked up.
        var name = LookupName()
        /// Types of a name, and those of a bitmap.
        var types: [UInt16] = []
        var listed: [UInt16] = []
    }

    /// What all names are compared with, found before.
    struct Context: Sendable {
        var keys: [Key] = []
        /// Nil where the zone is not signed by NSEC3.
        var hashes: HashParameters?
        var hasOptOut = false
        var isSigned = false
        /// Nodes that a delegation names as a server.
        var isServer: [Bool] = []
    }

    /// The problems of the whole zone.
    func run(_ work: ZoneWork) -> ZoneCheck.Problems {
        var first = Pass(problems: ZoneCheck.Problems(bounds))
        var context = Context()
        checkApex(&first)
        if index.hasCuts { context.isServer = servers(&first.name) }
        checkKeys(&context, &first)
        if context.isSigned { checkChain(&context, &first) }
        let (bounds, shared) = (bounds, context)
        let pieces = work.pieces(of: zone.entries.count)
        let found = work.map(pieces) { piece in
            var pass = Pass(problems: ZoneCheck.Problems(bounds))
            for node in ZoneWork.range(piece, of: pieces, count: index.nodes.count) {
                checkNode(node, shared, &pass)
            }
            return pass.problems
        }
        var problems = first.problems
        for more in found { problems.append(more) }
        return problems
    }

    private func checkNode(_ number: Int, _ context: borrowing Context, _ pass: inout Pass) {
        let records = ZoneRecords(zone, index)
        let node = index.nodes[number]
        if node.marks.contains(.isVoid) { return }
        if context.isSigned { checkSignatures(of: number, context, records, &pass) }
        let entries = records.entries(of: node)
        guard entries.count > 0, !node.marks.contains(.isHashed) else { return }
        let isBelowCut = index.standings[number].contains(.belowCut)
        if !context.isServer.isEmpty, !context.isServer[number], isBelowCut || node.marks.contains(.zoneCut),
            let glue = records.first(.a, of: node) ?? records.first(.aaaa, of: node)
        {
            pass.problems.report(
                .superfluousGlue, at: glue, "no NS record of the delegation names this host, so nobody gets its address"
            )
        }
        if isBelowCut { return }
        checkOwner(number, records, &pass)
        var start = 0
        while start < entries.count {
            let key = records.key(entries[start])
            var end = start + 1
            while end < entries.count, records.key(entries[end]) == key { end += 1 }
            if key & 1 == 0 { checkSet(entries.slice(start..<end), of: number, records, &pass) }
            start = end
        }
    }

    private func checkSet(
        _ set: borrowing ZoneIndex.Entries, of number: Int, _ records: ZoneRecords, _ pass: inout Pass
    ) {
        let first = records.entries[set[0]]
        // Signers give NSEC3PARAM a TTL of 0: only servers look at it.
        if first.ttl == 0, first.type != .nsec3param {
            pass.problems.report(.ttlZero, at: set[0], part: .ttl, "a TTL of 0 lets every question come here")
        } else if first.ttl > ZoneAudit.longTTL {
            pass.problems.report(
                .ttlLong, at: set[0], part: .ttl,
                "a TTL of \(first.ttl / 86_400) days keeps a mistake in caches that long")
        }
        switch first.type {
        case .txt: checkTexts(set, of: number, records, &pass)
        case .caa: for position in 0..<set.count { checkAuthorization(set[position], records, &pass) }
        case .svcb, .https: checkServices(set, of: number, records, &pass)
        case .spf:
            pass.problems.report(.spfType, at: set[0], part: .type, "no mail server asks for SPF records of this type")
        case .ds:
            checkDigests(set, records, &pass)
            if number == ZoneIndex.apex {
                pass.problems.report(
                    .dsWithoutNS, at: set[0], part: .type, "the zone's own DS record belongs to its parent's zone")
            } else if !index.nodes[number].marks.contains(.zoneCut) {
                pass.problems.report(.dsWithoutNS, at: set[0], part: .type, "a DS record needs NS records beside it")
            }
        default: break
        }
        guard let place = TargetPlace(first.type) else { return }
        for position in 0..<set.count { checkTarget(set[position], place, of: number, records, &pass) }
    }

    /// 30 days.
    private static let longTTL: UInt32 = 2_592_000
}

extension ZoneRecords {
    /// The first entry of a type.
    func first(_ type: RecordType, of node: ZoneIndex.Node) -> Int? {
        entries(of: node).first { entries[$0].type == type }
    }

    func hasAddress(_ node: ZoneIndex.Node) -> Bool {
        entries(of: node).first { entries[$0].type == .a || entries[$0].type == .aaaa } != nil
    }

    /// The name that stands at `offset`.
    func name(at offset: Int) -> Name { name(at: offset, count: octets.nameCount(at: offset)) }

    func name(of node: ZoneIndex.Node) -> Name { name(at: Int(node.name), count: Int(node.nameCount)) }

    /// The data of a record.
    @_lifetime(copy self)
    func data(_ entry: Int) -> Octets {
        Octets(octets.span(Int(entries[entry].data), Int(entries[entry].dataCount)))
    }
}

// MARK: Apex and owners

extension ZoneAudit {
    /// RFC 1912 §2.2, RFC 2308 §5.
    private func checkApex(_ pass: inout Pass) {
        let records = ZoneRecords(zone, index)
        guard let soa = records.first(.soa, of: index.nodes[ZoneIndex.apex]) else { return }
        let data = records.data(soa)
        guard data.count >= 22 else { return }
        let mailbox = data.nameCount(at: 0)
        var isAddress = data.u8(mailbox) == 0
        for offset in 0..<Int(data.u8(mailbox)) where data.u8(mailbox + 1 + offset) == 0x40 { isAddress = true }
        if isAddress {
            pass.problems.report(
                .soaMailbox, at: soa, part: .data(1), "SOA mailbox must be a mailbox with a dot in the place of its @")
        }
        let numbers = data.count - 20
        let (refresh, retry) = (data.u32(numbers + 4), data.u32(numbers + 8))
        let (expire, minimum) = (data.u32(numbers + 12), data.u32(numbers + 16))
        let faults: [(Bool, Int, String)] = [
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
            pass.problems.report(.soaTimers, at: soa, part: .data(word), message)
            last = word
        }
    }

    private func checkOwner(_ number: Int, _ records: ZoneRecords, _ pass: inout Pass) {
        let node = index.nodes[number]
        let entry = records.entries(of: node)[0]
        if isDoubled(Int(node.name), count: Int(node.nameCount), records) {
            let name = records.name(of: node)
            pass.problems.report(
                .missingDot, at: entry, part: .owner,
                "\(name) has the zone's name twice: a dot is missing at the owner's end")
        }
        if index.nodes[Int(index.parents[number])].marks.contains(.isWildcard), number != ZoneIndex.apex {
            pass.problems.report(
                .wildcardInside, at: entry, part: .owner,
                "only a * at the start of a name is a wildcard; this one matches itself only")
        }
        if records.hasAddress(node), !isHostName(Int(node.name), records) {
            let name = records.name(of: node)
            pass.problems.report(
                .hostName, at: entry, part: .owner, "the name of a host has letters, digits and - only, not \(name)")
        }
        checkWildcard(above: number, entry, records, &pass)
    }

    /// RFC 4592 §4.1: a name that exists, also without data, keeps a wildcard from what is below it.
    private func checkWildcard(
        above number: Int, _ entry: Int, _ records: ZoneRecords, _ pass: inout Pass
    ) {
        let owner = index.nodes[number]
        var above = Int(index.parents[number])
        while above != ZoneIndex.apex, index.nodes[above].entryCount == 0 {
            let empty = index.nodes[above]
            let parent = Int(index.parents[above])
            let isOwn = empty.name > owner.name && empty.name < owner.name + UInt32(owner.nameCount)
            // Services have names with underscores, which nobody expects a wildcard to match.
            if isOwn, !empty.marks.contains(.isWildcard), index.nodes[parent].marks.contains(.hasWildcard),
                records.octets.u8(Int(empty.name) + 1) != 0x5F
            {
                let (name, wildcard) = (records.name(of: empty), records.name(of: index.nodes[parent]))
                pass.problems.report(
                    .wildcardBlocked, at: entry, part: .owner,
                    "*.\(wildcard) does not match \(name) and what is below it, since this name exists")
            }
            above = parent
        }
    }

    /// Whether a name in the zone ends in the zone's name twice. A zone of one label may have a name like that.
    func isDoubled(_ start: Int, count: Int, _ records: ZoneRecords) -> Bool {
        guard index.originLabelCount >= 2 else { return false }
        let doubled = 2 * index.originCount - 1
        var (start, count) = (start, count)
        while count > doubled {
            let step = Int(records.octets.u8(start)) + 1
            start += step
            count -= step
        }
        return count == doubled
            && records.isSame(start, Int(Zone.originOffset), count: index.originCount - 1)
            && records.isSame(start + index.originCount - 1, Int(Zone.originOffset), count: index.originCount)
    }

    /// RFC 952, RFC 1123 §2.1; a wildcard may stand before it.
    func isHostName(_ start: Int, _ records: ZoneRecords) -> Bool {
        var offset = records.octets.u16(start) == 0x012A ? start + 2 : start
        while true {
            let count = Int(records.octets.u8(offset))
            if count == 0 { return true }
            for position in (offset + 1)...(offset + count) {
                let octet = records.octets.u8(position)
                let isDash = octet == 0x2D && position > offset + 1 && position < offset + count
                guard ASCII.isDigit(octet) || (0x61...0x7A).contains(octet | 0x20) || isDash else { return false }
            }
            offset += count + 1
        }
    }
}
