/// Which delegations are the same: those whose names have one parent, with the same name servers.
///
/// In a zone of delegations most are, wherever in it they stand. Their referral is made once, for the first of them.
extension ZoneIndex {
    /// Notes for each cut the first whose referral has the same octets.
    mutating func findModels(_ zone: Zone, _ work: ZoneWork) {
        let pieces = work.pieces(of: zone.entries.count)
        let (count, index) = (nodes.count, self)
        let keys = Column<UInt64>(count: count, allocate: work.allocate)
        let models = Column<UInt32>(count: count, allocate: work.allocate)
        let counts = work.map(pieces) { piece in
            let records = ZoneRecords(zone, index)
            var counts = [Int](repeating: 0, count: pieces)
            for node in ZoneWork.range(piece, of: pieces, count: count) {
                guard let key = index.referralKey(of: node, records) else { continue }
                keys[node] = key
                counts[NameTable.part(of: key, parts: pieces)] += 1
            }
            return counts
        }
        let table = NameTable(parts: pieces, counts, allocate: work.allocate)
        _ = work.map(pieces) { part in
            let records = ZoneRecords(zone, index)
            table.insert(keys, part: part, withoutZeros: true) {
                index.isSameReferral($0, $1, records)
            } repeated: { model, node in
                models[node] = UInt32(truncatingIfNeeded: model)
            }
        }
        self.models = models
    }

    /// The cut whose referral is that of `node`, if it is another one.
    @inline(__always)
    func model(of node: Int) -> Int? {
        guard node < models.count, models[node] != 0 else { return nil }
        return Int(models[node])
    }

    /// Notes the places of shared blocks, in a heap that begins at `heap` of the region and has all entries at `places`.
    func shareReferrals(_ region: MemoryRegion, heap: Int, _ places: Column<UInt32>, _ range: Range<Int>) {
        let octets = region.octets
        for node in range {
            guard let model = model(of: node) else { continue }
            let place = servers(of: heap &+ Int(places[model]) &* 4, octets)
            region.store(octets.u32(place), at: servers(of: heap &+ Int(places[node]) &* 4, octets))
        }
    }

    /// Where the entry of a cut, at `entry`, has the place of its NS set.
    private func servers(of entry: Int, _ octets: Octets) -> Int {
        var set = entry &+ 4 &+ (Int(octets.u8(entry)) &+ 3) & ~3
        while octets.u16(set) != RecordType.ns.rawValue { set &+= 8 }
        return set &+ 4
    }

    /// A hash of what the referral is made of, never 0; nil where it is none, or has names that end as the cut's does.
    private func referralKey(of number: Int, _ records: ZoneRecords) -> UInt64? {
        let node = nodes[number]
        guard node.marks.contains(.zoneCut), !node.marks.contains(.isWildcard), !isHidden(number) else { return nil }
        var hash = seed ^ UInt64(parents[number])
        let entries = records.entries(of: node)
        for position in 0..<entries.count {
            let record = records.entries[entries[position]]
            guard record.type == .ns else { continue }
            if records.isInDomain(record, of: node) { return nil }
            hash = records.octets.hash(Int(record.data), count: Int(record.dataCount), hash ^ UInt64(record.ttl))
        }
        return hash | 1
    }

    private func isSameReferral(_ left: Int, _ right: Int, _ records: ZoneRecords) -> Bool {
        let (one, other) = (nodes[left], nodes[right])
        // The part of the names that may be pointed at, case included.
        let (start, otherStart) = (records.parent(of: one), records.parent(of: other))
        let count = Int(one.name) + Int(one.nameCount) - start
        guard parents[left] == parents[right], count == Int(other.name) + Int(other.nameCount) - otherStart,
            records.octets.isEqual(start, otherStart, count: count)
        else { return false }
        let (entries, others) = (records.entries(of: one), records.entries(of: other))
        var (next, otherNext) = (0, 0)
        while true {
            while next < entries.count, records.entries[entries[next]].type != .ns { next += 1 }
            while otherNext < others.count, records.entries[others[otherNext]].type != .ns { otherNext += 1 }
            guard next < entries.count, otherNext < others.count else {
                return next == entries.count && otherNext == others.count
            }
            let (record, another) = (records.entries[entries[next]], records.entries[others[otherNext]])
            guard record.ttl == another.ttl, record.dataCount == another.dataCount,
                records.octets.isEqual(Int(record.data), Int(another.data), count: Int(record.dataCount))
            else { return false }
            next += 1
            otherNext += 1
        }
    }
}

extension ZoneRecords {
    /// Where the parent of a node's name begins.
    fileprivate func parent(of node: ZoneIndex.Node) -> Int { Int(node.name) + 1 + Int(octets.u8(Int(node.name))) }
}
