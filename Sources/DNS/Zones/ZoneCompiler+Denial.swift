/// How a signed zone denies, read off its apex.
struct DenialParameters {
    var kind = ZoneLayout.Denial.none
    /// Whether the SOA record has a signature: without one the zone's NSEC records prove nothing.
    var isSigned = false
    var iterations: UInt16 = 0
    var salt: [UInt8] = []

    /// NSEC3 where an NSEC3PARAM record announces a chain (RFC 5155 §4), else NSEC where the apex has one.
    init(_ zone: borrowing CheckedZone) {
        let records = ZoneRecords(zone.zone, zone.index)
        let entries = records.entries(of: zone.index.nodes[ZoneIndex.apex])
        isSigned = entries.position { records.entries[$0].type == .rrsig && records.type($0) == .soa } != nil
        if !isSigned { return }
        for position in 0..<entries.count {
            let record = zone.zone.entries[entries[position]]
            let data = zone.zone.data(of: record)
            // Algorithm 1, SHA-1, and no flags: anything else announces no chain that is complete.
            if record.type == .nsec3param, kind != .hashes, data.count >= 5, data[0] == 1, data[1] == 0 {
                kind = .hashes
                iterations = UInt16(data[2]) << 8 | UInt16(data[3])
                salt = Array(data[5...])
            } else if record.type == .nsec, kind == .none {
                kind = .names
            }
        }
    }

    /// Whether an NSEC3 record belongs to this chain.
    func matches(_ data: [UInt8]) -> Bool {
        data.count >= 5 && data[0] == 1 && UInt16(data[2]) << 8 | UInt16(data[3]) == iterations
            && data[5...].starts(with: salt) && Int(data[4]) == salt.count
    }
}

extension ZoneCompiler {
    /// The owners of the chain in order, key and place of each, and how many; behind them the levels of keys, as
    /// `CompiledZone` draws them.
    func sortedProofs() -> (words: [UInt64], count: Int) {
        guard denial.kind != .none else { return ([], 0) }
        var owners: [(key: UInt64, node: Int)] = []
        var name = LookupName()
        let records = ZoneRecords(zone, index)
        for node in 0..<index.nodes.count where places[node] != ZoneLayout.nowhere {
            if let key = key(of: node, records, &name) { owners.append((key, node)) }
        }
        owners.sort { (left: (key: UInt64, node: Int), right: (key: UInt64, node: Int)) -> Bool in
            left.key == right.key
                ? Name(validatedWire: self.name(of: left.node))
                    < Name(validatedWire: self.name(of: right.node))
                : left.key < right.key
        }
        var words: [UInt64] = []
        words.reserveCapacity(owners.count * 2)
        for owner in owners {
            words.append(owner.key.littleEndian)
            words.append(UInt64(places[owner.node]).littleEndian)
        }
        return (words + ProofLevels.keys(of: words), owners.count)
    }

    private func name(of node: Int) -> [UInt8] {
        ZoneCompiler.name(of: index.nodes[node], in: zone)
    }

    private static func name(of node: ZoneIndex.Node, in zone: Zone) -> [UInt8] {
        Array(zone.octets[Int(node.name)..<(Int(node.name) + Int(node.nameCount))])
    }

    /// What the owner is sorted by; nil where it is not of the chain.
    private func key(of node: Int, _ records: ZoneRecords, _ name: inout LookupName) -> UInt64? {
        let entries = records.entries(of: index.nodes[node])
        for position in 0..<entries.count {
            let record = zone.entries[entries[position]]
            if denial.kind == .hashes, record.type == .nsec3, denial.matches(zone.data(of: record)) {
                return Base32Hex.prefix(self.name(of: node).dropFirst().prefix(32))
            }
            if denial.kind == .names, record.type == .nsec, !index.isHidden(node) {
                guard name.load(self.name(of: node), seed: 0) == nil else { return nil }
                return CanonicalKey.key(of: name, originLabels: zone.origin.labelCount)
            }
        }
        return nil
    }

    /// Looks up, for each name that can be found, what proves it and what proves that no `*` is below it.
    func fillInProofs(_ region: MemoryRegion, _ layout: ZoneLayout, _ work: ZoneWork, pieces: Int) {
        let (zone, index, places) = (zone, index, places)
        work.forEach(piecesOf: pieces, count: index.nodes.count) { range in
            let view = ZoneView(region.octets, layout)
            var name = LookupName()
            for node in range where places[node] != ZoneLayout.nowhere {
                let entry = view.entry(at: places[node])
                guard entry.marks.contains(.hasProofs) else { continue }
                let wire = ZoneCompiler.name(of: index.nodes[node], in: zone)
                guard name.load(wire, seed: 0) == nil else { continue }
                let own = view.ownProof(of: name, entry, at: places[node])
                region.store(own ?? ZoneLayout.nowhere, at: entry.proofs)
                guard wire.count + 2 <= Name.maximumCount, name.load([1, 0x2A] + wire, seed: 0) == nil else {
                    continue
                }
                // Where the wildcard exists after all, nothing denies it.
                if layout.denial == .hashes, view.owner(ofHash: view.hash(of: name, labels: name.labelCount)) != nil {
                    continue
                }
                let wildcard = view.proof(against: name, labels: name.labelCount)
                region.store(wildcard ?? ZoneLayout.nowhere, at: entry.proofs + 4)
            }
        }
    }
}

extension ZoneView {
    fileprivate func ownProof(of name: borrowing LookupName, _ entry: ZoneView.Entry, at place: UInt32) -> UInt32? {
        if layout.denial == .hashes { return owner(ofHash: hash(of: name, labels: name.labelCount)) }
        return block(.nsec, of: entry) != nil ? place : owner(before: name)
    }
}
