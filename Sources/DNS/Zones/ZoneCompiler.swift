/// Writes a compiled zone: see `CompiledZone` for the layout.
///
/// Ranges of names are compiled into heaps of their own, possibly at the same time, which are laid one behind the other
/// then; only equal blocks of one range are stored once.
struct ZoneCompiler: ~Copyable {
    var zone: Zone
    var index: ZoneIndex
    private let work: ZoneWork
    /// How the zone denies.
    let denial: DenialParameters
    /// Where each node's entry is.
    let places: Column<UInt32>

    init(_ zone: consuming CheckedZone, _ work: ZoneWork) {
        denial = DenialParameters(zone)
        self.zone = zone.zone
        index = zone.index
        self.work = work
        places = Column(count: index.nodes.count, allocate: work.allocate)
    }

    /// Makes the zone, in memory for the count of octets it takes; nil where that is more than places reach.
    consuming func compile() -> CompiledZone? {
        let origin = zone.origin
        let serial = SerialNumber(soaField(fromEnd: 20))
        let count = index.nodes.count
        let pieces = work.pieces(of: zone.entries.count)
        let parts = compileParts(pieces)
        let starts = parts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
        let entriesCount = starts[pieces]
        guard starts[parts.count] / 4 < Int(UInt32.max) else { return nil }
        index.forgetNames()
        // What the proofs are made of is not needed where there are none.
        if denial.kind == .none { zone = Zone(origin: origin) }

        let slotCount = count + count / 2 + 8
        let heapStart = slotCount * 8 + (origin.count + 7) & ~7
        let saltStart = heapStart + starts[parts.count]
        let proofStart = (saltStart + denial.salt.count + 7) & ~7
        let places = places
        let index = index
        work.forEach(piecesOf: pieces, count: pieces) { for piece in $0 {
            parts[piece].move(to: starts[piece], ZoneWork.range(piece, of: pieces, count: count), places)
        } }
        let proofs = sortedProofs()
        let region = work.allocate(proofStart + proofs.count * 8)
        work.parallel(parts.count) { parts[$0].copy(to: region, at: heapStart + starts[$0]) }
        fillSlots(region, slotCount, min(pieces, work.parts(of: count)))
        region.fill(origin.wire, at: slotCount * 8)
        region.fill(denial.salt, at: saltStart)
        region.fill(proofs, at: proofStart)
        let labels = UInt8(truncatingIfNeeded: origin.labelCount)
        let layout = ZoneLayout(
            origin: slotCount * 8, heap: heapStart, entriesEnd: heapStart + entriesCount,
            slotCount: UInt32(truncatingIfNeeded: slotCount),
            originCount: UInt8(truncatingIfNeeded: origin.count), originLabels: labels,
            deepestLabels: labels + parts.reduce(0) { max($0, $1.deepest) },
            negative: UInt32(truncatingIfNeeded: entriesCount / 4), isSigned: denial.isSigned, denial: denial.kind,
            proofs: proofStart,
            proofCount: UInt32(truncatingIfNeeded: proofs.count / 2), salt: saltStart,
            saltCount: UInt8(truncatingIfNeeded: denial.salt.count), iterations: denial.iterations)
        if !proofs.isEmpty { fillInProofs(region, layout, work, pieces: pieces) }
        return CompiledZone(
            origin: origin, serial: serial, recordCount: parts.reduce(0) { $0 + $1.recordCount }, region: region,
            layout: layout, seed: index.seed)
    }

    /// The entries piece by piece, and the SOA record of negative answers behind them.
    private func compileParts(_ pieces: Int) -> [CompiledPart] {
        let (zone, index, denial, places, allocate) = (zone, index, denial, places, work.allocate)
        let ttl = negativeTTL()
        return work.map(pieces + 1) { piece in
            let range = piece < pieces ? ZoneWork.range(piece, of: pieces, count: index.nodes.count) : 0..<0
            var part = PartCompiler(zone, index, range, isProved: denial.kind != .none, allocate)
            if piece < pieces { part.writeEntries(zone, places) } else { part.writeNegative(zone, ttl: ttl) }
            return part.finish()
        }
    }

