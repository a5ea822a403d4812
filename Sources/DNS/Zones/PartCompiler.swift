/// Writes the entries of a range of names, a batch at a time in passes, so that waits for memory overlap:
///
///     find    hash the servers of delegations               → where looking for them begins
///             read that                                     → their nodes
///             read those                                    → their names and lists, then addresses
///     build   make the blocks, one behind the other         → where looking for equal ones begins
///     write   the entries, and the blocks that are new
struct PartCompiler: ~Copyable {
    let index: ZoneIndex
    private let range: Range<Int>
    /// Whether places of proofs stand with the entries.
    private let isProved: Bool
    private var heap: GrowingOctets
    var builder = BlockBuilder()
    /// Where blocks stand in the heap, so that equal ones are stored once.
    private let known: NameTable
    /// Whether records are given back as soon as they are compiled.
    private let forgets: Bool
    var name = LookupName()
    private var deepest: UInt8 = 0
    private var recordCount = 0

    /// The sets of a batch, in order.
    private var sets: [BuiltSet] = []
    private var setCounts = InlineArray<32, Int>(repeating: 0)
    /// The name servers of a batch's delegations, in the order of their records.
    var servers: [Server] = []

    private struct BuiltSet {
        var type: RecordType
        var block: BlockBuilder.Place
        var hash: UInt64
    }

    /// A name server of a delegation: the entry of its NS record, and its node if it has one.
    struct Server {
        var entry: Int
        var hash: UInt64
        var host: Int
        /// Where its name stands in the block.
        var position = 0
        /// Whether it is the cut or stands below it.
        var isInDomain = false
    }

    private static let batchCount = 32
    /// Nodes that are given back together.
    private static let forgottenCount = 1 << 11

    init(
        _ index: ZoneIndex, _ range: Range<Int>, _ heap: consuming GrowingOctets, isProved: Bool,
        blocks: Int, forgets: Bool, _ allocate: (Int) -> MemoryRegion
    ) {
        self.index = index
        self.range = range
        self.isProved = isProved
        self.heap = heap
        self.forgets = forgets
        known = NameTable(parts: 1, count: blocks, allocate: allocate)
    }

    consuming func finish() -> CompiledPart {
        CompiledPart(heap, deepest: deepest, recordCount: recordCount)
    }

    /// Writes all entries of the range and notes where they are.
    mutating func writeEntries(_ zone: Zone, _ places: Column<UInt32>) {
        let index = index
        let records = ZoneRecords(zone, index)
        var start = range.lowerBound
        var forgotten = start
        while start < range.upperBound {
            let batch = start..<min(start + PartCompiler.batchCount, range.upperBound)
            findServers(batch, records)
            buildBlocks(batch, records)
            var set = 0
            for node in batch {
                let end = set + setCounts[node - start]
                places[node] = writeEntry(of: node, set..<end, records)
                set = end
            }
            start = batch.upperBound
            if forgets && start &- forgotten >= PartCompiler.forgottenCount && start < range.upperBound {
                forget(zone, forgotten..<start)
                forgotten = start
            }
        }
    }

    /// Gives back the memory of nodes whose entries are written, and that of their names and records.
    private func forget(_ zone: Zone, _ done: Range<Int>) {
        let (first, next) = (index.nodes[done.lowerBound], index.nodes[done.upperBound])
        if first.name < next.name { zone.octets.forget(Int(first.name)..<Int(next.name)) }
        if first.marks.isDisjoint(with: .isListed), next.marks.isDisjoint(with: .isListed),
            first.firstEntry < next.firstEntry
        {
            zone.entries.forget(Int(first.firstEntry)..<Int(next.firstEntry))
        }
        index.nodes.forget(done)
    }

    /// Writes the SOA record as it stands in negative answers.
    mutating func writeNegative(_ zone: Zone, ttl: UInt32) {
        let index = index
        let records = ZoneRecords(zone, index)
        let entries = records.entries(of: index.nodes[ZoneIndex.apex])
        guard let first = entries.position(where: { records.type($0) == .soa }) else { return }
        let set = first..<end(ofSet: first, in: entries, records)
        let block = buildSet(of: ZoneIndex.apex, entries.slice(set), records, ttl: ttl)
        heap.append(builder.writer, block.offset, count: block.count)
    }
}

// MARK: Entries

extension PartCompiler {
    private func marks(of node: Int) -> EntryMarks {
        if index.isHidden(node) { return .isHidden }
        let marks = index.nodes[node].marks
        var result: EntryMarks = []
        if marks.contains(.zoneCut) { result.insert(.zoneCut) }
        if marks.contains(.hasAlias) { result.insert(.hasAlias) }
        if marks.contains(.hasDNAME) { result.insert(.hasDNAME) }
        if marks.contains(.hasWildcard) { result.insert(.hasWildcard) }
        if isProved { result.insert(.hasProofs) }
        return result
    }

