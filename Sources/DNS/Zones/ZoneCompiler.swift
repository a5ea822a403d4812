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
        if index.hasCuts { index.findModels(zone, work) }
        let found = index.numberOfFound
        let slotCount = found + found / 2 + 8
        let pieces = work.pieces(of: zone.entries.count)
        let estimates = estimates(pieces)
        var room = Room(heap: slotCount * 8 + (origin.count + 7) & ~7, capacities: estimates.map(\.octets))
        guard room.heapCount / 4 < Int(UInt32.max) else { return nil }
        // Salt and proofs stand behind the heap, at a multiple of 8.
        let behind = 8 + denial.salt.count + (denial.kind == .none ? 0 : count * 18)
        // Only referrals look names up.
        if !index.hasCuts { index.forgetNames() }
        var region = work.allocate(room.heap + room.heapCount + behind)
        let parts = compileParts(estimates, region, room)
        index.forgetNames()
        // What the proofs are made of is not needed where there are none.
        if denial.kind == .none { zone = Zone(origin: origin) }
        let starts = parts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
        let heapCount = starts[parts.count]
        guard heapCount / 4 < Int(UInt32.max) - 128 else { return nil }
        let (places, nodes) = (places, count)
        work.forEach(piecesOf: pieces, count: pieces) { range in
            for piece in range {
                parts[piece].move(to: starts[piece], ZoneWork.range(piece, of: pieces, count: nodes), places)
            }
        }
        region = room.lay(parts, starts, in: region, behind: behind, allocate: work.allocate)
        if index.hasCuts {
            let (index, region, heap) = (index, region, room.heap)
            work.forEach(piecesOf: pieces, count: count) { index.shareReferrals(region, heap: heap, places, $0) }
        }
        fillSlots(region, slotCount, pieces)
        region.fill(origin.wire, at: slotCount * 8)
        let saltStart = room.heap + heapCount
        let proofStart = saltStart + (denial.salt.count + 3) & ~3
        let (proofs, proofCount) = sortedProofs()
        region.fill(denial.salt, at: saltStart)
        region.fill(proofs, at: proofStart)
        let labels = UInt8(truncatingIfNeeded: origin.labelCount)
        let layout = ZoneLayout(
            heap: room.heap, slotCount: UInt32(truncatingIfNeeded: slotCount),
            negative: UInt32(truncatingIfNeeded: starts[pieces] / 4),
            saltPlace: UInt32(truncatingIfNeeded: heapCount / 4),
            proofsPlace: UInt32(truncatingIfNeeded: (proofStart - room.heap) / 4),
            proofCount: UInt32(truncatingIfNeeded: proofCount), iterations: denial.iterations,
            saltCount: UInt8(truncatingIfNeeded: denial.salt.count),
            originCount: UInt8(truncatingIfNeeded: origin.count), originLabels: labels,
            deepestLabels: labels + parts.reduce(0) { max($0, $1.deepest) }, isSigned: denial.isSigned,
            denial: denial.kind)
        if !proofs.isEmpty { fillInProofs(region, layout, work, pieces: pieces) }
        return CompiledZone(
            origin: origin, serial: serial, recordCount: parts.reduce(0) { $0 + $1.recordCount },
            region: region.fitted(to: proofStart + proofs.count * 8, allocate: work.allocate), layout: layout,
            seed: index.seed)
    }

    /// Of each piece, and of the SOA record of negative answers behind them.
    private func estimates(_ pieces: Int) -> [PartCompiler.Estimate] {
        let (zone, index, isProved) = (zone, index, denial.kind != .none)
        @Sendable func estimate(_ range: Range<Int>) -> PartCompiler.Estimate {
            PartCompiler.estimate(zone, index, range, isProved: isProved)
        }
        let count = index.nodes.count
        return work.map(pieces) { estimate(ZoneWork.range($0, of: pieces, count: count)) } + [estimate(0..<1)]
    }

    /// The entries piece by piece, and the SOA record of negative answers behind them.
    private func compileParts(
        _ estimates: [PartCompiler.Estimate], _ region: MemoryRegion, _ room: Room
    ) -> [CompiledPart] {
        let (zone, index, isProved, places, allocate) = (zone, index, denial.kind != .none, places, work.allocate)
        let (ttl, pieces) = (negativeTTL(), estimates.count - 1)
        let forgets = canForget(estimates)
        @Sendable func part(_ piece: Int) -> CompiledPart {
            let range = piece < pieces ? ZoneWork.range(piece, of: pieces, count: index.nodes.count) : 0..<0
            let heap = GrowingOctets(region, room.range(piece), allocate: allocate)
            var part = PartCompiler(
                index, range, heap, isProved: isProved, blocks: estimates[piece].blocks, forgets: forgets, allocate)
            if piece < pieces { part.writeEntries(zone, places) } else { part.writeNegative(zone, ttl: ttl) }
            return part.finish()
        }
        let negative = part(pieces)
        return work.map(pieces) { part($0) } + [negative]
    }

    /// Whether each piece reads only its own records, and nobody reads them after it.
    private func canForget(_ estimates: [PartCompiler.Estimate]) -> Bool {
        var end = 0
        for estimate in estimates.dropLast() {
            if !estimate.isPlain || estimate.firstEntry < end { return false }
            end = max(end, estimate.entriesEnd)
        }
        return !index.hasCuts && denial.kind == .none
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

/// Where the parts of a heap are written, before it is known how long each becomes.
private struct Room {
    /// Where the heap begins in the region.
    private(set) var heap: Int
    private let bounds: [Int]

    /// Parts that are so little apart are moved up to the last, and not down to the first.
    private static let smallGap = 1 << 12

    init(heap: Int, capacities: [Int]) {
        self.heap = heap
        bounds = capacities.reduce(into: [heap]) { $0.append($0[$0.count - 1] + $1) }
    }

    var heapCount: Int { bounds[bounds.count - 1] - heap }

    func range(_ part: Int) -> Range<Int> { bounds[part]..<bounds[part + 1] }

    /// Lays the parts, which begin at `starts` of the heap, one behind the other. Gives the region that holds them then.
    mutating func lay(
        _ parts: [CompiledPart], _ starts: [Int], in region: MemoryRegion, behind: Int,
        allocate: (Int) -> MemoryRegion
    ) -> MemoryRegion {
        guard parts.allSatisfy({ $0.isInside(region) }) else {
            let larger = allocate(heap + starts[parts.count] + behind)
            for part in parts.indices { parts[part].copy(to: larger, at: heap + starts[part]) }
            return larger
        }
        let last = parts.count - 1
        let gap = bounds[last] - heap - starts[last]
        if gap <= Room.smallGap {
            heap += gap
            for part in parts.indices.reversed() { parts[part].copy(to: region, at: heap + starts[part]) }
        } else {
            for part in parts.indices { parts[part].copy(to: region, at: heap + starts[part]) }
        }
        return region
    }
}

extension ZoneIndex {
    /// Whether no question finds a node: data below a cut, or an owner of nothing but NSEC3 records.
    @inline(__always)
    func isHidden(_ node: Int) -> Bool { !standings[node].isDisjoint(with: [.belowCut, .isHashed]) }

    /// How many names questions can find.
    fileprivate var numberOfFound: Int {
        var count = 0
        for node in 0..<nodes.count where !isHidden(node) && !nodes[node].marks.contains(.isVoid) { count &+= 1 }
        return count
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
