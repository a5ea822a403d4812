/// Writes a compiled zone: see `CompiledZone` for the layout.
struct ZoneCompiler: ~Copyable {
    var zone: CheckedZone
    private var heap: [UInt8] = []
    private var slots: [UInt64]
    /// How the zone denies, and where each node's entry is; the latter only of a zone that does.
    let denial: DenialParameters
    private(set) var places: [UInt32] = []
    private var builder = BlockBuilder()
    /// Where blocks stand that may be used again: hash table of places, counted from 1, in units.
    private var known: BlockTable
    private var deepest: UInt8 = 0

    init(_ zone: consuming CheckedZone) {
        let count = zone.index.nodes.count
        denial = DenialParameters(zone)
        self.zone = zone
        if denial.kind != .none { places = [UInt32](repeating: ZoneLayout.nowhere, count: count) }
        slots = [UInt64](repeating: 0, count: count + count / 2 + 8)
        known = BlockTable(expecting: count)
        heap.reserveCapacity(count * 48)
    }

    /// Makes the zone; `allocate` provides memory for the count of octets it is given.
    consuming func compile(allocate: (Int) -> MemoryRegion) -> CompiledZone? {
        var compiler = consume self
        for node in compiler.zone.index.nodes.indices { compiler.writeEntry(of: node) }
        let entriesCount = compiler.heap.count
        let negative = compiler.writeNegative()
        guard compiler.heap.count / 4 < Int(UInt32.max) else { return nil }
        return compiler.finish(entriesCount: entriesCount, negative: negative, allocate: allocate)
    }

    private consuming func finish(
        entriesCount: Int, negative: UInt32, allocate: (Int) -> MemoryRegion
    ) -> CompiledZone {
        let origin = zone.zone.origin
        let originStart = slots.count * 8
        let heapStart = originStart + (origin.count + 7) & ~7
        let saltStart = heapStart + heap.count
        let proofStart = (saltStart + denial.salt.count + 7) & ~7
        let proofs = sortedProofs()
        let region = allocate(proofStart + proofs.count * 8)
        region.fill(slots, at: 0)
        region.fill(origin.wire, at: originStart)
        region.fill(heap, at: heapStart)
        region.fill(denial.salt, at: saltStart)
        region.fill(proofs, at: proofStart)
        let labels = UInt8(truncatingIfNeeded: origin.labelCount)
        let layout = ZoneLayout(
            origin: originStart, heap: heapStart, entriesEnd: heapStart + entriesCount,
            slotCount: UInt32(truncatingIfNeeded: slots.count),
            originCount: UInt8(truncatingIfNeeded: origin.count), originLabels: labels,
            deepestLabels: labels + deepest, negative: negative, isSigned: denial.isSigned, denial: denial.kind,
            proofs: proofStart,
            proofCount: UInt32(truncatingIfNeeded: proofs.count / 2), salt: saltStart,
            saltCount: UInt8(truncatingIfNeeded: denial.salt.count), iterations: denial.iterations)
        if !proofs.isEmpty { fillInProofs(region, layout) }
        var records = 0
        for node in zone.index.nodes { records += Int(node.entryCount) }
        return CompiledZone(
            origin: origin, serial: serial(), recordCount: records, region: region, layout: layout,
            seed: zone.index.seed)
    }

    func apexRecord(_ type: RecordType) -> UInt32? {
        zone.index.entries(of: ZoneIndex.apex).first { zone.zone.entries[Int($0)].type == type }
    }

    private func serial() -> SerialNumber { SerialNumber(soaField(fromEnd: 20)) }

    /// One of the five numbers at the SOA's end (RFC 1035 §3.3.13).
    private func soaField(fromEnd offset: Int) -> UInt32 {
        guard let soa = apexRecord(.soa) else { return 0 }
        let data = zone.zone.data(of: zone.zone.entries[Int(soa)])
        guard data.count >= 20 else { return 0 }
        return data[(data.endIndex - offset)...].prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    func name(of node: Int) -> ArraySlice<UInt8> {
        let node = zone.index.nodes[node]
        return zone.zone.octets[Int(node.name)..<(Int(node.name) + Int(node.nameCount))]
    }
}

// MARK: Entries

extension ZoneCompiler {
    private func marks(of node: Int) -> EntryMarks {
        let marks = zone.index.nodes[node].marks
        var result: EntryMarks = []
        if !marks.isDisjoint(with: [.belowCut, .isHashed]) { return .isHidden }
        if marks.contains(.zoneCut) { result.insert(.zoneCut) }
        if marks.contains(.hasDNAME) { result.insert(.hasDNAME) }
        if marks.contains(.hasWildcard) { result.insert(.hasWildcard) }
        let hasAlias = zone.index.entries(of: node).contains { zone.zone.entries[Int($0)].type == .cname }
        if hasAlias { result.insert(.hasAlias) }
        if denial.kind != .none { result.insert(.hasProofs) }
        return result
    }