    /// RFC 2308 §3.
    private func negativeTTL() -> UInt32 {
        guard let soa = apexRecord(.soa) else { return 0 }
        return min(zone.entries[soa].ttl, soaField(fromEnd: 4))
    }

    /// Enters the names that can be found, each range of slots by itself. Linear probing; at two thirds full a name is
    /// found in two steps on average.
    private func fillSlots(_ region: MemoryRegion, _ slotCount: Int, _ parts: Int) {
        let (index, places) = (index, places)
        let slots = Column<UInt64>(region, count: slotCount)
        let late = work.map(parts) { part in
            index.fill(slots, ZoneWork.range(part, of: parts, count: slotCount), places)
        }
        // What found no room in its range goes on into the next.
        for node in late.joined() {
            var slot = ZoneLayout.slot(of: index.hashes[node], slotCount: UInt32(truncatingIfNeeded: slotCount))
            while slots[slot] != 0 { slot = slot + 1 == slotCount ? 0 : slot + 1 }
            slots[slot] = ZoneLayout.slot(hash: index.hashes[node], place: places[node]).littleEndian
        }
    }

    func apexRecord(_ type: RecordType) -> Int? {
        let records = ZoneRecords(zone, index)
        return records.entries(of: index.nodes[ZoneIndex.apex]).first { records.entries[$0].type == type }
    }

    /// One of the five numbers at the SOA's end (RFC 1035 §3.3.13).
    private func soaField(fromEnd offset: Int) -> UInt32 {
        guard let soa = apexRecord(.soa) else { return 0 }
        let data = zone.data(of: zone.entries[soa])
        guard data.count >= 20 else { return 0 }
        return data[(data.endIndex - offset)...].prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }
}

extension ZoneIndex {
    /// Whether no question finds a node: data below a cut, or an owner of nothing but NSEC3 records.
    @inline(__always)
    func isHidden(_ node: Int) -> Bool {
        standings[node].contains(.belowCut) || nodes[node].marks.contains(.isHashed)
    }

    /// Enters the names whose place is in the range of slots; gives those for which there is no room left.
    fileprivate func fill(_ slots: Column<UInt64>, _ range: Range<Int>, _ places: Column<UInt32>) -> [Int] {
        let slotCount = UInt32(truncatingIfNeeded: slots.count)
        var late: [Int] = []
        var batch = InlineArray<32, Int>(repeating: 0)
        var waiting = 0
        var node = 0
        while node < nodes.count || waiting > 0 {
            while node < nodes.count, waiting < 32 {
                let slot = ZoneLayout.slot(of: hashes[node], slotCount: slotCount)
                if range.contains(slot), places[node] != ZoneLayout.nowhere, !isHidden(node) {
                    slots.prefetch(slot)
                    batch[waiting] = node
                    waiting &+= 1
                }
                node &+= 1
            }
            for position in 0..<waiting {
                let hash = hashes[batch[position]]
                var slot = ZoneLayout.slot(of: hash, slotCount: slotCount)
                while slot < range.upperBound, slots[slot] != 0 { slot &+= 1 }
                if slot < range.upperBound {
                    slots[slot] = ZoneLayout.slot(hash: hash, place: places[batch[position]]).littleEndian
                } else {
                    late.append(batch[position])
                }
            }
            waiting = 0
        }
        return late
    }
}

extension ZoneLayout {
    /// Where looking for a hash begins: its upper half, scaled to the number of slots.
    @inline(__always)
    static func slot(of hash: UInt64, slotCount: UInt32) -> Int {
        Int(truncatingIfNeeded: ((hash &>> 32) &* UInt64(slotCount)) &>> 32)
    }

    /// The place is stored counted from 1, so that no slot in use is zero.
    static func slot(hash: UInt64, place: UInt32) -> UInt64 {
        (hash & 0xFFFF_FFFF) &<< 32 | UInt64(place &+ 1)
    }
}
