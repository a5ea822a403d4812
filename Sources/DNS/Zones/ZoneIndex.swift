/// The names of a zone and which records each has: what the checks and the compiler walk.
///
///     nodes    one for each run of records with one owner, in the order of the files, the apex before them, and the
///              empty non-terminals behind them
///     hashes, parents, standings   of each: of its name, the node above it, and what all above say of it
///     order    the entries of a node whose records do not stand together, or not in order
///
/// Where the records of a name stand in several places, its first node gets all of them, and the others are void.
/// Flat memory again; a name is a place in the zone's octets, where the name of an empty non-terminal is the tail of
/// another name.
struct ZoneIndex: Sendable {
    struct Node {
        /// Where its name begins in the zone's octets.
        var name: UInt32 = 0
        /// Its records, sorted by type: so many entries from here on, or, of a listed node, elements of `order`.
        var firstEntry: UInt32 = 0
        var entryCount: UInt32 = 0
        /// The octets of its name.
        var nameCount: UInt8 = 0
        /// Labels below the apex.
        var depth: UInt8 = 0
        var marks: Marks = []
    }

    struct Marks: OptionSet {
        let rawValue: UInt8
        /// Has NS and is not the apex.
        static let zoneCut = Marks(rawValue: 1)
        static let hasAlias = Marks(rawValue: 2)
        static let hasDNAME = Marks(rawValue: 4)
        /// `*` exists below it.
        static let hasWildcard = Marks(rawValue: 8)
        static let isWildcard = Marks(rawValue: 16)
        /// Exists only to carry NSEC3 records: not an ordinary name (RFC 5155 §7.1).
        static let isHashed = Marks(rawValue: 32)
        /// Its entries are found through `order`.
        static let isListed = Marks(rawValue: 64)
        /// Not a node: another one has its name and its records.
        static let isVoid = Marks(rawValue: 128)
    }

    /// What the names above it say.
    struct Standing: OptionSet {
        let rawValue: UInt8
        static let belowCut = Standing(rawValue: 1)
        static let belowDNAME = Standing(rawValue: 2)
    }

    let seed: UInt64
    let originCount: Int
    private let originLabelCount: Int
    private(set) var nodes: Column<Node>
    private(set) var hashes: Column<UInt64>
    /// The apex is its own parent.
    private(set) var parents: Column<UInt32>
    private(set) var standings: Column<Standing>
    private(set) var order: [UInt32] = []
    /// Whether there is a zone cut or a DNAME record, or an RRSIG record at all.
    private(set) var hasCuts = false
    private(set) var hasSignatures = false
    /// The owners of records, and the empty non-terminals.
    private var owners: NameTable
    private var others: NameTable

    /// The apex is node 0, also where it has no records.
    static let apex = 0
    /// Names that wait for memory together.
    private static let batchCount = 32

    init(_ zone: Zone, seed: UInt64, work: ZoneWork) {
        self.seed = seed
        originCount = zone.origin.count
        originLabelCount = zone.origin.labelCount
        let pieces = work.pieces(of: zone.entries.count)
        let bounds = ZoneIndex.bounds(of: zone, pieces)
        let counts = work.map(pieces) { ZoneIndex.countOwners(of: zone, bounds[$0]..<bounds[$0 + 1]) }
        let nodes = Column<Node>(count: 1 + counts.reduce(0, +), allocate: work.allocate)
        self.nodes = nodes
        hashes = Column(count: nodes.count, allocate: work.allocate)
        parents = Column(count: nodes.count, allocate: work.allocate)
        standings = Column(count: 0, allocate: MemoryRegion.plain)
        owners = NameTable(parts: 1, count: 0, allocate: MemoryRegion.plain)
        others = owners
        readApex(zone)
        let index = self
        let runs = work.map(pieces) { piece in
            let first = 1 + counts[..<piece].reduce(0, +)
            return index.readOwners(of: zone, bounds[piece]..<bounds[piece + 1], first: first, parts: pieces)
        }
        insertOwners(of: zone, runs, work)
        list(runs.flatMap(\.unsorted), zone)
        connect(zone, pieces, work)
        standings = Column(count: self.nodes.count, allocate: work.allocate)
        hasSignatures = runs.contains(where: \.hasSignatures)
        hasCuts = runs.contains(where: \.hasCuts)
        if hasCuts { noteStandings(pieces, work) }
    }

    /// Entry numbers that follow each other, or that a list has. A view, so that no reference is counted.
    struct Entries: ~Escapable {
        private let order: Span<UInt32>
        private let isListed: Bool
        private let first: Int
        let count: Int

        @_lifetime(copy order)
        init(order: Span<UInt32>, isListed: Bool, first: Int, count: Int) {
            self.order = order
            self.isListed = isListed
            self.first = first
            self.count = count
        }

        @inline(__always)
        subscript(position: Int) -> Int { isListed ? Int(order[first &+ position]) : first &+ position }

        /// Those at some positions.
        @_lifetime(copy self)
        func slice(_ positions: Range<Int>) -> Entries {
            Entries(order: order, isListed: isListed, first: first + positions.lowerBound, count: positions.count)
        }