    private mutating func writeEntry(of node: Int) {
        let marks = marks(of: node)
        // What exists only to lead to hidden names is not needed: transfers list records, not names.
        if marks.contains(.isHidden) && zone.index.nodes[node].entryCount == 0 { return }
        let place = UInt32(truncatingIfNeeded: heap.count / 4)
        if !marks.contains(.isHidden) {
            addSlot(hash: zone.index.nodes[node].hash, place: place)
            deepest = max(deepest, zone.index.nodes[node].depth)
        }
        if denial.kind != .none { places[node] = place }
        let sets = sets(of: node)
        let relative = name(of: node).dropLast(zone.zone.origin.count)
        heap.append(UInt8(truncatingIfNeeded: relative.count))
        heap.append(marks.rawValue)
        append(UInt16(truncatingIfNeeded: sets.count))
        heap += relative
        pad()
        var directory = heap.count
        heap += [UInt8](repeating: 0, count: sets.count * 8)
        if marks.contains(.hasProofs) { heap += [UInt8](repeating: 0xFF, count: 8) }
        for set in sets {
            let type = zone.zone.setKey(set.first ?? 0).type
            let isReferral = type == .ns && marks.contains(.zoneCut)
            let block = isReferral ? writeReferral(of: node, set) : writeSet(of: node, set)
            store(type.rawValue, at: directory)
            store(UInt16(truncatingIfNeeded: block >> 16), at: directory + 4)
            store(UInt16(truncatingIfNeeded: block), at: directory + 6)
            directory += 8
        }
    }

    /// The node's entries, cut into sets; the signatures that cover a set stand at its end.
    private func sets(of node: Int) -> [ArraySlice<UInt32>] {
        let entries = zone.index.entries(of: node)
        var sets: [ArraySlice<UInt32>] = []
        var start = entries.startIndex
        while start < entries.endIndex {
            let type = zone.zone.setKey(entries[start]).type
            var end = start + 1
            while end < entries.endIndex, zone.zone.setKey(entries[end]).type == type { end += 1 }
            sets.append(entries[start..<end])
            start = end
        }
        return sets
    }

    /// Linear probing; at two thirds full a name is found in two steps on average.
    private mutating func addSlot(hash: UInt64, place: UInt32) {
        var slot = ZoneLayout.slot(of: hash, slotCount: UInt32(truncatingIfNeeded: slots.count))
        while slots[slot] != 0 { slot = slot + 1 == slots.count ? 0 : slot + 1 }
        slots[slot] = ZoneLayout.slot(hash: hash, place: place).littleEndian
    }

    private mutating func append(_ value: UInt16) {
        heap.append(UInt8(value >> 8))
        heap.append(UInt8(value & 0xFF))
    }

    private mutating func store(_ value: UInt16, at offset: Int) {
        heap[offset] = UInt8(value >> 8)
        heap[offset + 1] = UInt8(value & 0xFF)
    }

    private mutating func pad() {
        while heap.count & 3 != 0 { heap.append(0) }
    }
}

// MARK: Blocks

extension ZoneCompiler {
    /// The question's suffix that names of a node's data may be shortened against. A wildcard's own label is not in
    /// the question that it answers.
    private func context(of node: Int) -> ArraySlice<UInt8> {
        let name = name(of: node)
        return zone.index.nodes[node].marks.contains(.isWildcard) ? name.dropFirst(2) : name
    }

    private mutating func appendRecords(_ entries: ArraySlice<UInt32>, ttl: UInt32? = nil) {
        for entry in entries {
            let record = zone.zone.entries[Int(entry)]
            builder.appendOwner()
            builder.appendRecord(type: record.type, ttl: ttl ?? record.ttl, data: zone.zone.data(of: record))
        }
    }

    private mutating func writeSet(of node: Int, _ set: ArraySlice<UInt32>, ttl: UInt32? = nil) -> UInt32 {
        let records = set.prefix { !zone.zone.setKey($0).isSignature }
        builder.begin(context: context(of: node))
        appendRecords(records, ttl: ttl)
        let end = builder.end
        appendRecords(set[records.endIndex...], ttl: ttl)
        return writeBlock(recordsEnd: end, referral: [])
    }

