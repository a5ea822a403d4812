/// Queries that are answered together, so that the memory which one waits for is fetched while others are looked at.
///
/// In a large database almost every step of a look-up is a wait for memory. A batch goes through it in passes, and each
/// pass asks for what the next one reads:
///
///     prepare    read the query, hash its name, find its zone      → the slot of its name
///     fetch      read the slot                                     → the entry, with the blocks behind it
///     fetchBlock read the entry                                    → the block that stands elsewhere
///     respond    answer, as if the query came alone
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

    /// Asks for the entry of the query's name.
    public mutating func fetch(_ index: Int, from database: Database) { queries[index].fetchEntry(database) }

    /// Asks for the block that the answer is likely to copy.
    public func fetchBlock(_ index: Int, from database: Database) { queries[index].fetchBlock(database) }

    /// What the query at `index` asks, nil where it is none; its name is exchanged for `name`.
    mutating func take(_ index: Int, _ name: inout LookupName) -> Query? {
        swap(&queries[index].name, &name)
        return queries[index].query
    }
}

/// A query on its way through the passes.
struct PreparedQuery: ~Copyable {
    var name = LookupName()
    private(set) var query: Query?
    /// Where the look-up has got to: an octet of the zone; below zero: no further.
    private var offset = -1

    mutating func prepare(_ packet: Span<UInt8>, from database: Database) {
        let octets = Octets(packet)
        offset = -1
        query = nil
        guard Query.isQuery(octets) else { return }
        var query = Query(octets, name: &name, seed: database.seed)
        defer { self.query = query }
        guard query.hasQuestion, let place = database.zone(enclosing: name, labels: name.labelCount) else { return }
        query.zone = place.number
        let longest = min(name.labelCount, Int(place.layout.deepestLabels))
        guard longest >= Int(place.layout.originLabels), place.isAvailable else { return }
        offset = ZoneLayout.slot(of: name.hash(ofSuffix: longest), slotCount: place.layout.slotCount) &* 8
        database.octets(of: place).prefetch(offset)
    }

    /// Reads the slots of the line that was fetched.
    mutating func fetchEntry(_ database: Database) {
        guard offset >= 0, let place = database.place(query?.zone ?? -1) else { return }
        let octets = database.octets(of: place)
        let longest = min(name.labelCount, Int(place.layout.deepestLabels))
        let tag = name.hash(ofSuffix: longest) & 0xFFFF_FFFF
        var slot = offset
        offset = -1
        for _ in 0..<4 where slot &+ 8 <= octets.count {
            let word = octets.word(slot)
            if word == 0 { return }
            if word &>> 32 == tag {
                offset = place.layout.heap &+ Int(UInt32(truncatingIfNeeded: word) &- 1) &* 4
                octets.prefetch(offset)
                return octets.prefetch(offset &+ 64)
            }
            slot &+= 8
        }
    }

    /// Reads the entry.
    func fetchBlock(_ database: Database) {
        guard offset >= 0, let place = database.place(query?.zone ?? -1) else { return }
        let view = ZoneView(database.octets(of: place), place.layout)
        let entry = view.entry(atOffset: offset)
        guard entry.setCount > 0 else { return }
        let block = view.offset(view.octets.u32(entry.sets &+ 4))
        view.octets.prefetch(block)
        view.octets.prefetch(block &+ 64)
    }
}
