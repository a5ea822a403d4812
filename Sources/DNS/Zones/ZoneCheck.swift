/// The rules between the records of a zone (RFC 1034 §3.6.2, 2181 §5 and §10, 4592, 6672), node by node.
///
/// It changes nothing: what is to be changed is among what it finds.
struct ZoneCheck: Sendable {
    private let zone: Zone
    let index: ZoneIndex

    /// How many problems are kept.
    private let bounds: ZoneProblems.Bounds

    init(_ zone: Zone, _ index: ZoneIndex, _ bounds: ZoneProblems.Bounds = .loading) {
        self.zone = zone
        self.index = index
        self.bounds = bounds
    }

    /// What was found, in the order of the nodes.
    struct Findings: Sendable {
        var problems: ZoneProblems
        /// SOA records below the apex.
        var misplaced: [Int] = []
        /// Entries whose TTL is too high, and what it is to be.
        var levelled: [(entry: Int, ttl: UInt32)] = []
        /// Nodes with records that stand there twice, and what is left of them.
        var kept: [(node: Int, entries: [UInt32])] = []
        /// Entries that are CNAME records.
        var aliases: [Int] = []

        init(_ bounds: ZoneProblems.Bounds) { problems = ZoneProblems(bounds) }
    }

    /// All that there is to find.
    func run(_ work: ZoneWork) -> Findings {
        let pieces = work.pieces(of: zone.entries.count)
        let found = work.map(pieces) { checkNodes(ZoneWork.range($0, of: pieces, count: index.nodes.count)) }
        var all = Findings(bounds)
        checkApex(&all.problems, misplaced: found.flatMap(\.misplaced))
        for findings in found {
            all.problems.append(findings.problems)
            all.levelled += findings.levelled
            all.kept += findings.kept
        }
        for problems in work.map(pieces, { checkChains(from: found[$0].aliases) }) { all.problems.append(problems) }
        return all
    }

    private func checkNodes(_ range: Range<Int>) -> Findings {
        let records = ZoneRecords(zone, index)
        var findings = Findings(bounds)
        var name = LookupName()
        for number in range {
            let node = index.nodes[number]
            let marks = node.marks.subtracting([.hasWildcard, .isListed])
            // One record that does nothing to other names: most nodes are like this.
            if node.entryCount == 1, marks.isEmpty, index.standings[number].isEmpty, number != ZoneIndex.apex,
                !node.marks.contains(.isListed)
            {
                let entry = records.entries[Int(node.firstEntry)]
                if entry.type != .soa, Int(entry.dataCount) < Limits.setCount - 12 { continue }
            }
            if node.entryCount == 0 { continue }
            normalizeSets(of: number, records, &findings)
            checkAliases(of: number, records, &findings)
            checkOcclusion(of: number, records, &findings.problems)
            checkGlue(of: number, records, &name, &findings.problems)
        }
        return findings
    }
}

// MARK: The apex

extension ZoneCheck {
    private func checkApex(_ problems: inout ZoneProblems, misplaced: [Int]) {
        let records = ZoneRecords(zone, index)
        let origin = zone.origin
        for (type, code, words) in [(RecordType.soa, ProblemCode.missingSOA, "an SOA"), (.ns, .missingNS, "an NS")]
        where records.first(type, of: index.nodes[ZoneIndex.apex]) == nil {
            problems.report(code, at: nil, "a zone must have \(words) record at its apex, \(origin)")
        }
        for entry in misplaced {
            problems.report(.misplacedSOA, at: entry, "an SOA record must stand at the zone's apex, \(origin)")
        }
        let entries = records.entries(of: index.nodes[ZoneIndex.apex])
        for position in 0..<entries.count where records.entries[entries[position]].type == .nsec3param {
            checkIterations(of: entries[position], records, &problems)
        }
    }

    /// RFC 9276 §3.1 and §3.2.
    private func checkIterations(of entry: Int, _ records: ZoneRecords, _ problems: inout ZoneProblems) {
        let record = records.entries[entry]
        guard record.dataCount >= 5 else { return }
        let iterations = Int(records.octets.u16(Int(record.data) + 2))
        if iterations > Limits.hashIterations {
            problems.report(
                .nsec3IterationsRefused, at: entry, "NSEC3 iterations must be at most \(Limits.hashIterations), best 0")
        } else if iterations > 0 {
            problems.report(.nsec3Iterations, at: entry, "NSEC3 iterations should be 0 (RFC 9276)")
        }
    }
}

// MARK: Aliases

