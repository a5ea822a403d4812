/// What one zone says of the way into another: at a cut of the parent, or at the child's apex.
struct Delegation: Sendable {
    enum Standing: Sendable { case delegated, missing, elsewhere }

    var standing = Standing.missing
    var servers: [Name] = []
    /// Of the servers inside the child, as octets.
    var addresses: [Name: Set<[UInt8]>] = [:]
    /// Of the DS records of a parent, or the DNSKEY records of a child.
    var keys: Set<ZoneAudit.Key> = []
    /// The first NS record, and the first DS or DNSKEY record.
    var entry: Int?
    var keyEntry: Int?
}

extension ZoneAudit {
    /// What the zone has at a name: its own apex, or that of a child.
    func delegation(of child: Name, isParent: Bool) -> Delegation {
        let records = ZoneRecords(zone, index)
        var result = Delegation()
        var name = LookupName()
        guard name.load(child.wire, seed: index.seed) == nil else { return result }
        guard let number = index.node(of: name, in: records) else {
            result.standing = isOccluded(name, records) ? .elsewhere : .missing
            return result
        }
        let node = index.nodes[number]
        if index.standings[number].contains(.belowCut) { result.standing = .elsewhere }
        guard result.standing != .elsewhere else { return result }
        if node.marks.contains(.zoneCut) { result.standing = .delegated }
        let entries = records.entries(of: node)
        for position in 0..<entries.count {
            let entry = entries[position]
            let data = records.data(entry)
            switch records.entries[entry].type {
            case .ns:
                result.servers.append(records.name(at: Int(records.entries[entry].data)))
                result.entry = result.entry ?? entry
                addAddresses(of: entry, in: node, records, &name, &result)
            case .ds where isParent && data.count > 3:
                result.keys.insert(Key(tag: data.u16(0), algorithm: data.u8(2)))
                result.keyEntry = result.keyEntry ?? entry
            case .dnskey where !isParent && data.count > 3:
                result.keys.insert(Key(data))
                result.keyEntry = result.keyEntry ?? entry
            default: break
            }
        }
        result.servers.sort()
        return result
    }

    /// Whether another zone that is delegated from here has the name.
    private func isOccluded(_ name: borrowing LookupName, _ records: ZoneRecords) -> Bool {
        var ancestor = records.name(at: name.octets())
        while ancestor.labelCount > index.originLabelCount {
            ancestor = ancestor.parent
            var lookup = LookupName()
            _ = lookup.load(ancestor.wire, seed: index.seed)
            if let node = index.node(of: lookup, in: records), index.nodes[node].marks.contains(.zoneCut) {
                return true
            }
        }
        return false
    }

    private func addAddresses(
        of entry: Int, in node: ZoneIndex.Node, _ records: ZoneRecords, _ name: inout LookupName,
        _ result: inout Delegation
    ) {
        let record = records.entries[entry]
        guard records.isInDomain(record, of: node),
            name.load(records.octets, at: Int(record.data), seed: index.seed) == nil,
            let host = index.node(of: name, in: records)
        else { return }
        let entries = records.entries(of: index.nodes[host])
        var addresses: Set<[UInt8]> = []
        for position in 0..<entries.count where [.a, .aaaa].contains(records.entries[entries[position]].type) {
            let data = records.data(entries[position])
            addresses.insert((0..<data.count).map { data.u8($0) })
        }
        if !addresses.isEmpty { result.addresses[records.name(at: Int(record.data))] = addresses }
    }

    /// Where entries stand, found in one pass over each file.
    func places(of entries: [Int]) -> [Int: ZoneFileError] {
        var lines: [Int: LineCounter] = [:]
        var places: [Int: ZoneFileError] = [:]
        for number in entries.sorted(by: { zone.entries[$0].source < zone.entries[$1].source }) {
            let entry = zone.entries[number]
            let file = zone.source(of: entry).file
            places[number] = ZoneFileError(
                .warning, "", at: entry, in: zone, lines: &lines[file, default: LineCounter()])
        }
        return places
    }
}

extension ZoneRecords {
    func name(at octets: Octets) -> Name {
        Name(validatedWire: (0..<octets.count).map { octets.u8($0) })
    }
}

extension ZoneInspection {
    /// What parent and child disagree on; `parent` was inspected with `child.origin` among its children. Each problem
    /// stands in the file where it is mended, most likely.
    public static func compare(parent: ZoneInspection, child: ZoneInspection) -> [ZoneFileError] {
        let below = child.apex
        guard let above = parent.children[child.origin], above.standing != .elsewhere,
            let apex = child.place(of: below.entry)
        else { return [] }
        guard above.standing == .delegated, let cut = parent.place(of: above.entry) else {
            return [
                ZoneFileError(.childUndelegated, "\(parent.origin) has no NS records for \(child.origin)", at: apex)
            ]
        }
        var problems: [ZoneFileError] = []
        if Set(above.servers) != Set(below.servers) {
            let text = "the child has other name servers: \(list(below.servers)), not \(list(above.servers))"
            problems.append(ZoneFileError(.childServers, text, at: cut))
        }
        for (server, addresses) in above.addresses.sorted(by: { $0.key < $1.key }) {
            guard let own = below.addresses[server], own != addresses else { continue }
            problems.append(
                ZoneFileError(.childAddresses, "\(server) has other addresses in the child's file", at: cut))
        }
        if let place = parent.place(of: above.keyEntry), above.keys.isDisjoint(with: below.keys) {
            let reason = below.keys.isEmpty ? "has no DNSKEY records" : "has no DNSKEY record that fits"
            problems.append(
                ZoneFileError(.childKeys, "\(child.origin) \(reason), so validators refuse the zone", at: place))
        } else if above.keys.isEmpty, parent.isSigned, let place = child.place(of: below.keyEntry) {
            let text = "\(parent.origin) has no DS record for these keys, so nobody validates the zone"
            problems.append(ZoneFileError(.childKeys, text, at: place))
        }
        return problems
    }

    private func place(of entry: Int?) -> ZoneFileError? { entry.flatMap { places[$0] } }

    private static func list(_ names: [Name]) -> String {
        let shown = names.prefix(4).map(\.description).joined(separator: " ")
        return names.isEmpty ? "none" : names.count > 4 ? "\(shown) …" : shown
    }
}
