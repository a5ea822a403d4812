/// Queries that are answered together, so that the memory which one waits for is fetched while others are looked at.
///
/// In a large database almost every step of a look-up is a wait for memory. A batch goes through it in passes, and each
/// pass asks for what the next one reads:
///
///     prepare    read the query, hash its name, guess its zone     → where the zone is
///     fetchSlot  read where it is                                  → its origin, and the slot of the name
///     fetch      make sure of the zone, read the slot              → the entry, with the blocks behind it
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

    /// Asks for the slot of the query's name.
    public func fetchSlot(_ index: Int, from database: Database) { queries[index].fetchSlot(database) }

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
    /// A guess, to be made sure of; below zero: none.
    private var likelyZone = -1
    /// The entry's octet of the zone; below zero: it was not found.
    private var offset = -1

    mutating func prepare(_ packet: Span<UInt8>, from database: Database) {
        let octets = Octets(packet)
        offset = -1
        likelyZone = -1
        query = nil
        guard Query.isQuery(octets) else { return }
        let query = Query(octets, name: &name, seed: database.seed)
        likelyZone = query.hasQuestion ? database.likelyZone(enclosing: name) : -1
        self.query = query
    }

    /// Reads where the zone is.
    func fetchSlot(_ database: Database) {
        guard let place = database.place(likelyZone), place.isAvailable else { return }
        let octets = database.octets(of: place)
        octets.prefetch(place.layout.origin)
        octets.prefetch(slot(in: place.layout))
    }

    /// Makes sure of the zone, whose origin was fetched, and reads the slots of the line that was fetched.
    mutating func fetchEntry(_ database: Database) {
        guard query?.hasQuestion == true else { return }
        let found = database.zone(enclosing: name, labels: name.labelCount)
        query?.zone = found?.number ?? -1
        guard let place = found, place.isAvailable else { return }
        let octets = database.octets(of: place)
        let tag = name.hash(ofSuffix: longest(in: place.layout)) & 0xFFFF_FFFF
        var slot = slot(in: place.layout)
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

    /// Labels of the longest suffix of the name that can exist.
    private func longest(in layout: ZoneLayout) -> Int { min(name.labelCount, Int(layout.deepestLabels)) }

    /// The octet at which looking for that suffix begins.
    private func slot(in layout: ZoneLayout) -> Int {
        ZoneLayout.slot(of: name.hash(ofSuffix: longest(in: layout)), slotCount: layout.slotCount) &* 8
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
