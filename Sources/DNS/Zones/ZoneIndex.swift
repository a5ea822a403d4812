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
        /// What the node itself says, by its mark of that name.
        static let isHashed = Standing(rawValue: 4)
    }

    let seed: UInt64
    let originCount: Int
    let originLabelCount: Int
    var nodes: Column<Node>
    var hashes: Column<UInt64>
    /// The apex is its own parent.
    var parents: Column<UInt32>
    var standings: Column<Standing>
    var order: [UInt32] = []
    /// The cut whose referral a cut shares; 0 where there is none, and nothing where they were not looked for.
    var models: Column<UInt32>
    /// Whether there is a zone cut or a DNAME record, or an RRSIG record at all.
    var hasCuts = false
    var hasSignatures = false
    /// The owners of records, and the empty non-terminals.
    var owners: NameTable
    var others: NameTable

    /// The apex is node 0, also where it has no records.
    static let apex = 0
    /// Names that wait for memory together.
    static let batchCount = 32

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
        standings = Column()
        models = Column()
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
        if hasCuts || runs.contains(where: \.hasHashes) { noteStandings(pieces, work) }
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

    /// Whether a node has the name of `count` octets that stands at `start`.
    @inline(__always)
    func isName(of number: Int, _ start: Int, _ count: Int, _ records: ZoneRecords) -> Bool {
        let node = nodes[number]
        return Int(node.nameCount) == count && !node.marks.contains(.isVoid)
            && records.isSame(Int(node.name), start, count: count)
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
