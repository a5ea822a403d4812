/// How a zone is worked on: in pieces that may run at the same time, with memory that the caller provides.
///
/// The number of pieces follows from the zone alone. What is made depends on it only in which equal blocks are stored
/// once, and never on how the pieces share time.
struct ZoneWork {
    let parallel: Parallel
    let allocate: @Sendable (_ count: Int) -> MemoryRegion
    /// Fewer records than twice this are one piece.
    let recordsPerPiece: Int

    /// Each piece stores its blocks for itself, but for shared referrals, and looks at all names to fill its part of a
    /// table.
    private static let largestNumberOfPieces = 4

    func pieces(of records: Int) -> Int {
        max(1, min(ZoneWork.largestNumberOfPieces, records / max(1, recordsPerPiece)))
    }

    /// What `work` makes of each number below `count`, in order.
    func map<Result: Sendable>(_ count: Int, _ work: @Sendable (_ piece: Int) -> Result) -> [Result] {
        if count == 1 { return [work(0)] }
        let results = PieceResults<Result>(count: count)
        parallel(count) { results.set(work($0), at: $0) }
        return results.take()
    }

    /// Runs `work` for each piece of `0..<count`.
    func forEach(piecesOf pieces: Int, count: Int, _ work: @Sendable (_ range: Range<Int>) -> Void) {
        if pieces == 1 { return work(0..<count) }
        parallel(pieces) { work(ZoneWork.range($0, of: pieces, count: count)) }
    }

    static func range(_ piece: Int, of pieces: Int, count: Int) -> Range<Int> {
        (count * piece / pieces)..<(count * (piece + 1) / pieces)
    }
}

/// The records of a zone, to read without counting references.
struct ZoneRecords: ~Escapable {
    let octets: Octets
    let entries: Span<Zone.Entry>
    private let order: Span<UInt32>

    /// To be read before there is an index.
    @_lifetime(borrow zone)
    init(_ zone: borrowing Zone) {
        octets = Octets(zone.octets.span)
        entries = zone.entries.span
        order = Span()
    }

    @_lifetime(borrow zone, borrow index)
    init(_ zone: borrowing Zone, _ index: borrowing ZoneIndex) {
        octets = Octets(zone.octets.span)
        entries = zone.entries.span
        order = index.order.span
    }

    /// The numbers of the entries of a node, sorted by type.
    @inline(__always)
    @_lifetime(copy self)
    func entries(of node: ZoneIndex.Node) -> ZoneIndex.Entries {
        ZoneIndex.Entries(
            order: order, isListed: node.marks.contains(.isListed), first: Int(node.firstEntry),
            count: Int(node.entryCount))
    }

    /// Asks for a node's name, and for where its entries are.
    @inline(__always)
    func prefetch(_ node: ZoneIndex.Node) {
        octets.prefetch(Int(node.name))
        if node.marks.contains(.isListed) {
            order.prefetch(Int(node.firstEntry))
        } else {
            entries.prefetch(Int(node.firstEntry))
        }
    }

    /// What brings the records of a set together and puts sets in order: twice the type, and one more for the
    /// signatures, which thus stand right behind what they cover.
    @inline(__always)
    func key(_ index: Int) -> UInt32 { key(entries[index]) }

    @inline(__always)
    func key(_ entry: Zone.Entry) -> UInt32 {
        // RFC 4034 §3.1: the type that an RRSIG covers comes first.
        guard entry.type == .rrsig, entry.dataCount >= 2 else { return UInt32(entry.type.rawValue) &* 2 }
        return UInt32(octets.u16(Int(entry.data))) &* 2 &+ 1
    }

    /// The type of the set that an entry belongs to.
    @inline(__always)
    func type(_ index: Int) -> RecordType { type(entries[index]) }

    @inline(__always)
    func type(_ entry: Zone.Entry) -> RecordType {
        RecordType(rawValue: UInt16(truncatingIfNeeded: key(entry) &>> 1))
    }

    /// Whether the `count` octets at two places are the same but for case.
    @inline(__always)
    func isSame(_ left: Int, _ right: Int, count: Int) -> Bool {
        var done = 0
        while done < count {
            let step = min(8, count &- done)
            let word = ASCII.folded(octets.word(left &+ done, count: step))
            if word != ASCII.folded(octets.word(right &+ done, count: step)) { return false }
            done &+= step
        }
        return true
    }

    /// Whether the name that is a record's data is that of a node, or below it.
    func isInDomain(_ record: Zone.Entry, of node: ZoneIndex.Node) -> Bool {
        let end = Int(record.data) &+ Int(record.dataCount)
        var start = Int(record.data)
        while end &- start > Int(node.nameCount) { start &+= Int(octets.u8(start)) &+ 1 }
        return end &- start == Int(node.nameCount) && isSame(start, Int(node.name), count: Int(node.nameCount))
    }

    func name(at offset: Int, count: Int) -> Name {
        var wire: [UInt8] = []
        for index in 0..<count { wire.append(octets.u8(offset + index)) }
        return Name(validatedWire: wire)
    }
}
