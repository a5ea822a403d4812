/// Writes a response: copies blocks and patches their pointers. It decides nothing.
///
/// Blocks refer to a name, the context: the question's name, or an alias's target further on in the message.
struct ResponseWriter: ~Copyable, ~Escapable {
    var writer: WireWriter
    /// Records in answer, authority and additional.
    var counts: (answer: UInt16, authority: UInt16, additional: UInt16) = (0, 0, 0)
    /// Where the context stands in the message, and its octets.
    private(set) var contextPosition = Header.count
    private(set) var contextCount = 0
    /// Where the answer section begins.
    private(set) var questionEnd = Header.count
    /// Whether signatures are copied too.
    let withSignatures: Bool
    var isTruncated = false

    /// No pointer reaches this far (RFC 1035 §4.1.4).
    static let pointerLimit = 0x4000

    enum Section { case answer, authority, additional }

    /// Begins with header and question of the query, the counts to be filled in at the end.
    @_lifetime(&response)
    init(_ response: inout MutableSpan<UInt8>, echoing query: Octets, questionEnd: Int, withSignatures: Bool) {
        writer = WireWriter(&response)
        _ = writer.copy(query, count: questionEnd)
        self.questionEnd = questionEnd
        contextCount = max(0, questionEnd &- Header.count &- 4)
        self.withSignatures = withSignatures
    }

    var count: Int { writer.count }

    /// What was written so far.
    var message: Octets {
        @_lifetime(borrow self)
        get { writer.buffer.octets(writer.count) }
    }

    /// Keeps the message within `limit` octets, `reserve` of them kept for its last record.
    @_lifetime(self: copy self)
    mutating func setLimit(_ limit: Int, reserve: Int) { writer.setLimit(limit - reserve) }

    // MARK: Owners and contexts

    /// The pointer to the context's suffix of `suffixCount` octets.
    @inline(__always)
    func pointer(toSuffix suffixCount: Int) -> UInt16 {
        contextPosition == Header.count
            ? 0xC000 | UInt16(truncatingIfNeeded: Header.count &+ contextCount &- suffixCount)
            : pointer(intoTarget: suffixCount)
    }

    /// As `pointer(toSuffix:)`, where the context is an alias's target, of several pieces perhaps.
    private func pointer(intoTarget suffixCount: Int) -> UInt16 {
        var position = contextPosition
        var left = contextCount
        while true {
            let length = writer.buffer.u8(position)
            if length >= 0xC0 {
                position = Int(writer.buffer.u16(position) & 0x3FFF)
            } else if left <= suffixCount || length == 0 {
                return 0xC000 | UInt16(truncatingIfNeeded: position)
            } else {
                left &-= Int(length) &+ 1
                position &+= Int(length) &+ 1
            }
        }
    }

    /// Makes the name at `position`, which has `count` octets when it is expanded, the context of what follows.
    @_lifetime(self: copy self)
    mutating func setContext(position: Int, count: Int) {
        contextPosition = position
        contextCount = count
    }

    // MARK: Sections

    private enum Part { case records, signatures, all }

    /// Adds a set that the context owns. False where it does not fit: then nothing is added.
    @_lifetime(self: copy self)
    mutating func append(_ block: ZoneView.Block, of zone: ZoneView, to section: Section) -> Bool {
        append(block, of: zone, ownerSuffix: contextCount, part: withSignatures ? .all : .records, to: section)
    }

    /// Adds a set that the context's suffix of `ownerSuffix` octets owns.
    @_lifetime(self: copy self)
    mutating func append(
        _ block: ZoneView.Block, of zone: ZoneView, ownerSuffix: Int, to section: Section
    ) -> Bool {
        append(block, of: zone, ownerSuffix: ownerSuffix, part: withSignatures ? .all : .records, to: section)
    }

    /// Adds only the signatures of a set that the context owns.
    @_lifetime(self: copy self)
    mutating func appendSignatures(_ block: ZoneView.Block, of zone: ZoneView) -> Bool {
        append(block, of: zone, ownerSuffix: contextCount, part: .signatures, to: .answer)
    }

    @_lifetime(self: copy self)
    private mutating func append(
        _ block: ZoneView.Block, of zone: ZoneView, ownerSuffix: Int, part: Part, to section: Section
    ) -> Bool {
        let skipped = part == .signatures ? block.octetCount : 0
        let count =
            switch part {
            case .records: block.octetCount
            case .signatures: block.signatureOctetCount
            case .all: block.octetCount &+ block.signatureOctetCount
            }
        let records =
            switch part {
            case .records: block.recordCount
            case .signatures: block.signatureCount
            case .all: block.recordCount &+ block.signatureCount
            }
        let start = writer.count
        // What points back into the block must be within a pointer's reach.
        guard block.patchCount == 0 || start <= BlockBuilder.landmarkLimit else { return false }
        guard writer.copy(zone.octets, block.body &+ skipped, count: count) else { return false }
        patchOwners(from: start, records: records, owner: pointer(toSuffix: ownerSuffix))
        if skipped == 0 { patch(block, of: zone, body: block.body, 0..<count, at: start, origin: start) }
        add(records, to: section)
        return true
    }

