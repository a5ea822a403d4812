import DNS

/// Makes signed zones of unsigned ones: the chains of RFC 4035 §2.3 and RFC 5155 §7.1 are whole and true, the keys and
/// signatures only look like some, since a server checks none.
struct Signer {
    enum Denial: CaseIterable { case nsec, nsec3, optOut }

    let denial: Denial
    let parameters: HashParameters

    func signed(_ zone: ZoneSet.Zone) throws -> ZoneSet.Zone {
        var zone = zone
        zone.records.removeAll { $0.type == .nsec || $0.type == .rrsig }
        zone.records.append(try record(zone.origin, .dnskey, "257 3 13 " + Self.signature))
        if denial != .nsec { zone.records.append(try record(zone.origin, .nsec3param, "1 0 \(parametersText)")) }
        let specification = Specification.Zone(origin: zone.origin, records: zone.records)
        zone.records += denial == .nsec ? try nsecs(of: specification) : try nsec3s(of: specification)
        zone.records += try signatures(of: Specification.Zone(origin: zone.origin, records: zone.records))
        return zone
    }

    private static let signature = String(repeating: "Sign", count: 16)

    private var parametersText: String {
        let salt = parameters.salt.map { String(0x100 + Int($0), radix: 16).dropFirst() }.joined()
        return "\(parameters.iterations) \(salt.isEmpty ? "-" : salt)"
    }

    private func record(_ owner: Name, _ type: RecordType, _ data: String) throws -> Record {
        Record(owner: owner, ttl: 300, data: try RecordData(type, data))
    }

    /// RFC 4035 §2.2: the types that are signed at a name: at a cut DS and NSEC alone, below it none.
    private func authoritativeTypes(at owner: Name, in zone: Specification.Zone) -> [RecordType] {
        if isBelowCut(owner, zone) { return [] }
        let types = Set(zone.records(at: owner).map(\.type)).filter { $0 != .rrsig }
        return types.filter { !zone.isCut(owner) || $0 == .ds || $0 == .nsec }.sorted { $0.rawValue < $1.rawValue }
    }

    private func isBelowCut(_ name: Name, _ zone: Specification.Zone) -> Bool {
        (zone.origin.labelCount..<name.labelCount).contains { zone.isCut(name.suffix(labels: $0)) }
    }

    private func owners(of zone: Specification.Zone) -> [Name] {
        Set(zone.records.map(\.owner)).filter { !isBelowCut($0, zone) }.sorted()
    }

    // MARK: Chains

    /// RFC 4035 §2.3: one at each name that has authoritative data or is a cut, in canonical order, the last one's next
    /// being the apex.
    private func nsecs(of zone: Specification.Zone) throws -> [Record] {
        let owners = owners(of: zone)
        return try owners.indices.map { index in
            let next = owners[(index + 1) % owners.count]
            return try record(owners[index], .nsec, "\(next) \(bitmap(at: owners[index], zone, with: [.nsec, .rrsig]))")
        }
    }

    /// RFC 5155 §7.1: one for each name and each empty non-terminal; with opt-out none for a cut without DS, nor for
    /// what exists only because of it.
    private func nsec3s(of zone: Specification.Zone) throws -> [Record] {
        let isLeftOut = { (name: Name) in denial == .optOut && zone.isCut(name) && zone.rrset(.ds, at: name).isEmpty }
        var names: Set<Name> = [zone.origin]
        for owner in owners(of: zone) where !isLeftOut(owner) {
            for labels in zone.origin.labelCount...owner.labelCount { names.insert(owner.suffix(labels: labels)) }
        }
        let hashes = names.map { (hash: parameters.hash($0), name: $0) }.sorted {
            $0.hash.lexicographicallyPrecedes($1.hash)
        }
        return try hashes.indices.compactMap { index in
            let next = String(decoding: HashParameters.encode(hashes[(index + 1) % hashes.count].hash), as: UTF8.self)
            let flags = denial == .optOut ? 1 : 0
            let types = bitmap(at: hashes[index].name, zone, with: [])
            guard let owner = Label(HashParameters.encode(hashes[index].hash)).flatMap({ zone.origin.prepending($0) })
            else {
                return nil
            }
            return try record(owner, .nsec3, "1 \(flags) \(parametersText) \(next) \(types)")
        }
    }

    private func bitmap(at name: Name, _ zone: Specification.Zone, with others: [RecordType]) -> String {
        var types = Set(zone.records(at: name).map(\.type))
        if zone.isCut(name) { types.formIntersection([.ns, .ds]) }
        if !authoritativeTypes(at: name, in: zone).isEmpty { types.insert(.rrsig) }
        return types.union(others).sorted { $0.rawValue < $1.rawValue }.map { "\($0)" }.joined(separator: " ")
    }

    // MARK: Signatures

    private func signatures(of zone: Specification.Zone) throws -> [Record] {
        try owners(of: zone).flatMap { owner in
            try authoritativeTypes(at: owner, in: zone).map { type in
                let ttl = zone.rrset(type, at: owner).first?.ttl ?? 0
                let labels = owner.labelCount - (owner.isWildcard ? 1 : 0)
                let dates = "20300101000000 20200101000000"
                var signature = try record(
                    owner, .rrsig, "\(type) 13 \(labels) \(ttl) \(dates) 1 \(zone.origin) \(Self.signature)")
                signature.ttl = ttl
                return signature
            }
        }
    }
}