extension ZoneCheck {
    private func checkAliases(of number: Int, _ records: ZoneRecords, _ findings: inout Findings) {
        let marks = index.nodes[number].marks
        let entries = records.entries(of: index.nodes[number])
        if marks.contains(.hasAlias), let alias = records.first(.cname, of: index.nodes[number]) {
            findings.aliases.append(alias)
            let other = entries.first { ![.cname, .rrsig, .nsec].contains(records.entries[$0].type) }
            if number == ZoneIndex.apex {
                findings.problems.report(.aliasAtApex, at: alias, "a CNAME record must not stand at the zone's apex")
            } else if let other {
                let type = records.entries[other].type
                findings.problems.report(
                    .aliasBesideData, at: alias,
                    "a name with a CNAME record must have no other data, but it has \(type)")
            }
        }
        if marks.contains(.hasDNAME), let alias = records.first(.dname, of: index.nodes[number]) {
            if marks.contains(.isWildcard) {
                findings.problems.report(
                    .wildcardDNAME, at: alias, "a DNAME record at a wildcard does what nobody expects (RFC 6672 §3.3)")
            }
            if marks.contains(.zoneCut) {
                findings.problems.report(
                    .dnameBesideNS, at: alias,
                    "a DNAME record must not stand beside a delegation's NS records (RFC 6672 §2.3)")
            }
        }
        if index.standings[number].contains(.belowDNAME), !marks.contains(.isHashed), entries.count > 0 {
            findings.problems.report(
                .belowDNAME, at: entries[0], "nothing must stand below a name that has a DNAME record (RFC 6672 §2.4)")
        }
    }

    private func checkChains(from aliases: [Int]) -> ZoneProblems {
        let records = ZoneRecords(zone, index)
        var problems = ZoneProblems(bounds)
        var name = LookupName()
        for alias in aliases { checkChain(from: alias, records, &name, &problems) }
        return problems
    }

    /// Follows an alias; warns of loops and of chains that answers cut off.
    private func checkChain(
        from start: Int, _ records: ZoneRecords, _ name: inout LookupName, _ problems: inout ZoneProblems
    ) {
        var entry = start
        for _ in 0..<Limits.aliasChain {
            let target = Int(records.entries[entry].data)
            guard name.load(records.octets, at: target, seed: index.seed) == nil,
                let next = index.node(of: name, in: records), index.nodes[next].marks.contains(.hasAlias),
                let link = records.first(.cname, of: index.nodes[next])
            else { return }
            if link == start { return problems.report(.aliasLoop, at: start, "this CNAME record is part of a loop") }
            entry = link
        }
        problems.report(
            .aliasChain, at: start,
            "the chain of aliases that begins here has more than \(Limits.aliasChain) links, or a loop")
    }
}

// MARK: Delegations

extension ZoneCheck {
    private func checkOcclusion(of number: Int, _ records: ZoneRecords, _ problems: inout ZoneProblems) {
        let marks = index.nodes[number].marks
        let isBelow = index.standings[number].contains(.belowCut)
        guard marks.contains(.zoneCut) || isBelow else { return }
        if !isBelow, marks.contains(.isWildcard), let server = records.first(.ns, of: index.nodes[number]) {
            // Is a synthesized name delegated, or does it have NS data? Nobody knows: RFC 4592 §4.2.
            problems.report(.wildcardNS, at: server, "an NS record must not stand at a wildcard (RFC 4592 §4.2)")
        }
        let entries = records.entries(of: index.nodes[number])
        for position in 0..<entries.count {
            let entry = entries[position]
            let type = records.type(entry)
            if type == .a || type == .aaaa || !isBelow && (type == .ns || type == .ds || type == .nsec) { continue }
            let place = isBelow ? "below a delegation" : "beside a delegation's NS records"
            return problems.report(.occludedData, at: entry, "\(type) data \(place) is never answered")
        }
    }

    /// RFC 9471: a name server inside the delegated domain is out of reach without its address.
    private func checkGlue(
        of number: Int, _ records: ZoneRecords, _ name: inout LookupName, _ problems: inout ZoneProblems
    ) {
        let cut = index.nodes[number]
        guard cut.marks.contains(.zoneCut), !index.standings[number].contains(.belowCut) else { return }
        let entries = records.entries(of: cut)
        for position in 0..<entries.count where records.entries[entries[position]].type == .ns {
            let entry = entries[position]
            let target = Int(records.entries[entry].data)
            guard records.isInDomain(records.entries[entry], of: cut) else { continue }
            if name.load(records.octets, at: target, seed: index.seed) == nil,
                let host = index.node(of: name, in: records),
                records.address(of: index.nodes[host]) != nil
            {
                continue
            }
            let server = records.name(at: target)
            problems.report(
                .missingGlue, at: entry, "\(server) needs an A or AAAA record here (glue), or nobody finds it")
        }
    }
}

// MARK: Records of a node

extension ZoneRecords {
    /// The first entry of a type.
    func first(_ type: RecordType, of node: ZoneIndex.Node) -> Int? {
        entries(of: node).first { entries[$0].type == type }
    }

    /// The first address.
    func address(of node: ZoneIndex.Node) -> Int? { first(.a, of: node) ?? first(.aaaa, of: node) }

    /// Where the records end that belong to the set, or the signatures, at `start` of a node's entries.
    func endOfSet(at start: Int, _ entries: borrowing ZoneIndex.Entries) -> Int {
        let key = key(entries[start])
        var end = start + 1
        while end < entries.count, self.key(entries[end]) == key { end += 1 }
        return end
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
