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
    mutating func delegation(of child: Name, isParent: Bool) -> Delegation {
        var result = Delegation()
        guard let number = node(of: child) else {
            var above = child
            while above.labelCount > index.originLabelCount, result.standing == .missing {
                above = above.parent
                // Another zone that is delegated from here has the name.
                let isCut = node(of: above).map { index.nodes[$0].marks.contains(.zoneCut) } ?? false
                if isCut { result.standing = .elsewhere }
            }
            return result
        }
        let node = index.nodes[number]
        if index.standings[number].contains(.belowCut) {
            result.standing = .elsewhere
            return result
        }
        if node.marks.contains(.zoneCut) { result.standing = .delegated }
        let entries = records.entries(of: node)
        for position in 0..<entries.count {
            let entry = entries[position]
            let (record, data) = (records.entries[entry], records.data(entry))
            switch record.type {
            case .ns:
                let server = records.name(at: Int(record.data))
                result.servers.append(server)
                result.entry = result.entry ?? entry
                let addresses = records.isInDomain(record, of: node) ? addresses(of: server) : []
                if !addresses.isEmpty { result.addresses[server] = addresses }
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

    private mutating func node(of owner: Name) -> Int? {
        guard name.load(owner.wire, seed: index.seed) == nil else { return nil }
        return index.node(of: name, in: records)
    }

    private mutating func addresses(of host: Name) -> Set<[UInt8]> {
        guard let node = node(of: host) else { return [] }
        let entries = records.entries(of: index.nodes[node])
        var addresses: Set<[UInt8]> = []
        for position in 0..<entries.count where [.a, .aaaa].contains(records.entries[entries[position]].type) {
            let data = records.data(entries[position])
            addresses.insert((0..<data.count).map { data.u8($0) })
        }
        return addresses
    }
}
