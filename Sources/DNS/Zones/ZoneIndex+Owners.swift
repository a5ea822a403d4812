/// The nodes of a zone: its owners.
extension ZoneIndex {
    /// What was seen of a piece's owners.
    struct Runs {
        /// Nodes whose entries are not in the order of types.
        var unsorted: [UInt32] = []
        /// How many names belong into each part of the table.
        var counts: [Int]
        /// Whether there is a zone cut or a DNAME record.
        var hasCuts = false
        /// Whether there is an owner of nothing but NSEC3 records.
        var hasHashes = false
        var hasSignatures = false
    }

    /// Cuts the entries into pieces, between two owners.
    static func bounds(of zone: Zone, _ pieces: Int) -> [Int] {
        let count = zone.entries.count
        return (0...pieces).map { piece in
            var bound = count * piece / pieces
            while bound > 0, bound < count, zone.entries[bound].owner == zone.entries[bound - 1].owner { bound += 1 }
            return bound
        }
    }

    static func countOwners(of zone: Zone, _ range: Range<Int>) -> Int {
        let entries = zone.entries.span
        var last = UInt32.max
        var count = 0
        for index in range {
            if entries[index].owner != last { count &+= 1 }
            last = entries[index].owner
        }
        return count
    }

    func readApex(_ zone: Zone) {
        var name = LookupName()
        _ = name.load(zone.origin.wire, seed: seed)
        hashes[ZoneIndex.apex] = name.hash(ofSuffix: name.labelCount)
        nodes[ZoneIndex.apex] = Node(
            name: Zone.originOffset, nameCount: UInt8(truncatingIfNeeded: originCount))
    }

    /// Makes the nodes of a piece, from number `first` on.
    func readOwners(of zone: Zone, _ range: Range<Int>, first: Int, parts: Int) -> Runs {
        let records = ZoneRecords(zone)
        var runs = Runs(counts: [Int](repeating: 0, count: parts))
        var name = LookupName()
        var number = first
        var start = range.lowerBound
        while start < range.upperBound {
            let owner = records.entries[start].owner
            var end = start &+ 1
            while end < range.upperBound, records.entries[end].owner == owner { end &+= 1 }
            _ = name.load(records.octets, at: Int(owner), seed: seed)
            let hash = name.hash(ofSuffix: name.labelCount)
            var node = Node(
                name: owner, firstEntry: UInt32(truncatingIfNeeded: start),
                entryCount: UInt32(truncatingIfNeeded: end &- start),
                nameCount: UInt8(truncatingIfNeeded: name.count),
                depth: UInt8(truncatingIfNeeded: name.labelCount &- originLabelCount))
            let isSorted = readTypes(of: &node, records, &runs.hasSignatures)
            if name.isWildcard, node.depth > 0 { node.marks.insert(.isWildcard) }
            if !isSorted { runs.unsorted.append(UInt32(truncatingIfNeeded: number)) }
            if !node.marks.isDisjoint(with: [.zoneCut, .hasDNAME]) { runs.hasCuts = true }
            if node.marks.contains(.isHashed) { runs.hasHashes = true }
            runs.counts[NameTable.part(of: hash, parts: parts)] &+= 1
            nodes[number] = node
            hashes[number] = hash
            number &+= 1
            start = end
        }
        return runs
    }

    /// Notes what a node's records say of it. Says whether they are in the order of types.
    @inline(__always)
    private func readTypes(of node: inout Node, _ records: ZoneRecords, _ hasSignatures: inout Bool) -> Bool {
        var isSorted = true
        var isHashed = true
        var last: UInt32 = 0
        for entry in Int(node.firstEntry)..<(Int(node.firstEntry) &+ Int(node.entryCount)) {
            let key = records.key(entry)
            if key < last { isSorted = false }
            last = key
            if key &>> 1 != UInt32(RecordType.nsec3.rawValue) { isHashed = false }
            switch records.entries[entry].type {
            case .ns: if node.depth > 0 { node.marks.insert(.zoneCut) }
            case .cname: node.marks.insert(.hasAlias)
            case .dname: node.marks.insert(.hasDNAME)
            case .rrsig: hasSignatures = true
            default: break
            }
        }
        if isHashed { node.marks.insert(.isHashed) }
        return isSorted
    }

    /// Fills the table, each part by itself; what has the name of an earlier node is merged into it.
    mutating func insertOwners(of zone: Zone, _ runs: [Runs], _ work: ZoneWork) {
        let parts = runs.count
        // One more for the apex.
        var counts = runs.map(\.counts)
        counts.append([Int](repeating: 1, count: parts))
        owners = NameTable(parts: parts, counts, allocate: work.allocate)
        let index = self
        let merged = work.map(parts) { index.insertOwners(of: zone, part: $0, of: parts) }
        for pairs in merged where !pairs.isEmpty { merge(pairs, zone) }
    }

    /// Gives the nodes that have the name of an earlier one: that one in the upper half, in order.
    private func insertOwners(of zone: Zone, part: Int, of parts: Int) -> [UInt64] {
        let records = ZoneRecords(zone)
        var merged: [UInt64] = []
        owners.insert(hashes, part: part) { earlier, node in
            nodes[earlier].nameCount == nodes[node].nameCount
                && records.isSame(Int(nodes[earlier].name), Int(nodes[node].name), count: Int(nodes[node].nameCount))
        } repeated: { earlier, node in
            merged.append(UInt64(earlier) &<< 32 | UInt64(node))
        }
        merged.sort()
        return merged
    }

    /// Gives the first node of each name all of its records.
    private mutating func merge(_ pairs: [UInt64], _ zone: Zone) {
        let records = ZoneRecords(zone)
        var keys: [UInt64] = []
        var start = 0
        while start < pairs.count {
            let first = Int(pairs[start] &>> 32)
            var end = start
            addKeys(of: first, records, to: &keys)
            while end < pairs.count, pairs[end] &>> 32 == UInt64(first) {
                let other = Int(pairs[end] & 0xFFFF_FFFF)
                addKeys(of: other, records, to: &keys)
                let isHashed: Marks =
                    nodes[first].entryCount == 0
                    ? nodes[other].marks : nodes[first].marks.intersection(nodes[other].marks)
                nodes[first].marks.formUnion(nodes[other].marks)
                if !isHashed.contains(.isHashed) { nodes[first].marks.remove(.isHashed) }
                nodes[first].entryCount += nodes[other].entryCount
                nodes[other].entryCount = 0
                nodes[other].marks = .isVoid
                end += 1
            }
            list(&keys, of: first)
            start = end
        }
    }

    mutating func list(_ unsorted: [UInt32], _ zone: Zone) {
        let records = ZoneRecords(zone)
        var keys: [UInt64] = []
        for node in unsorted where nodes[Int(node)].marks.isDisjoint(with: [.isListed, .isVoid]) {
            addKeys(of: Int(node), records, to: &keys)
            list(&keys, of: Int(node))
        }
    }

    /// What a node's entries are sorted by, and their numbers.
    private func addKeys(of node: Int, _ records: ZoneRecords, to keys: inout [UInt64]) {
        let start = Int(nodes[node].firstEntry)
        for entry in start..<(start + Int(nodes[node].entryCount)) {
            keys.append(UInt64(records.key(entry)) &<< 32 | UInt64(entry))
        }
    }

    private mutating func list(_ keys: inout [UInt64], of node: Int) {
        keys.sort()
        keep(keys.map { UInt32(truncatingIfNeeded: $0) }, of: node)
        keys.removeAll(keepingCapacity: true)
    }
}
