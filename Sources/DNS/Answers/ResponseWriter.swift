/// Writes a response: copies blocks and patches their pointers. It decides nothing.
///
/// Blocks refer to a name, the context: the question's name, or an alias's target further on in the message.
struct ResponseWriter: ~Copyable, ~Escapable {
    private var writer: WireWriter
    /// Records in answer, authority and additional.
    private var counts: (answer: UInt16, authority: UInt16, additional: UInt16) = (0, 0, 0)
    /// Where the context stands in the message, and its octets.
    private var contextPosition = Header.count
    private var contextCount = 0
    /// Where the answer section begins.
    private var questionEnd = Header.count
    /// Whether signatures are copied too.
    let withSignatures: Bool
    private(set) var isTruncated = false

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

    /// Keeps the message within `limit` octets, `reserve` of them kept for its last record.
    @_lifetime(self: copy self)
    mutating func setLimit(_ limit: Int, reserve: Int) { writer.setLimit(limit - reserve) }

    // MARK: Owners and contexts

    /// The pointer to the context's suffix of `suffixCount` octets.
    private func pointer(toSuffix suffixCount: Int) -> UInt16 {
        if contextPosition == Header.count {
            return 0xC000 | UInt16(truncatingIfNeeded: Header.count &+ contextCount &- suffixCount)
        }
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

    /// Makes the name that stands at `position` of the message the context of what follows, and copies it.
    @_lifetime(self: copy self)
    mutating func setContext(position: Int, copyTo output: inout [UInt8]) {
        contextPosition = position
        copyContext(to: &output)
        contextCount = output.count
    }

    /// The context in full: how far a chain of aliases has got.
    func copyContext(to output: inout [UInt8]) {
        output.removeAll(keepingCapacity: true)
        var position = contextPosition
        while true {
            let length = writer.buffer.u8(position)
            if length >= 0xC0 {
                position = Int(writer.buffer.u16(position) & 0x3FFF)
                continue
            }
            for index in 0...Int(length) { output.append(writer.buffer.u8(position &+ index)) }
            if length == 0 { return }
            position &+= Int(length) &+ 1
        }
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

    /// Adds the set of a type that an entry owns, wherever that stands in the zone, to the authority section. False where
    /// it does not fit.
    @_lifetime(self: copy self)
    mutating func append(_ type: RecordType, ownedBy entry: ZoneView.Entry, of zone: ZoneView) -> Bool {
        guard let block = zone.block(type, of: entry), block.patchCount == 0, block.octetCount > 2 else { return true }
        let count = block.octetCount &+ block.signatureOctetCount &- 2
        let start = writer.count
        guard start < ResponseWriter.pointerLimit, writer.hasRoom(entry.nameCount &+ 2 &+ count) else { return false }
        _ = writer.copy(zone.octets, entry.name, count: entry.nameCount)
        let apex = pointer(toSuffix: Int(zone.layout.originCount))
        _ = writer.copy(zone.octets, block.body, count: count &+ 2)
        writer.overwrite(apex, at: start &+ entry.nameCount)
        let second = start &+ entry.nameCount &+ 12 &+ Int(writer.buffer.u16(start &+ entry.nameCount &+ 10))
        let records = block.recordCount &+ block.signatureCount
        patchOwners(from: second, records: records &- 1, owner: 0xC000 | UInt16(truncatingIfNeeded: start))
        add(records, to: .authority)
        return true
    }

    /// Owners stand as the pointer to the question's name, which most often is right.
    @_lifetime(self: copy self)
    private mutating func patchOwners(from start: Int, records: Int, owner: UInt16) {
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
    private mutating func patch(
        _ block: ZoneView.Block, of zone: ZoneView, body: Int, _ range: Range<Int>, at start: Int, origin: Int
    ) {
        var offset = body &+ block.octetCount &+ block.signatureOctetCount
        for _ in 0..<block.patchCount {
            let position = Int(zone.octets.u16(offset))
            let patch = BlockPatch(rawValue: zone.octets.u16(offset &+ 2))
            offset &+= 4
            if position < range.lowerBound { continue }
            if position >= range.upperBound { return }
            let pointer =
                switch patch.target {
                case .suffix(let count): pointer(toSuffix: count)
                case .block(let target): 0xC000 | UInt16(truncatingIfNeeded: origin &+ target)
                }
            writer.overwrite(pointer, at: start &- range.lowerBound &+ position)
        }
    }

    private mutating func add(_ records: Int, to section: Section) {
        let records = UInt16(truncatingIfNeeded: records)
        switch section {
        case .answer: counts.answer &+= records
        case .authority: counts.authority &+= records
        case .additional: counts.additional &+= records
        }
    }
}

// MARK: Referrals

extension ResponseWriter {
    /// Adds the NS records of a cut, which the context's suffix of `ownerSuffix` octets owns. Returns where they begin;
    /// nil where they do not fit.
    @_lifetime(self: copy self)
    mutating func appendServers(_ block: ZoneView.Block, of zone: ZoneView, ownerSuffix: Int) -> Int? {
        let count = Int(zone.octets.u16(block.body))
        let records = Int(zone.octets.u16(block.body &+ 2))
        let start = writer.count
        guard start <= BlockBuilder.landmarkLimit, writer.copy(zone.octets, block.body &+ 8, count: count) else {
            isTruncated = true
            return nil
        }
        patchOwners(from: start, records: records, owner: pointer(toSuffix: ownerSuffix))
        patch(block, of: zone, body: block.body &+ 8, 0..<count, at: start, origin: start)
        add(records, to: .authority)
        return start
    }

    /// Adds the addresses that go with the NS records at `servers`. Without room for those without which nobody gets
    /// there it is truncated (RFC 9471 §3); others that do not fit are left out.
    @_lifetime(self: copy self)
    mutating func appendAddresses(_ block: ZoneView.Block, of zone: ZoneView, servers: Int) {
        let body = block.body &+ 8
        let first = (octets: Int(zone.octets.u16(block.body)), records: Int(zone.octets.u16(block.body &+ 2)))
        let needed = Int(zone.octets.u16(block.body &+ 4))
        var last = (octets: block.octetCount, records: block.recordCount)
        if !writer.hasRoom(last.octets &- first.octets) {
            last = wholeSets(of: zone, body: body, from: first, to: block.octetCount)
            if last.octets < needed { isTruncated = true }
        }
        let start = writer.count
        guard writer.copy(zone.octets, body &+ first.octets, count: last.octets &- first.octets) else { return }
        patch(block, of: zone, body: body, first.octets..<last.octets, at: start, origin: servers)
        add(last.records &- first.records, to: .additional)
    }

    /// How many octets and records of a referral fit, cut off between two sets.
    private func wholeSets(
        of zone: ZoneView, body: Int, from first: (octets: Int, records: Int), to end: Int
    ) -> (octets: Int, records: Int) {
        var position = first.octets
        var records = first.records
        var fitting = first
        while position < end {
            if zone.octets.u16(body &+ position) != BlockBuilder.continuedPointer { fitting = (position, records) }
            guard let nameEnd = zone.nameEnd(body &+ position) else { return fitting }
            position = nameEnd &+ 10 &+ Int(zone.octets.u16(nameEnd &+ 8)) &- body
            if !writer.hasRoom(position &- first.octets) { return fitting }
            records &+= 1
        }
        return (position, records)
    }
}

// MARK: The rest of the message

extension ResponseWriter {
    /// Adds a CNAME record that the context owns (RFC 6672 §3.1). Returns where its target stands; nil without room.
    @_lifetime(self: copy self)
    mutating func appendAlias(to target: Span<UInt8>, ttl: UInt32) -> Int? {
        guard writer.hasRoom(12 &+ target.count) else { return nil }
        let owner = pointer(toSuffix: contextCount)
        do throws(WireError) {
            try writer.append(owner)
            try writer.append(RecordType.cname.rawValue)
            try writer.append(RecordClass.internet.rawValue)
            try writer.append(ttl)
            try writer.append(UInt16(truncatingIfNeeded: target.count))
            try writer.append(target)
        } catch {
            return nil
        }
        add(1, to: .answer)
        return writer.count &- target.count
    }

    /// The answer does not fit: it says so and holds nothing (RFC 2181 §9).
    @_lifetime(self: copy self)
    mutating func truncateAnswer() {
        writer.cut(to: questionEnd)
        counts = (0, 0, 0)
        isTruncated = true
    }

    /// Something behind the answer section does not fit.
    mutating func markTruncated() { isTruncated = true }

    /// Adds OPT (RFC 6891), with an extended error if there is one, beyond the limit set so far.
    @_lifetime(self: copy self)
    mutating func appendExtension(
        payloadSize: Int, code: ResponseCode, dnssecOK: Bool, error: ExtendedError.Code?
    ) {
        writer.setLimit(writer.limit &+ ResponseWriter.extensionCount &+ (error == nil ? 0 : 6))
        do throws(WireError) {
            try writer.append(UInt8(0))
            try writer.append(RecordType.opt.rawValue)
            try writer.append(UInt16(truncatingIfNeeded: payloadSize))
            try writer.append(UInt16((code.rawValue &>> 4) &<< 8))
            try writer.append(dnssecOK ? EDNS.dnssecOKFlag : 0)
            try writer.append(UInt16(error == nil ? 0 : 6))
            if let error {
                try writer.append(EDNS.Option.Code.extendedError.rawValue)
                try writer.append(UInt16(2))
                try writer.append(error.rawValue)
            }
        } catch {
            return
        }
        counts.additional &+= 1
    }

    /// The octets of an OPT record without options, for which room is kept.
    static let extensionCount = 11

    /// Adds an unsigned TSIG record that says that the key is unknown (RFC 8945 §5.2), if there is room.
    @_lifetime(self: copy self)
    mutating func appendUnknownKey(_ signature: Query.Signature, of query: Octets) {
        let start = writer.count
        do throws(WireError) {
            try appendName(signature.owner, of: query)
            try writer.append(RecordType.tsig.rawValue)
            try writer.append(RecordClass.any.rawValue)
            try writer.append(UInt32(0))
            let length = writer.count
            try writer.append(UInt16(0))
            try appendName(signature.algorithm, of: query)
            try writer.append(query, signature.time, 8)
            try writer.append(UInt16(0))
            try writer.append(query, signature.originalID, 2)
            try writer.append(ResponseCode.badKey.rawValue)
            try writer.append(UInt16(0))
            writer.overwrite(UInt16(truncatingIfNeeded: writer.count &- length &- 2), at: length)
            counts.additional &+= 1
        } catch {
            writer.cut(to: start)
        }
    }

    /// Copies a name of the query, which was found to be well-formed, without its pointers.
    @_lifetime(self: copy self)
    private mutating func appendName(_ start: Int, of query: Octets) throws(WireError) {
        var offset = start
        while true {
            let length = Int(query.u8(offset))
            if length >= 0xC0 {
                offset = Int(query.u16(offset)) & 0x3FFF
                continue
            }
            try writer.append(query, offset, length &+ 1)
            offset &+= length &+ 1
            if length == 0 { return }
        }
    }

    /// Fills the header in; the id stands already.
    @_lifetime(self: copy self)
    mutating func finish(flags: UInt16, code: ResponseCode, isAuthoritative: Bool) -> Int {
        let kept = flags & (Header.Flags.opcode | Header.Flags.recursionDesired | Header.Flags.checkingDisabled)
        let set = Header.Flags.response | (isAuthoritative ? Header.Flags.authoritative : 0)
        writer.overwrite(kept | set | (isTruncated ? Header.Flags.truncated : 0) | code.rawValue & 0xF, at: 2)
        writer.overwrite(questionEnd > Header.count ? 1 : 0, at: 4)
        writer.overwrite(counts.answer, at: 6)
        writer.overwrite(counts.authority, at: 8)
        writer.overwrite(counts.additional, at: 10)
        return writer.count
    }
}
