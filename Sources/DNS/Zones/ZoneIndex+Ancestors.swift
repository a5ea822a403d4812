/// What connects the nodes of a zone: parents, empty non-terminals, and what stands below a cut.
extension ZoneIndex {
    /// Gives each node its parent; makes the empty non-terminals.
    mutating func connect(_ zone: Zone, _ pieces: Int, _ work: ZoneWork) {
        let index = self
        let count = nodes.count
        let missing = work.map(pieces) {
            index.findParents(of: zone, ZoneWork.range($0, of: pieces, count: count))
        }
        addMissing(missing.flatMap { $0 }, zone, work)
        for node in 0..<nodes.count where nodes[node].marks.contains(.isWildcard) {
            nodes[Int(parents[node])].marks.insert(.hasWildcard)
        }
    }

    /// Gives those of the nodes whose parent has no records.
    private func findParents(of zone: Zone, _ range: Range<Int>) -> [UInt32] {
        let records = ZoneRecords(zone)
        var missing: [UInt32] = []
        var name = LookupName()
        var last = ZoneIndex.apex
        for number in range {
            let node = nodes[number]
            // The apex is the parent of most.
            guard node.depth > 1, !node.marks.contains(.isVoid) else { continue }
            let skipped = 1 + Int(records.octets.u8(Int(node.name)))
            let (start, count) = (Int(node.name) + skipped, Int(node.nameCount) - skipped)
            // Often the name before, or the parent of the name before.
            if isName(of: number - 1, start, count, records) {
                last = number - 1
            } else if isName(of: last, start, count, records) {
                // It stays.
            } else if name.load(records.octets, at: start, seed: seed) == nil,
                let parent = owners.find(
                    name.hash(ofSuffix: name.labelCount),
                    where: {
                        isName(of: $0, start, count, records)
                    })
            {
                last = parent
            } else {
                missing.append(UInt32(truncatingIfNeeded: number))
                continue
            }
            parents[number] = UInt32(truncatingIfNeeded: last)
        }
        return missing
    }

    /// An empty non-terminal that is to be a node.
    private struct Addition {
        let node: Node
        let hash: UInt64
        let parent: Int
    }

    /// Makes the empty non-terminals above nodes without a parent.
    private mutating func addMissing(_ missing: [UInt32], _ zone: Zone, _ work: ZoneWork) {
        if missing.isEmpty { return }
        let records = ZoneRecords(zone)
        others = NameTable(
            parts: 1, count: missing.reduce(0) { $0 + Int(nodes[Int($1)].depth) }, allocate: work.allocate)
        var added: [Addition] = []
        var name = LookupName()
        for child in missing {
            _ = name.load(records.octets, at: Int(nodes[Int(child)].name), seed: seed)
            let parent = addAncestors(of: nodes[Int(child)], name, records, to: &added)
            parents[Int(child)] = UInt32(truncatingIfNeeded: parent)
        }
        let ownersCount = nodes.count
        nodes = nodes.extended(to: ownersCount + added.count, allocate: work.allocate)
        hashes = hashes.extended(to: nodes.count, allocate: work.allocate)
        parents = parents.extended(to: nodes.count, allocate: work.allocate)
        for index in added.indices {
            nodes[ownersCount + index] = added[index].node
            hashes[ownersCount + index] = added[index].hash
            parents[ownersCount + index] = UInt32(truncatingIfNeeded: added[index].parent)
        }
    }

    /// Adds what is missing above a node, whose name is `name`. Gives its parent.
    private func addAncestors(
        of owner: Node, _ name: borrowing LookupName, _ records: ZoneRecords, to added: inout [Addition]
    ) -> Int {
        var depth = Int(owner.depth) - 1
        var parent = ZoneIndex.apex
        // Up from the name to the first that is known, and down again.
        while depth > 0 {
            if let known = ancestor(of: owner, labels: originLabelCount + depth, name, records, added) {
                parent = known
                break
            }
            depth -= 1
        }
        while depth < Int(owner.depth) - 1 {
            depth += 1
            let start = name.offset(ofSuffix: originLabelCount + depth)
            let hash = name.hash(ofSuffix: originLabelCount + depth)
            var node = Node(
                name: owner.name + UInt32(truncatingIfNeeded: start),
                nameCount: owner.nameCount - UInt8(truncatingIfNeeded: start),
                depth: UInt8(truncatingIfNeeded: depth))
            if records.octets.u16(Int(node.name)) == 0x012A { node.marks.insert(.isWildcard) }
            let number = nodes.count + added.count
            _ = others.insert(hash, number) { _ in false }
            added.append(Addition(node: node, hash: hash, parent: parent))
            parent = number
        }
        return parent
    }

    /// The node of a name's suffix, which may be one that was just added.
    private func ancestor(
        of owner: Node, labels: Int, _ name: borrowing LookupName, _ records: ZoneRecords, _ added: [Addition]
    ) -> Int? {
        let offset = name.offset(ofSuffix: labels)
        let hash = name.hash(ofSuffix: labels)
        let (start, count) = (Int(owner.name) + offset, Int(owner.nameCount) - offset)
        if let node = owners.find(hash, where: { isName(of: $0, start, count, records) }) { return node }
        return others.find(hash) { number in
            let node = added[number - nodes.count].node
            return Int(node.nameCount) == count && records.isSame(Int(node.name), start, count: count)
        }
    }

    /// What the names above each node say of it.
    func noteStandings(_ pieces: Int, _ work: ZoneWork) {
        let index = self
        let fromApex: Standing = nodes[ZoneIndex.apex].marks.contains(.hasDNAME) ? .belowDNAME : []
        work.forEach(piecesOf: pieces, count: nodes.count) { range in
            for node in range where node != ZoneIndex.apex {
                var standing = fromApex
                if index.nodes[node].marks.contains(.isHashed) { standing.insert(.isHashed) }
                var above = Int(index.parents[node])
                while above != ZoneIndex.apex {
                    let marks = index.nodes[above].marks
                    if marks.contains(.zoneCut) { standing.insert(.belowCut) }
                    if marks.contains(.hasDNAME) { standing.insert(.belowDNAME) }
                    above = Int(index.parents[above])
                }
                index.standings[node] = standing
            }
        }
    }
}