        /// The first position whose entry is wanted.
        @inline(__always)
        func position(where isWanted: (_ entry: Int) -> Bool) -> Int? {
            for position in 0..<count where isWanted(self[position]) { return position }
            return nil
        }

        /// The first entry that is wanted.
        @inline(__always)
        func first(where isWanted: (_ entry: Int) -> Bool) -> Int? {
            guard let position = position(where: isWanted) else { return nil }
            return self[position]
        }
    }

    /// Drops entries that a check found superfluous: `kept` are the node's from now on.
    mutating func keep(_ kept: [UInt32], of node: Int) {
        nodes[node].firstEntry = UInt32(truncatingIfNeeded: order.count)
        nodes[node].entryCount = UInt32(truncatingIfNeeded: kept.count)
        nodes[node].marks.insert(.isListed)
        order += kept
    }

    /// The node of a name that was loaded with the index's seed, if it exists.
    func node(of name: borrowing LookupName, in records: ZoneRecords) -> Int? {
        let labels = name.labelCount
        guard isInZone(name, records) else { return nil }
        let hash = name.hash(ofSuffix: labels)
        return owners.find(hash) { isName(of: $0, name, records) }
            ?? others.find(hash) { isName(of: $0, name, records) }
    }

    /// The same of a name in the zone that stands at `offset` of the octets and has this hash.
    func node(_ hash: UInt64, _ offset: Int, count: Int, in records: ZoneRecords) -> Int? {
        owners.find(hash) { isName(of: $0, offset, count, records) }
            ?? others.find(hash) { isName(of: $0, offset, count, records) }
    }

    @inline(__always)
    private func isName(of number: Int, _ name: borrowing LookupName, _ records: ZoneRecords) -> Bool {
        let node = nodes[number]
        return Int(node.nameCount) == name.count && name.isEqual(0, name.count, records.octets, at: Int(node.name))
    }

    /// Whether a name is the apex or below it.
    func isInZone(_ name: borrowing LookupName, _ records: ZoneRecords) -> Bool {
        guard name.labelCount >= originLabelCount else { return false }
        let start = name.offset(ofSuffix: originLabelCount)
        return name.count - start == originCount
            && name.isEqual(start, originCount, records.octets, at: Int(Zone.originOffset))
    }

    /// Asks for where looking for a name begins.
    @inline(__always)
    func prefetchSlot(_ hash: UInt64) { owners.prefetch(hash) }

    /// The node that the name with a hash is likely to have, and asks for it.
    @inline(__always)
    func prefetchNode(_ hash: UInt64) -> Int? {
        guard let node = owners.candidate(hash) else { return nil }
        nodes.prefetch(node)
        return node
    }

    /// Lets go of what only finding names needs.
    mutating func forgetNames() {
        owners = NameTable(parts: 1, count: 0, allocate: MemoryRegion.plain)
        others = owners
    }
}

// MARK: Owners

extension ZoneIndex {
    /// What was seen of a piece's owners.
    private struct Runs {
        /// Nodes whose entries are not in the order of types.
        var unsorted: [UInt32] = []
        /// How many names belong into each part of the table.
        var counts: [Int]
        /// Whether there is a zone cut or a DNAME record.
        var hasCuts = false
        var hasSignatures = false
    }

    /// Cuts the entries into pieces, between two owners.
    private static func bounds(of zone: Zone, _ pieces: Int) -> [Int] {
        let count = zone.entries.count
        return (0...pieces).map { piece in
            var bound = count * piece / pieces
            while bound > 0, bound < count, zone.entries[bound].owner == zone.entries[bound - 1].owner { bound += 1 }
            return bound
        }
    }

    private static func countOwners(of zone: Zone, _ range: Range<Int>) -> Int {
        let entries = zone.entries.span
        var last = UInt32.max
        var count = 0
        for index in range {
            if entries[index].owner != last { count &+= 1 }
            last = entries[index].owner
        }
        return count
    }

    private func readApex(_ zone: Zone) {
        var name = LookupName()
        _ = name.load(zone.origin.wire, seed: seed)
        hashes[ZoneIndex.apex] = name.hash(ofSuffix: name.labelCount)
        nodes[ZoneIndex.apex] = Node(
            name: Zone.originOffset, nameCount: UInt8(truncatingIfNeeded: originCount))
    }

