/// The rules between the records of a zone (RFC 1034 §3.6.2, 2181 §5 and §10, 4592, 6672), node by node.
struct ZoneCheck: ~Copyable {
    private var zone: Zone
    private var index: ZoneIndex
    private(set) var problems: [ZoneFileError] = []
    private(set) var hasErrors = false

    init(_ zone: consuming Zone, seed: UInt64) {
        index = ZoneIndex(copy zone, seed: seed)
        self.zone = zone
    }

    consuming func finish() -> CheckedZone { CheckedZone(zone: zone, index: index) }

    mutating func run() {
        checkApex()
        for node in index.nodes.indices {
            normalizeSets(of: node)
            checkAliases(of: node)
            checkOcclusion(of: node)
            checkGlue(of: node)
        }
        for node in index.nodes.indices { checkChain(from: node) }
    }

    private mutating func report(_ severity: ZoneFileError.Severity, _ message: String, at entry: UInt32) {
        if severity == .error { hasErrors = true }
        // An error is never crowded out by warnings.
        guard severity == .error || problems.count < Limits.reportedProblems else { return }
        guard problems.count < 2 * Limits.reportedProblems else { return }
        problems.append(ZoneFileError(severity, message, at: zone.entries[Int(entry)], in: zone))
    }

    private mutating func reportZone(_ message: String) {
        hasErrors = true
        problems.append(ZoneFileError(.error, message, path: zone.files.first?.path ?? zone.origin.description))
    }

    private func name(of node: Int) -> String {
        let start = Int(index.nodes[node].name)
        return Name(validatedWire: Array(zone.octets[start..<(start + Int(index.nodes[node].nameCount))])).description
    }

    private func first(_ type: RecordType, of node: Int) -> UInt32? {
        index.entries(of: node).first { zone.entries[Int($0)].type == type }
    }
}

// MARK: The apex

extension ZoneCheck {
    private mutating func checkApex() {
        let origin = zone.origin
        if first(.soa, of: ZoneIndex.apex) == nil {
            reportZone("a zone must have an SOA record at its apex, \(origin)")
        }
        if first(.ns, of: ZoneIndex.apex) == nil {
            reportZone("a zone must have an NS record at its apex, \(origin)")
        }
        for entry in index.order where zone.entries[Int(entry)].type == .soa {
            if zone.owner(of: zone.entries[Int(entry)]) != origin {
                report(.error, "an SOA record must stand at the zone's apex, \(origin)", at: entry)
            }
        }
        for entry in index.entries(of: ZoneIndex.apex) where zone.entries[Int(entry)].type == .nsec3param {
            checkIterations(of: entry)
        }
    }

    /// RFC 9276 §3.1 and §3.2.
    private mutating func checkIterations(of entry: UInt32) {
        let data = zone.data(of: zone.entries[Int(entry)])
        guard data.count >= 5 else { return }
        let iterations = Int(data[data.startIndex + 2]) << 8 | Int(data[data.startIndex + 3])
        if iterations > Limits.hashIterations {
            report(.error, "NSEC3 iterations must be at most \(Limits.hashIterations), best 0", at: entry)
        } else if iterations > 0 {
            report(.warning, "NSEC3 iterations should be 0 (RFC 9276)", at: entry)
        }
    }
}

// MARK: Sets

extension ZoneCheck {
    /// One TTL a set, no record twice, and a size that fits a message.
    private mutating func normalizeSets(of node: Int) {
        let entries = Array(index.entries(of: node))
        guard entries.count > 1 else {
            if let entry = entries.first { checkSize(of: [entry]) }
            return
        }
        var kept: [UInt32] = []
        var start = 0
        while start < entries.count {
            let key = zone.setKey(entries[start])
            var end = start + 1
            while end < entries.count, zone.setKey(entries[end]) == key { end += 1 }
            if !key.isSignature { levelTTLs(of: entries[start..<end]) }
            let set = withoutDuplicates(entries[start..<end])
            checkSize(of: set)
            kept += set
            start = end
        }
        if kept.count < entries.count { index.keep(kept, of: node) }
    }

    /// RFC 2181 §5: a record that equals another one but for the case of names is the same record.
    private mutating func withoutDuplicates(_ set: ArraySlice<UInt32>) -> [UInt32] {
        guard set.count > 1 else { return Array(set) }
        var seen = Set<[UInt8]>(minimumCapacity: set.count)
        var kept: [UInt32] = []
        for entry in set {
            var canonical: [UInt8] = []
            let record = zone.entries[Int(entry)]
            RecordRegistry.format(of: record.type).appendCanonical(zone.data(of: record).span, to: &canonical)
            if seen.insert(canonical).inserted {
                kept.append(entry)
            } else {
                report(.warning, "the same \(record.type) record stands here again and counts once", at: entry)
            }
        }
        return kept
    }