    /// The NS records of a cut with the addresses that go with them: first those below the cut, without which
    /// nobody gets there (RFC 9471 §3.1), then those elsewhere in the zone, whose signatures follow (RFC 4035 §3.1.1).
    private mutating func writeReferral(of node: Int, _ set: ArraySlice<UInt32>) -> UInt32 {
        let records = set.prefix { !zone.zone.setKey($0).isSignature }
        builder.begin(context: context(of: node))
        var servers: [(host: Int, position: Int)] = []
        for entry in records {
            let record = zone.zone.entries[Int(entry)]
            builder.appendOwner()
            let position = builder.appendRecord(type: .ns, ttl: record.ttl, data: zone.zone.data(of: record))
            if let host = zone.index.node(ofNameAt: record.data, in: zone.zone) { servers.append((host, position)) }
        }
        var marks = [UInt16(truncatingIfNeeded: builder.octets.count), UInt16(truncatingIfNeeded: builder.recordCount)]
        for server in servers where isInDomain(server.host, of: node) { appendAddresses(of: server) }
        marks += [UInt16(truncatingIfNeeded: builder.octets.count), UInt16(truncatingIfNeeded: builder.recordCount)]
        for server in servers where !isInDomain(server.host, of: node) { appendAddresses(of: server) }
        let end = builder.end
        for server in servers where !isInDomain(server.host, of: node) { appendAddressSignatures(of: server) }
        return writeBlock(recordsEnd: end, referral: marks)
    }

    private mutating func appendAddressSignatures(of server: (host: Int, position: Int)) {
        guard zone.index.nodes[server.host].marks.isDisjoint(with: [.belowCut, .zoneCut]) else { return }
        for entry in zone.index.entries(of: server.host) {
            let key = zone.zone.setKey(entry)
            guard key.isSignature, key.type == .a || key.type == .aaaa else { continue }
            let record = zone.zone.entries[Int(entry)]
            guard builder.octets.count + Int(record.dataCount) + 300 < Limits.setCount else { return }
            builder.appendOwner(at: server.position, wire: name(of: server.host), isContinued: false)
            builder.appendRecord(type: .rrsig, ttl: record.ttl, data: zone.zone.data(of: record))
        }
    }

    /// Whether the host is the cut or stands below it. By nodes, since each may be spelled in its own case.
    private func isInDomain(_ host: Int, of cut: Int) -> Bool {
        var node = host
        while zone.index.nodes[node].depth > zone.index.nodes[cut].depth { node = Int(zone.index.nodes[node].parent) }
        return node == cut
    }

    private mutating func appendAddresses(of server: (host: Int, position: Int)) {
        for type in [RecordType.a, .aaaa] {
            var isContinued = false
            for entry in zone.index.entries(of: server.host) where zone.zone.entries[Int(entry)].type == type {
                let record = zone.zone.entries[Int(entry)]
                guard builder.octets.count + 300 < Limits.setCount else { return }
                builder.appendOwner(at: server.position, wire: name(of: server.host), isContinued: isContinued)
                isContinued = true
                builder.appendRecord(type: type, ttl: record.ttl, data: zone.zone.data(of: record))
            }
        }
    }

    /// The SOA record as it stands in negative answers (RFC 2308 §3).
    private mutating func writeNegative() -> UInt32 {
        guard let soa = apexRecord(.soa) else { return 0 }
        let ttl = min(zone.zone.entries[Int(soa)].ttl, soaField(fromEnd: 4))
        guard let set = sets(of: ZoneIndex.apex).first(where: { $0.contains(soa) }) else { return 0 }
        return writeSet(of: ZoneIndex.apex, set, ttl: ttl)
    }

    /// Writes what the builder holds, signatures from `recordsEnd` on, unless an equal block stands already. Returns its
    /// place.
    private mutating func writeBlock(recordsEnd: (octets: Int, records: Int), referral: [UInt16]) -> UInt32 {
        let start = heap.count
        let signatureCount = builder.recordCount - recordsEnd.records
        append(UInt16(truncatingIfNeeded: recordsEnd.octets))
        append(UInt16(truncatingIfNeeded: recordsEnd.records))
        append(UInt16(truncatingIfNeeded: builder.patches.count))
        append(UInt16(truncatingIfNeeded: signatureCount))
        if signatureCount > 0 {
            append(UInt16(truncatingIfNeeded: builder.octets.count - recordsEnd.octets))
            append(UInt16(0))
        }
        for mark in referral { append(mark) }
        heap += builder.octets
        for patch in builder.patches {
            append(UInt16(truncatingIfNeeded: patch >> 16))
            append(UInt16(truncatingIfNeeded: patch))
        }
        pad()
        if let place = known.find(blockAt: start, in: heap) {
            heap.removeSubrange(start...)
            return place
        }
        return UInt32(truncatingIfNeeded: start / 4)
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