    /// Makes the nodes of a piece, from number `first` on.
    private func readOwners(of zone: Zone, _ range: Range<Int>, first: Int, parts: Int) -> Runs {
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
    private mutating func insertOwners(of zone: Zone, _ runs: [Runs], _ work: ZoneWork) {
        let parts = runs.count
        var largest = 0
        for part in 0..<parts { largest = max(largest, runs.reduce(0) { $0 + $1.counts[part] }) }
        // One more for the apex.
        owners = NameTable(parts: parts, count: largest + 1, allocate: work.allocate)
        let index = self
        let merged = work.map(parts) { index.insertOwners(of: zone, part: $0, of: parts) }
        for pairs in merged where !pairs.isEmpty { merge(pairs, zone) }
    }

    /// Gives the nodes that have the name of an earlier one: that one in the upper half, in order.
    private func insertOwners(of zone: Zone, part: Int, of parts: Int) -> [UInt64] {
        let records = ZoneRecords(zone)
        var merged: [UInt64] = []
        var batch = InlineArray<32, Int>(repeating: 0)
        var waiting = 0
        var number = 0
        while number < nodes.count || waiting > 0 {
            while number < nodes.count, waiting < ZoneIndex.batchCount {
                if NameTable.part(of: hashes[number], parts: parts) == part {
                    owners.prefetch(hashes[number])
                    batch[waiting] = number
                    waiting &+= 1
                }
                number &+= 1
            }
            for position in 0..<waiting {
                let node = batch[position]
                let (name, count) = (Int(nodes[node].name), Int(nodes[node].nameCount))
                let earlier = owners.insert(hashes[node], node) { other in
                    Int(nodes[other].nameCount) == count && records.isSame(Int(nodes[other].name), name, count: count)
                }
                if let earlier { merged.append(UInt64(earlier) &<< 32 | UInt64(node)) }
            }
            waiting = 0
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

    private mutating func list(_ unsorted: [UInt32], _ zone: Zone) {
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

// MARK: Ancestors

extension ZoneIndex {
    /// Gives each node its parent; makes the empty non-terminals.
    private mutating func connect(_ zone: Zone, _ pieces: Int, _ work: ZoneWork) {
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

    @inline(__always)
    private func isName(of number: Int, _ start: Int, _ count: Int, _ records: ZoneRecords) -> Bool {
        let node = nodes[number]
        return Int(node.nameCount) == count && !node.marks.contains(.isVoid)
            && records.isSame(Int(node.name), start, count: count)
    }

    private mutating func addMissing(_ missing: [UInt32], _ zone: Zone, _ work: ZoneWork) {
        if missing.isEmpty { return }
        let records = ZoneRecords(zone)
        others = NameTable(
            parts: 1, count: missing.reduce(0) { $0 + Int(nodes[Int($1)].depth) }, allocate: work.allocate)
        let ownersCount = nodes.count
        var added: [Node] = []
        var addedHashes: [UInt64] = []
        var addedParents: [UInt32] = []
        var name = LookupName()
        for child in missing {
            let owner = nodes[Int(child)]
            _ = name.load(records.octets, at: Int(owner.name), seed: seed)
            var depth = Int(owner.depth) - 1
            var parent = ZoneIndex.apex
            func find(_ hash: UInt64, _ start: Int) -> Int? {
                let count = Int(owner.nameCount) - start
                if let node = owners.find(
                    hash,
                    where: {
                        isName(of: $0, Int(owner.name) + start, count, records)
                    })
                {
                    return node
                }
                return others.find(hash) { number in
                    let node = added[number - ownersCount]
                    return Int(node.nameCount) == count
                        && records.isSame(Int(node.name), Int(owner.name) + start, count: count)
                }
            }
            // Up from the name to the first that is known, and down again.
            while depth > 0 {
                let labels = originLabelCount + depth
                if let known = find(name.hash(ofSuffix: labels), name.offset(ofSuffix: labels)) {
                    parent = known
                    break
                }
                depth -= 1
            }
            while depth < Int(owner.depth) - 1 {
                depth += 1
                let start = name.offset(ofSuffix: originLabelCount + depth)
                let hash = name.hash(ofSuffix: originLabelCount + depth)
                let number = ownersCount + added.count
                var node = Node(
                    name: owner.name + UInt32(truncatingIfNeeded: start),
                    nameCount: owner.nameCount - UInt8(truncatingIfNeeded: start),
                    depth: UInt8(truncatingIfNeeded: depth))
                if records.octets.u16(Int(node.name)) == 0x012A { node.marks.insert(.isWildcard) }
                _ = others.insert(hash, number) { _ in false }
                added.append(node)
                addedHashes.append(hash)
                addedParents.append(UInt32(truncatingIfNeeded: parent))
                parent = number
            }
            parents[Int(child)] = UInt32(truncatingIfNeeded: parent)
        }
        nodes = nodes.extended(to: ownersCount + added.count, allocate: work.allocate)
        hashes = hashes.extended(to: nodes.count, allocate: work.allocate)
        parents = parents.extended(to: nodes.count, allocate: work.allocate)
        for index in added.indices {
            nodes[ownersCount + index] = added[index]
            hashes[ownersCount + index] = addedHashes[index]
            parents[ownersCount + index] = addedParents[index]
        }
    }

    /// What the names above each node say of it.
    private func noteStandings(_ pieces: Int, _ work: ZoneWork) {
        let index = self
        let fromApex: Standing = nodes[ZoneIndex.apex].marks.contains(.hasDNAME) ? .belowDNAME : []
        work.forEach(piecesOf: pieces, count: nodes.count) { range in
            for node in range where node != ZoneIndex.apex {
                var standing = fromApex
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
