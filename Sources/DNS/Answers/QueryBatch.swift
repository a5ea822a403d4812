/// Queries that are answered together, so that the memory which one waits for is fetched while others are looked at.
///
/// In a large database almost every step of a look-up is a wait for memory. A batch goes through it in passes, and each
/// pass asks for what the next one reads:
///
///     prepare     read the query, hash its name                   → the slot of the zone
///     fetchPlace  read that slot, guess the zone                  → where the zone is
///     fetchSlot   read where the zone is                          → its origin, and the slot of the name
///     fetchEntry  read the slot                                   → the entry, with the blocks behind it
///     fetchBlock  read the entry                                  → the block that stands elsewhere
///     respond     make sure of the guess, and answer as if the query came alone
///
/// Fetching is only advice: a query that was not prepared well is answered as rightly, but later.
///
/// All passes of a batch take the same database.
public struct QueryBatch: ~Copyable {
    /// The most queries of a batch.
    public static let count = 32

    private var queries = InlineArray<32, PreparedQuery> { _ in PreparedQuery() }

    public init() {}

    /// Reads the query at `index`; every index is prepared before its query is answered.
    public mutating func prepare(_ index: Int, _ query: Span<UInt8>, from database: Database) {
        queries[index].prepare(query, from: database)
    }

    /// Fetches what answering the first `count` queries reads.
    public mutating func fetch(_ count: Int, from database: Database) {
        for index in 0..<count { queries[index].fetchPlace(database) }
        for index in 0..<count { queries[index].fetchSlot(database) }
        for index in 0..<count { queries[index].fetchEntry(database) }
        for index in 0..<count { queries[index].fetchBlock(database) }
    }

    /// What the query at `index` asks, nil where it is none; its name is exchanged for `name`.
    @inline(__always)
    mutating func take(_ index: Int, _ name: inout LookupName) -> Query? {
        swap(&queries[index].name, &name)
        return queries[index].query
    }
}

/// A query on its way through the passes.
struct PreparedQuery: ~Copyable {
    var name = LookupName()
    private(set) var query: Query?
    /// The octet of the zone where the slot of the name is, then where its entry is; below zero: nowhere.
    private var offset = -1

    mutating func prepare(_ packet: Span<UInt8>, from database: Database) {
        let octets = Octets(packet)
        offset = -1
        guard Query.isQuery(octets) else {
            query = nil
            return
        }
        let query = Query(octets, name: &name, seed: database.seed)
        if query.hasQuestion { database.prefetchSlot(of: name) }
        self.query = query
    }

    @inline(__always)
    mutating func fetchPlace(_ database: Database) {
        guard query?.hasQuestion == true else { return }
        query?.zone = database.likelyZone(enclosing: name)
    }

    @inline(__always)
    mutating func fetchSlot(_ database: Database) {
        guard let zone = database.view(query?.zone ?? -1) else { return }
        let longest = min(name.labelCount, Int(zone.layout.deepestLabels))
        offset = ZoneLayout.slot(of: name.hash(ofSuffix: longest), slotCount: zone.layout.slotCount) &* 8
        zone.octets.prefetch(offset)
        zone.octets.prefetch(zone.layout.origin)
    }

    /// Looks at the slots of the line that was fetched.
    @inline(__always)
    mutating func fetchEntry(_ database: Database) {
        guard offset >= 0, let zone = database.view(query?.zone ?? -1) else { return }
        let longest = min(name.labelCount, Int(zone.layout.deepestLabels))
        let tag = name.hash(ofSuffix: longest) & 0xFFFF_FFFF
        var slot = offset
        offset = -1
        for _ in 0..<4 where slot &+ 8 <= zone.octets.count {
            let word = zone.octets.word(slot)
            if word == 0 { return }
            if word &>> 32 == tag {
                offset = zone.offset(UInt32(truncatingIfNeeded: word) &- 1)
                zone.octets.prefetch(offset)
                return zone.octets.prefetch(offset &+ 64)
            }
            slot &+= 8
        }
    }

    @inline(__always)
    func fetchBlock(_ database: Database) {
        guard offset >= 0, let zone = database.view(query?.zone ?? -1) else { return }
        let entry = zone.entry(atOffset: offset)
        guard entry.setCount > 0 else { return }
        let block = zone.offset(zone.octets.u32(entry.sets &+ 4))
        // The patches at the end of a referral with addresses are in the third line.
        for line in 0..<3 { zone.octets.prefetch(block &+ line &* 64) }
    }
}