    /// Writes an entry with its `sets` and gives its place, or that there is none.
    private mutating func writeEntry(of number: Int, _ sets: Range<Int>, _ records: ZoneRecords) -> UInt32 {
        let marks = marks(of: number)
        let node = index.nodes[number]
        // What exists only to lead to hidden names is not needed: transfers list records, not names.
        if node.marks.contains(.isVoid) || marks.contains(.isHidden) && node.entryCount == 0 {
            return ZoneLayout.nowhere
        }
        if !marks.contains(.isHidden) { deepest = max(deepest, node.depth) }
        recordCount &+= Int(node.entryCount)
        let place = UInt32(truncatingIfNeeded: heap.count / 4)
        let relativeCount = Int(node.nameCount) &- index.originCount
        heap.append(number: UInt16(truncatingIfNeeded: relativeCount) &<< 8 | UInt16(marks.rawValue))
        heap.append(number: UInt16(truncatingIfNeeded: sets.count))
        heap.append(records.octets, Int(node.name), count: relativeCount)
        heap.pad()
        var directory = heap.count
        heap.append(zeros: sets.count &* 8)
        if marks.contains(.hasProofs) { heap.append(number: UInt64.max) }
        for set in sets {
            heap.store(self.sets[set].type.rawValue, at: directory)
            let block = write(self.sets[set])
            heap.store(block, at: directory &+ 4)
            directory &+= 8
        }
        return place
    }

    /// Writes a block unless an equal one stands already. Gives its place; none of what another name's entry has.
    private mutating func write(_ set: BuiltSet) -> UInt32 {
        if set.block.count == 0 { return ZoneLayout.nowhere }
        let next = UInt32(truncatingIfNeeded: heap.count / 4)
        let (offset, count) = (set.block.offset, set.block.count)
        let earlier = known.insert(set.hash, Int(next)) {
            heap.octets().isEqual($0 &* 4, builder.writer.octets(), offset, count: count)
        }
        if let earlier { return UInt32(truncatingIfNeeded: earlier) }
        heap.append(builder.writer, set.block.offset, count: set.block.count)
        return next
    }
}

// MARK: Blocks

extension PartCompiler {
    private mutating func buildBlocks(_ batch: Range<Int>, _ records: ZoneRecords) {
        builder.clear()
        sets.removeAll(keepingCapacity: true)
        var server = 0
        for number in batch {
            let node = index.nodes[number]
            let entries = records.entries(of: node)
            let count = sets.count
            // No octet of a hidden cut is a referral.
            let isCut = node.marks.contains(.zoneCut) && !index.isHidden(number)
            var start = 0
            while start < entries.count {
                let end = end(ofSet: start, in: entries, records)
                let type = records.type(entries[start])
                let block: BlockBuilder.Place
                if isCut && type == .ns {
                    block =
                        index.model(of: number) == nil
                        ? buildReferral(of: number, entries.slice(start..<end), &server, records)
                        : BlockBuilder.Place(offset: 0, count: 0)
                } else {
                    block = buildSet(of: number, entries.slice(start..<end), records)
                }
                let hash = builder.writer.octets().hash(block.offset, count: block.count, index.seed)
                known.prefetch(hash)
                sets.append(BuiltSet(type: type, block: block, hash: hash))
                start = end
            }
            setCounts[number - batch.lowerBound] = sets.count - count
        }
    }

    /// The end of the set that begins at `start`; the signatures that cover it stand at its end.
    @inline(__always)
    private func end(ofSet start: Int, in entries: borrowing ZoneIndex.Entries, _ records: ZoneRecords) -> Int {
        let type = records.type(entries[start])
        var end = start &+ 1
        while end < entries.count, records.type(entries[end]) == type { end &+= 1 }
        return end
    }

    /// The question's suffix that names of a node's data may be shortened against. A wildcard's own label is not in
    /// the question that it answers.
    func context(of number: Int) -> BlockBuilder.Place {
        let node = index.nodes[number]
        let skipped = node.marks.contains(.isWildcard) ? 2 : 0
        return BlockBuilder.Place(offset: Int(node.name) + skipped, count: Int(node.nameCount) - skipped)
    }

    func isSignature(_ entry: Int, _ records: ZoneRecords) -> Bool { records.key(entry) & 1 == 1 }

    private mutating func buildSet(
        of node: Int, _ set: borrowing ZoneIndex.Entries, _ records: ZoneRecords, ttl: UInt32? = nil
    ) -> BlockBuilder.Place {
        builder.begin(context: context(of: node))
        var recordsEnd = builder.end
        for position in 0..<set.count {
            let entry = set[position]
            let record = records.entries[entry]
            builder.appendOwner()
            builder.appendRecord(record, ttl: ttl ?? record.ttl, records.octets)
            if !isSignature(entry, records) { recordsEnd = builder.end }
        }
        return builder.finish(recordsEnd: recordsEnd)
    }
}
