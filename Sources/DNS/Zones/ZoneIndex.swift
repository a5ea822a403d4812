/// The names of a zone and which records each has: what the checks and the compiler walk.
///
///     nodes    one a name that exists: owners of records and the empty non-terminals above them
///     slots    hash table: node number + 1, zero where empty
///     order    entry numbers sorted by node, and by type within a node
///
/// Flat arrays again; a name is a place in the zone's octets, where the name of an empty non-terminal is the tail of
/// another name.
struct ZoneIndex: ~Copyable {
    struct Node {
        /// Where its name begins in the zone's octets.
        var name: UInt32
        /// The octets of its name.
        var nameCount: UInt8
        /// Labels below the apex.
        var depth: UInt8
        var marks: Marks = []
        /// Above it; the apex is its own parent.
        var parent: UInt32
        /// Its records: `order[firstEntry ..< firstEntry + entryCount]`.
        var firstEntry: UInt32 = 0
        var entryCount: UInt32 = 0
        var hash: UInt64
    }

    struct Marks: OptionSet {
        let rawValue: UInt8
        /// Has NS and is not the apex.
        static let zoneCut = Marks(rawValue: 1)
        /// Below a zone cut.
        static let belowCut = Marks(rawValue: 2)
        static let hasDNAME = Marks(rawValue: 4)
        static let belowDNAME = Marks(rawValue: 8)
        /// `*` exists below it.
        static let hasWildcard = Marks(rawValue: 16)
        static let isWildcard = Marks(rawValue: 32)
        /// Exists only to carry NSEC3 records: not an ordinary name (RFC 5155 §7.1).
        static let isHashed = Marks(rawValue: 64)
    }

    let seed: UInt64
    private let originLabelCount: Int
    private(set) var nodes: [Node] = []
    private(set) var order: [UInt32] = []
    private var slots: [UInt32] = []
    private var lookupName = LookupName()

    /// The apex is node 0, also where it has no records.
    static let apex = 0

    init(_ zone: Zone, seed: UInt64) {
        self.seed = seed
        originLabelCount = zone.origin.labelCount
        slots = [UInt32](repeating: 0, count: 64)
        nodes.reserveCapacity(zone.entries.count)
        let owners = insertOwners(of: zone)
        sortEntries(of: zone, by: owners)
        mark(zone)
    }

    /// Which node each entry belongs to.
    private mutating func insertOwners(of zone: Zone) -> [UInt32] {
        var owners = [UInt32](repeating: 0, count: zone.entries.count)
        var lastOwner = UInt32.max
        var lastNode: UInt32 = 0
        insertApex(zone)
        for index in zone.entries.indices {
            let owner = zone.entries[index].owner
            if owner != lastOwner {
                lastNode = insert(nameAt: owner, in: zone)
                lastOwner = owner
            }
            owners[index] = lastNode
        }
        return owners
    }

    private mutating func insertApex(_ zone: Zone) {
        _ = lookupName.load(Octets(zone.origin.wire.span), at: 0, seed: seed)
        append(
            Node(
                name: Zone.originOffset, nameCount: UInt8(truncatingIfNeeded: zone.origin.count), depth: 0, parent: 0,
                hash: lookupName.hash(ofSuffix: lookupName.labelCount)))
    }

    /// The node of the name, made with all that is missing above it.
    private mutating func insert(nameAt offset: UInt32, in zone: Zone) -> UInt32 {
        let octets = Octets(zone.octets.span)
        guard lookupName.load(octets, at: Int(offset), seed: seed) == nil else { return 0 }
        let labels = lookupName.labelCount
        let originLabels = originLabelCount
        var depth = labels
        var known: UInt32 = 0
        // Down from the name to the first suffix that is known: the apex at the latest.
        while depth > originLabels {
            if let node = find(suffix: depth, octets) {
                known = node
                break
            }
            depth -= 1
        }
        while depth < labels {
            depth += 1
            let start = lookupName.offset(ofSuffix: depth)
            let node = Node(
                name: offset + UInt32(truncatingIfNeeded: start),
                nameCount: UInt8(truncatingIfNeeded: lookupName.count - start),
                depth: UInt8(truncatingIfNeeded: depth - originLabels), parent: known,
                hash: lookupName.hash(ofSuffix: depth))
            known = append(node)
        }
        return known
    }

