/// Where records lead to: hosts in the zone must be there, have addresses, and be no aliases.
extension ZoneAudit {
    /// Where the name of another host stands in a type's data: in octets and in words.
    struct TargetPlace {
        let offset: Int
        let word: Int

        init?(_ type: RecordType) {
            switch type {
            case .ns, .cname, .soa, .ptr, .dname: (offset, word) = (0, 0)
            case .mx, .svcb, .https: (offset, word) = (2, 1)
            case .srv: (offset, word) = (6, 3)
            default: return nil
            }
        }
    }

    /// What a name leads to.
    enum Destination {
        case elsewhere
        /// At a delegation or below it.
        case handedOver
        /// Below a DNAME record.
        case redirected
        /// Itself, or the wildcard that stands for it.
        case node(Int)
        case missing
    }

    func checkTarget(
        _ entry: Int, _ place: TargetPlace, of number: Int, _ records: ZoneRecords, _ pass: inout Pass
    ) {
        let record = records.entries[entry]
        let start = Int(record.data) + place.offset
        guard pass.name.load(records.octets, at: start, seed: index.seed) == nil else { return }
        let type = record.type
        let part = EntryPart.data(place.word)
        if pass.name.labelCount == 0 { return }
        if isDoubled(start, count: pass.name.count, records) {
            let name = records.name(at: start)
            return pass.problems.report(
                .missingDot, at: entry, part: part, "\(name) has the zone's name twice: a dot is missing at its end")
        }
        if isAddress(start, records), ![.cname, .ptr, .dname].contains(type) {
            return pass.problems.report(
                .targetAddress, at: entry, part: part, "\(type) needs the name of a host, not its address")
        }
        let mustBeHost = [.ns, .mx, .srv, .soa].contains(type)
        func reportAlias() {
            let name = records.name(at: start)
            pass.problems.report(
                .targetAlias, at: entry, part: part,
                "\(type) must name a host, and \(name) is an alias (RFC 2181 §10.3)")
        }
        switch destination(start, records, &pass.name) {
        case .elsewhere, .handedOver: return
        case .redirected: if mustBeHost { reportAlias() }
        case .missing: report(missing: start, entry, part, type, of: number, records, &pass)
        case .node(let target):
            let node = index.nodes[target]
            if node.marks.contains(.hasAlias), mustBeHost {
                reportAlias()
            } else if mustBeHost, type != .soa, !node.marks.contains(.hasAlias), !records.hasAddress(node) {
                report(missing: start, entry, part, type, of: number, records, &pass)
            } else if mustBeHost, type != .soa, !isHostName(start, records) {
                let name = records.name(at: start)
                pass.problems.report(
                    .hostName, at: entry, part: part, "the name of a host has letters, digits and - only, not \(name)")
            }
        }
    }

    private func report(
        missing start: Int, _ entry: Int, _ part: EntryPart, _ type: RecordType, of number: Int,
        _ records: ZoneRecords, _ pass: inout Pass
    ) {
        let name = records.name(at: start)
        let below = name.labels.dropLast(index.originLabelCount)
        if below.count >= 2, let last = below.last, ZoneAudit.topLevels.contains(last.octets.map(ASCII.folded)) {
            let meant = below.map { String(decoding: $0.octets, as: UTF8.self) }.joined(separator: ".")
            return pass.problems.report(
                .missingDot, at: entry, part: part, hint: "end it with a dot: \(meant).",
                "\(name) does not exist: a dot is missing at its end")
        }
        switch type {
        case .cname, .dname, .ptr:
            if type == .cname {
                pass.problems.report(
                    .danglingAlias, at: entry, part: part, "the alias leads to \(name), which does not exist")
            }
        case .soa: pass.problems.report(.soaPrimary, at: entry, part: part, "the primary server \(name) does not exist")
        case .ns:
            // Inside the delegated domain it is glue that is missing, which is told elsewhere.
            let cut = index.nodes[number]
            if number != ZoneIndex.apex, records.isInDomain(records.entries[entry], of: cut) { return }
            pass.problems.report(.lameServer, at: entry, part: part, "the name server \(name) has no A or AAAA record")
        default:
            pass.problems.report(
                .targetMissing, at: entry, part: part, "\(type) leads to \(name), which has no A or AAAA record")
        }
    }

    /// Top-level domains that nobody has as labels of his own: a name that ends in one was meant to be absolute.
    private static let topLevels = Set(
        ["com", "net", "org", "edu", "gov", "info", "biz", "arpa", "io", "uk", "de", "fr", "nl", "eu"].map {
            Array($0.utf8)
        })

    /// Where the name leads to that stands at `start` and was just loaded.
    func destination(_ start: Int, _ records: ZoneRecords, _ name: inout LookupName) -> Destination {
        guard index.isInZone(name, records) else { return .elsewhere }
        for labels in (index.originLabelCount...name.labelCount).reversed() {
            let hash = name.hash(ofSuffix: labels)
            let (offset, count) = (name.offset(ofSuffix: labels), name.count(ofSuffix: labels))
            guard let node = index.node(hash, start + offset, count: count, in: records) else { continue }
            let marks = index.nodes[node].marks
            let standing = index.standings[node]
            if marks.contains(.zoneCut) || standing.contains(.belowCut) { return .handedOver }
            if standing.contains(.belowDNAME) { return .redirected }
            if labels == name.labelCount { return .node(node) }
            if marks.contains(.hasDNAME) { return .redirected }
            guard marks.contains(.hasWildcard) else { return .missing }
            let wildcard = LookupName.hash(ofWildcardBelow: hash)
            let isWildcard = { (other: Int) in
                self.index.nodes[other].marks.contains(.isWildcard) && Int(self.index.parents[other]) == node
            }
            let found = index.owners.find(wildcard, where: isWildcard) ?? index.others.find(wildcard, where: isWildcard)
            return found.map { .node($0) } ?? .missing
        }
        return .elsewhere
    }

    /// Which nodes the NS records of the zone name.
    func servers(_ name: inout LookupName) -> [Bool] {
        let records = ZoneRecords(zone, index)
        var isServer = [Bool](repeating: false, count: index.nodes.count)
        for entry in 0..<records.entries.count where records.entries[entry].type == .ns {
            let start = Int(records.entries[entry].data)
            guard name.load(records.octets, at: start, seed: index.seed) == nil else { continue }
            if let node = index.node(of: name, in: records) { isServer[node] = true }
        }
        return isServer
    }

    /// Whether the first four labels are numbers up to 255.
    private func isAddress(_ start: Int, _ records: ZoneRecords) -> Bool {
        var offset = start
        for _ in 0..<4 {
            let count = Int(records.octets.u8(offset))
            guard 1...3 ~= count, records.octets.decimal((offset + 1)..<(offset + 1 + count), maximum: 255) != nil
            else {
                return false
            }
            offset += count + 1
        }
        if records.octets.u8(offset) == 0 { return true }
        return records.octets.nameCount(at: offset) == index.originCount
            && records.isSame(offset, Int(Zone.originOffset), count: index.originCount)
    }
}