    /// RFC 2181 §5.2: the TTLs of a set must be equal; the lowest is served.
    private mutating func levelTTLs(of set: ArraySlice<UInt32>) {
        var lowest = UInt32.max
        for entry in set { lowest = min(lowest, zone.entries[Int(entry)].ttl) }
        var odd: UInt32?
        for entry in set where zone.entries[Int(entry)].ttl != lowest {
            odd = odd ?? entry
            zone.entries[Int(entry)].ttl = lowest
        }
        if let odd {
            let type = zone.entries[Int(odd)].type
            report(.warning, "all \(type) records of one name should have one TTL; \(lowest) is served", at: odd)
        }
    }

    private mutating func checkSize(of set: [UInt32]) {
        var size = 0
        for entry in set { size += 12 + Int(zone.entries[Int(entry)].dataCount) }
        if size > Limits.setCount {
            let type = zone.entries[Int(set[0])].type
            report(.error, "the \(type) records of one name must fit a message of 65,535 octets", at: set[0])
        }
        let only = zone.entries[Int(set[0])].type
        if set.count > 1, only == .soa || only == .cname || only == .dname {
            report(.error, "a name must have at most one \(only) record", at: set[1])
        }
    }
}

// MARK: Aliases

extension ZoneCheck {
    private mutating func checkAliases(of node: Int) {
        let entries = index.entries(of: node)
        if let alias = first(.cname, of: node) {
            let other = entries.first { ![.cname, .rrsig, .nsec].contains(zone.entries[Int($0)].type) }
            if node == ZoneIndex.apex {
                report(.error, "a CNAME record must not stand at the zone's apex", at: alias)
            } else if let other {
                let type = zone.entries[Int(other)].type
                report(.error, "a name with a CNAME record must have no other data, but it has \(type)", at: alias)
            }
        }
        if index.nodes[node].marks.contains(.hasDNAME), index.nodes[node].marks.contains(.isWildcard) {
            if let alias = first(.dname, of: node) {
                report(.warning, "a DNAME record at a wildcard does what nobody expects (RFC 6672 §3.3)", at: alias)
            }
        }
        if index.nodes[node].marks.contains(.hasDNAME), index.nodes[node].marks.contains(.zoneCut),
            let alias = first(.dname, of: node)
        {
            report(.error, "a DNAME record must not stand beside a delegation's NS records (RFC 6672 §2.3)", at: alias)
        }
        if index.nodes[node].marks.contains(.belowDNAME), !index.nodes[node].marks.contains(.isHashed),
            let entry = entries.first
        {
            report(.error, "nothing must stand below a name that has a DNAME record (RFC 6672 §2.4)", at: entry)
        }
    }

    /// Follows the alias at a node; warns of loops and of chains that answers cut off.
    private mutating func checkChain(from node: Int) {
        guard let start = first(.cname, of: node) else { return }
        var entry = start
        for _ in 0..<Limits.aliasChain {
            let target = zone.entries[Int(entry)].data
            guard let next = index.node(ofNameAt: target, in: zone), let link = first(.cname, of: next) else { return }
            if link == start { return report(.warning, "this CNAME record is part of a loop", at: start) }
            entry = link
        }
        report(
            .warning, "the chain of aliases that begins here has more than \(Limits.aliasChain) links, or a loop",
            at: start)
    }
}

// MARK: Delegations

extension ZoneCheck {
    private mutating func checkOcclusion(of node: Int) {
        let marks = index.nodes[node].marks
        guard !marks.isDisjoint(with: [.zoneCut, .belowCut]) else { return }
        let isBelow = marks.contains(.belowCut)
        if !isBelow, marks.contains(.isWildcard), let server = first(.ns, of: node) {
            // Is a synthesized name delegated, or does it have NS data? Nobody knows: RFC 4592 §4.2.
            report(.error, "an NS record must not stand at a wildcard (RFC 4592 §4.2)", at: server)
        }
        for entry in index.entries(of: node) {
            let type = zone.setKey(entry).type
            if type == .a || type == .aaaa || (!isBelow && [.ns, .ds, .nsec].contains(type)) { continue }
            let place = isBelow ? "below a delegation" : "beside a delegation's NS records"
            return report(.warning, "\(type) data \(place) is never answered", at: entry)
        }
    }

    /// RFC 9471: a name server inside the delegated domain is out of reach without its address.
    private mutating func checkGlue(of node: Int) {
        guard index.nodes[node].marks.contains(.zoneCut), !index.nodes[node].marks.contains(.belowCut) else { return }
        let cut = Int(index.nodes[node].name)
        let cutCount = Int(index.nodes[node].nameCount)
        for entry in Array(index.entries(of: node)) where zone.entries[Int(entry)].type == .ns {
            let record = zone.entries[Int(entry)]
            guard Int(record.dataCount) >= cutCount else { continue }
            let target = Name(validatedWire: Array(zone.data(of: record)))
            guard target.isSubdomain(of: Name(validatedWire: Array(zone.octets[cut..<(cut + cutCount)]))) else {
                continue
            }
            let host = index.node(ofNameAt: record.data, in: zone)
            if let host, first(.a, of: host) ?? first(.aaaa, of: host) != nil { continue }
            report(.warning, "\(target) needs an A or AAAA record here (glue), or nobody finds it", at: entry)
        }
    }
}