    /// Adds the set of a type that an entry owns, wherever that stands in the zone, to the authority section; `suffix` are
    /// the octets of its name where that ends the context's. False where it does not fit.
    @_lifetime(self: copy self)
    mutating func append(
        _ type: RecordType, ownedBy entry: ZoneView.Entry, suffix: Int?, of zone: ZoneView
    ) -> Bool {
        guard let block = zone.block(type, of: entry), block.patchCount == 0, block.octetCount > 2 else { return true }
        if let suffix { return append(block, of: zone, ownerSuffix: suffix, to: .authority) }
        let count = block.octetCount &+ block.signatureOctetCount &- 2
        let start = writer.count
        let apex = pointer(toSuffix: Int(zone.layout.originCount))
        // Behind a large set of a wildcard no pointer reaches the owner.
        if start >= ResponseWriter.pointerLimit { return appendEach(block, ownedBy: entry, of: zone, apex: apex) }
        guard writer.hasRoom(entry.nameCount &+ 2 &+ count) else { return false }
        _ = writer.copy(zone.octets, entry.name, count: entry.nameCount)
        _ = writer.copy(zone.octets, block.body, count: count &+ 2)
        writer.overwrite(apex, at: start &+ entry.nameCount)
        let second = start &+ entry.nameCount &+ 12 &+ Int(writer.buffer.u16(start &+ entry.nameCount &+ 10))
        let records = block.recordCount &+ block.signatureCount
        patchOwners(from: second, records: records &- 1, owner: 0xC000 | UInt16(truncatingIfNeeded: start))
        add(records, to: .authority)
        return true
    }

    /// The same with the owner before each record.
    @_lifetime(self: copy self)
    private mutating func appendEach(
        _ block: ZoneView.Block, ownedBy entry: ZoneView.Entry, of zone: ZoneView, apex: UInt16
    ) -> Bool {
        let records = block.recordCount &+ block.signatureCount
        let count = block.octetCount &+ block.signatureOctetCount
        guard writer.hasRoom(count &+ records &* entry.nameCount) else { return false }
        var offset = block.body
        for _ in 0..<records {
            let size = 12 &+ Int(zone.octets.u16(offset &+ 10))
            _ = writer.copy(zone.octets, entry.name, count: entry.nameCount)
            let owner = writer.count
            _ = writer.copy(zone.octets, offset, count: size)
            writer.overwrite(apex, at: owner)
            offset &+= size
        }
        add(records, to: .authority)
        return true
    }

    /// Owners stand as the pointer to the question's name, which most often is right.
    @_lifetime(self: copy self)
    mutating func patchOwners(from start: Int, records: Int, owner: UInt16) {
        if owner == BlockBuilder.ownerPointer { return }
        var position = start
        for _ in 0..<records {
            writer.overwrite(owner, at: position)
            position &+= 12 &+ Int(writer.buffer.u16(position &+ 10))
        }
    }

    /// Fills in the pointers in `range` of the block's octets, whose first stands at `start`; pointers into the block count
    /// from `origin`.
    @_lifetime(self: copy self)
    mutating func patch(
        _ block: ZoneView.Block, of zone: ZoneView, body: Int, _ range: Range<Int>, at start: Int, origin: Int
    ) {
        var offset = body &+ block.octetCount &+ block.signatureOctetCount
        // To the end of the question's name.
        let last = 0xC000 | UInt16(truncatingIfNeeded: Header.count &+ contextCount)
        for _ in 0..<block.patchCount {
            let word = zone.octets.u32(offset)
            let position = Int(word &>> 16)
            let patch = BlockPatch(rawValue: UInt16(truncatingIfNeeded: word))
            offset &+= 4
            if position < range.lowerBound { continue }
            if position >= range.upperBound { return }
            let pointer =
                switch patch.target {
                case .suffix(let count) where contextPosition == Header.count: last &- UInt16(truncatingIfNeeded: count)
                case .suffix(let count): pointer(toSuffix: count)
                case .block(let target): 0xC000 | UInt16(truncatingIfNeeded: origin &+ target)
                }
            writer.overwrite(pointer, at: start &- range.lowerBound &+ position)
        }
    }

    mutating func add(_ records: Int, to section: Section) {
        let records = UInt16(truncatingIfNeeded: records)
        switch section {
        case .answer: counts.answer &+= records
        case .authority: counts.authority &+= records
        case .additional: counts.additional &+= records
        }
    }
}
