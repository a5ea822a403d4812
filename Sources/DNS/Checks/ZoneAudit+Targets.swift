/// Where records lead to: hosts in the zone must be there, have addresses, and be no aliases.
extension ZoneAudit {
    /// Where the name of another host stands in a type's data: in octets and in words.
    static func targetPlace(in type: RecordType) -> (offset: Int, part: EntryPart)? {
        switch type {
        case .ns, .cname, .soa, .ptr, .dname: (0, .data(0))
        case .mx, .svcb, .https: (2, .data(1))
        case .srv: (6, .data(3))
        default: nil
        }
    }

    /// What a name leads to.
    private enum Destination {
        /// Outside the zone, or at a delegation or below it.
        case elsewhere
        /// Below a DNAME record.
        case redirected
        /// Itself, or the wildcard that stands for it.
        case node(ZoneIndex.Node)
        case missing
    }

    mutating func checkTarget(_ entry: Int, _ place: (offset: Int, part: EntryPart), of number: Int) {
        let (type, part) = (records.entries[entry].type, place.part)
        let start = Int(records.entries[entry].data) + place.offset
        guard name.load(records.octets, at: start, seed: index.seed) == nil, name.labelCount > 0 else { return }
        if isDoubled(start, count: name.count) {
            return problems.report(
                .missingDot, at: entry, part: part,
                "\(records.name(at: start)) has the zone's name twice: a dot is missing at its end")
        }
        if isAddress(start), ![.cname, .ptr, .dname].contains(type) {
            return problems.report(
                .targetAddress, at: entry, part: part, "\(type) needs the name of a host, not its address")
        }
        let mustBeHost = [.ns, .mx, .srv, .soa].contains(type)
        var isAlias = false
        switch destination(start) {
        case .elsewhere: return
        case .redirected: isAlias = true
        case .missing: reportMissing(start, entry, part, of: number)
        case .node(let node) where node.marks.contains(.hasAlias): isAlias = true
        case .node(let node) where mustBeHost && type != .soa:
            if records.address(of: node) == nil {
                reportMissing(start, entry, part, of: number)
            } else {
                checkHostName(start, entry, part)
            }
        case .node: return
        }
        if isAlias, mustBeHost {
            problems.report(
                .targetAlias, at: entry, part: part,
                "\(type) must name a host, and \(records.name(at: start)) is an alias (RFC 2181 §10.3)")
        }
    }

    private mutating func reportMissing(_ start: Int, _ entry: Int, _ part: EntryPart, of number: Int) {
        let (type, name) = (records.entries[entry].type, records.name(at: start))
        let below = name.labels.dropLast(index.originLabelCount)
        if below.count >= 2, let last = below.last, ZoneAudit.topLevels.contains(last.octets.map(ASCII.folded)) {
            let meant = below.map { String(decoding: $0.octets, as: UTF8.self) }.joined(separator: ".")
            return problems.report(
                .missingDot, at: entry, part: part, hint: "end it with a dot: \(meant).",
                "\(name) does not exist: a dot is missing at its end")
        }
        switch type {
        case .cname:
            problems.report(.danglingAlias, at: entry, part: part, "the alias leads to \(name), which does not exist")
        case .dname, .ptr: return
        case .soa: problems.report(.soaPrimary, at: entry, part: part, "the primary server \(name) does not exist")
        case .ns:
            // Inside the delegated domain it is glue that is missing, which is told elsewhere.
            let cut = index.nodes[number]
            if number != ZoneIndex.apex, records.isInDomain(records.entries[entry], of: cut) { return }
            problems.report(.lameServer, at: entry, part: part, "the name server \(name) has no A or AAAA record")
        default:
            problems.report(
                .targetMissing, at: entry, part: part, "\(type) leads to \(name), which has no A or AAAA record")
        }
    }

    /// Top-level domains that nobody has as labels of his own: a name that ends in one was meant to be absolute.
    private static let topLevels = Set(
        ["com", "net", "org", "edu", "gov", "info", "biz", "arpa", "io", "uk", "de", "fr", "nl", "eu"].map {
            Array($0.utf8)
        })

    /// Where the name leads to that stands at `start` and was just loaded.
    private func destination(_ start: Int) -> Destination {
        guard index.isInZone(name, records) else { return .elsewhere }
        for labels in (index.originLabelCount...name.labelCount).reversed() {
            let hash = name.hash(ofSuffix: labels)
            let (offset, count) = (name.offset(ofSuffix: labels), name.count(ofSuffix: labels))
            guard let number = index.node(hash, start + offset, count: count, in: records) else { continue }
            let node = index.nodes[number]
            let standing = index.standings[number]
            if node.marks.contains(.zoneCut) || standing.contains(.belowCut) { return .elsewhere }
            if standing.contains(.belowDNAME) { return .redirected }
            if labels == name.labelCount { return .node(node) }
            if node.marks.contains(.hasDNAME) { return .redirected }
            guard node.marks.contains(.hasWildcard) else { return .missing }
            let index = index
            let wildcard = LookupName.hash(ofWildcardBelow: hash)
            let isWildcard = { (other: Int) in
                index.nodes[other].marks.contains(.isWildcard) && Int(index.parents[other]) == number
            }
            let found = index.owners.find(wildcard, where: isWildcard) ?? index.others.find(wildcard, where: isWildcard)
            return found.map { .node(index.nodes[$0]) } ?? .missing
        }
        return .elsewhere
    }

    /// Finds the nodes that the NS records of the zone name.
    mutating func findServers() {
        context.isServer = [Bool](repeating: false, count: index.nodes.count)
        for entry in 0..<records.entries.count where records.entries[entry].type == .ns {
            let start = Int(records.entries[entry].data)
            guard name.load(records.octets, at: start, seed: index.seed) == nil else { continue }
            if let node = index.node(of: name, in: records) { context.isServer[node] = true }
        }
    }

    /// Whether the first four labels are numbers up to 255.
    private func isAddress(_ start: Int) -> Bool {
        var offset = start
        for _ in 0..<4 {
            let label = offset + 1..<offset + 1 + Int(records.octets.u8(offset))
            guard 1...3 ~= label.count, records.octets.decimal(label, maximum: 255) != nil else { return false }
            offset = label.upperBound
        }
        return records.octets.u8(offset) == 0
            || records.octets.nameCount(at: offset) == index.originCount
                && records.isSame(offset, Int(Zone.originOffset), count: index.originCount)
    }
}