    private func find(suffix labels: Int, _ octets: Octets) -> UInt32? {
        let hash = lookupName.hash(ofSuffix: labels)
        let start = lookupName.offset(ofSuffix: labels)
        let count = lookupName.count - start
        var slot = self.slot(of: hash)
        while slots[slot] != 0 {
            let node = nodes[Int(slots[slot] - 1)]
            if node.hash == hash, Int(node.nameCount) == count,
                lookupName.isEqual(start, count, octets, at: Int(node.name))
            {
                return slots[slot] - 1
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    private func slot(of hash: UInt64) -> Int { Int(truncatingIfNeeded: hash &>> 20) & (slots.count - 1) }

    @discardableResult
    private mutating func append(_ node: Node) -> UInt32 {
        nodes.append(node)
        if nodes.count * 2 > slots.count {
            slots = [UInt32](repeating: 0, count: slots.count * 4)
            for index in nodes.indices { place(UInt32(truncatingIfNeeded: index)) }
        } else {
            place(UInt32(truncatingIfNeeded: nodes.count - 1))
        }
        return UInt32(truncatingIfNeeded: nodes.count - 1)
    }

    private mutating func place(_ node: UInt32) {
        var slot = self.slot(of: nodes[Int(node)].hash)
        while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = node + 1
    }

    /// Counting sort by node; within a node a stable sort by type, in place where the node has few.
    private mutating func sortEntries(of zone: Zone, by owners: [UInt32]) {
        for owner in owners { nodes[Int(owner)].entryCount += 1 }
        var next: UInt32 = 0
        for index in nodes.indices {
            nodes[index].firstEntry = next
            next += nodes[index].entryCount
        }
        order = [UInt32](repeating: 0, count: owners.count)
        var filled = [UInt32](repeating: 0, count: nodes.count)
        for index in owners.indices {
            let owner = Int(owners[index])
            order[Int(nodes[owner].firstEntry + filled[owner])] = UInt32(truncatingIfNeeded: index)
            filled[owner] += 1
        }
        for node in nodes where node.entryCount > 1 {
            let range = Int(node.firstEntry)..<Int(node.firstEntry + node.entryCount)
            order[range].sort { (left: UInt32, right: UInt32) -> Bool in
                let (leftKey, rightKey) = (zone.setKey(left), zone.setKey(right))
                return leftKey == rightKey ? left < right : leftKey < rightKey
            }
        }
    }

    private mutating func mark(_ zone: Zone) {
        let octets = Octets(zone.octets.span)
        for index in nodes.indices {
            nodes[index].marks = marks(of: index, zone)
            let name = Int(nodes[index].name)
            if index != ZoneIndex.apex, octets.u8(name) == 1, octets.u8(name + 1) == 0x2A {
                nodes[index].marks.insert(.isWildcard)
                nodes[Int(nodes[index].parent)].marks.insert(.hasWildcard)
            }
        }
        // A parent's number is always lower than its child's, so one pass is enough.
        for index in nodes.indices where index != ZoneIndex.apex {
            let parent = nodes[Int(nodes[index].parent)].marks
            if !parent.isDisjoint(with: [.zoneCut, .belowCut]) { nodes[index].marks.insert(.belowCut) }
            if !parent.isDisjoint(with: [.hasDNAME, .belowDNAME]) { nodes[index].marks.insert(.belowDNAME) }
        }
    }

    /// What a node's own records say of it.
    private func marks(of node: Int, _ zone: Zone) -> Marks {
        var marks: Marks = []
        var hasOnlyHashes = nodes[node].entryCount > 0
        for entry in entries(of: node) {
            let type = zone.entries[Int(entry)].type
            if type == .ns && node != ZoneIndex.apex { marks.insert(.zoneCut) }
            if type == .dname { marks.insert(.hasDNAME) }
            if zone.setKey(entry).type != .nsec3 { hasOnlyHashes = false }
        }
        if hasOnlyHashes { marks.insert(.isHashed) }
        return marks
    }

    /// The numbers of the entries of a node, sorted by type.
    func entries(of node: Int) -> ArraySlice<UInt32> {
        order[Int(nodes[node].firstEntry)..<Int(nodes[node].firstEntry + nodes[node].entryCount)]
    }

    /// Drops entries that a check found superfluous: `kept` of the node's, in their order.
    mutating func keep(_ kept: [UInt32], of node: Int) {
        let first = Int(nodes[node].firstEntry)
        for (index, entry) in kept.enumerated() { order[first + index] = entry }
        nodes[node].entryCount = UInt32(truncatingIfNeeded: kept.count)
    }

    /// The node of the uncompressed name that stands at `offset` of the zone's octets, if it exists.
    mutating func node(ofNameAt offset: UInt32, in zone: borrowing Zone) -> Int? {
        let octets = Octets(zone.octets.span)
        guard lookupName.load(octets, at: Int(offset), seed: seed) == nil else { return nil }
        return find(suffix: lookupName.labelCount, octets).map { Int($0) }
    }
}
