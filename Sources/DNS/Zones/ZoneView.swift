/// A compiled zone, to look things up in. Reads the layout that `CompiledZone` draws, and decides nothing.
struct ZoneView: ~Escapable {
    let octets: Octets
    let layout: ZoneLayout

    @_lifetime(copy octets)
    init(_ octets: Octets, _ layout: ZoneLayout) {
        self.octets = octets
        self.layout = layout
    }

    /// The octet at which something at `place` begins.
    @inline(__always)
    func offset(_ place: UInt32) -> Int { layout.heap &+ Int(place) &* 4 }

    /// The entry of the name's suffix with `labels` labels, which is the apex or below it.
    func entry(_ labels: Int, of name: borrowing LookupName) -> Entry? {
        let start = name.offset(ofSuffix: labels)
        return entry(hash: name.hash(ofSuffix: labels)) { entry in
            name.count &- start &- Int(layout.originCount) == entry.nameCount
                && name.isEqual(start, entry.nameCount, octets, at: entry.name)
        }
    }

    /// As `entry`, where it may be the apex.
    func existingEntry(_ labels: Int, of name: borrowing LookupName) -> Entry? {
        labels == Int(layout.originLabels) ? apex : entry(labels, of: name)
    }

    /// The entry of `*` below the name's suffix with `labels` labels.
    func wildcard(below labels: Int, of name: borrowing LookupName) -> Entry? {
        let start = name.offset(ofSuffix: labels)
        let relativeCount = name.count &- start &- Int(layout.originCount)
        return entry(hash: LookupName.hash(ofWildcardBelow: name.hash(ofSuffix: labels))) { entry in
            entry.nameCount == relativeCount &+ 2 && octets.u16(entry.name) == 0x012A
                && name.isEqual(start, relativeCount, octets, at: entry.name &+ 2)
        }
    }

    @inline(__always)
    private func entry(hash: UInt64, where isWanted: (Entry) -> Bool) -> Entry? {
        var slot = ZoneLayout.slot(of: hash, slotCount: layout.slotCount)
        while true {
            let word = octets.word(slot &* 8)
            if word == 0 { return nil }
            if word &>> 32 == hash & 0xFFFF_FFFF {
                let entry = entry(at: UInt32(truncatingIfNeeded: word) &- 1)
                if isWanted(entry) { return entry }
            }
            slot &+= 1
            if slot == Int(layout.slotCount) { slot = 0 }
        }
    }

    /// Whether the name is the apex or below it.
    func encloses(_ name: borrowing LookupName) -> Bool {
        let labels = Int(layout.originLabels)
        guard name.labelCount >= labels else { return false }
        let start = name.offset(ofSuffix: labels)
        return name.count &- start == Int(layout.originCount)
            && name.isEqual(start, Int(layout.originCount), octets, at: layout.origin)
    }

    /// The octets of the entry's name where it is the name at hand or an ancestor of it, and the zone encloses that. Nil
    /// for the apex too, whose name is as quickly written out.
    func suffix(of name: borrowing LookupName, ownedBy entry: Entry) -> Int? {
        let count = entry.nameCount &+ Int(layout.originCount)
        let start = name.count &- count
        guard entry.nameCount > 0, start >= 0, name.isEqual(start, entry.nameCount, octets, at: entry.name),
            encloses(name), (0...name.labelCount).contains(where: { name.offset(ofSuffix: $0) == start })
        else { return nil }
        return count
    }

    var apex: Entry { entry(at: ZoneLayout.apex) }

    func entry(at place: UInt32) -> Entry { entry(atOffset: offset(place)) }

    func entry(atOffset offset: Int) -> Entry {
        Entry(offset: offset, head: octets.u32(offset))
    }

    /// A name that exists.
    struct Entry {
        let offset: Int
        fileprivate let head: UInt32

        /// Octets below the apex.
        var nameCount: Int { Int(head &>> 24) }
        var marks: EntryMarks { EntryMarks(rawValue: UInt8(truncatingIfNeeded: head &>> 16)) }
        var setCount: Int { Int(head & 0xFFFF) }

        var name: Int { offset &+ 4 }
        var sets: Int { offset &+ 4 &+ (nameCount &+ 3) & ~3 }
        var proofs: Int { sets &+ setCount &* 8 }
    }

    /// The set at `index` of an entry, in the order of types.
    func set(_ index: Int, of entry: Entry) -> (type: RecordType, block: Block) {
        let offset = entry.sets &+ index &* 8
        return (RecordType(rawValue: octets.u16(offset)), block(at: octets.u32(offset &+ 4)))
    }

    /// The set of a type, looked for by halves: a name may have thousands.
    func block(_ type: RecordType, of entry: Entry) -> Block? {
        let sets = entry.sets
        var low = 0
        var high = entry.setCount
        while low < high {
            let middle = (low &+ high) &>> 1
            if octets.u16(sets &+ middle &* 8) < type.rawValue { low = middle &+ 1 } else { high = middle }
        }
        let offset = sets &+ low &* 8
        guard low < entry.setCount, octets.u16(offset) == type.rawValue else { return nil }
        return block(at: octets.u32(offset &+ 4))
    }

    /// Of the SOA record at the apex.
    var serial: SerialNumber {
        guard let block = block(.soa, of: apex), block.octetCount >= 20 else { return SerialNumber(0) }
        return SerialNumber(octets.u32(block.body &+ block.octetCount &- 20))
    }

    /// The SOA record of negative answers.
    var negative: Block { block(at: layout.negative) }

    func block(at place: UInt32) -> Block {
        let offset = offset(place)
        let head = octets.u32(offset)
        var (body, patches, signatures) = (offset &+ 4, UInt16(0), UInt32(0))
        if head & UInt32(BlockHead.isPatched) != 0 {
            patches = octets.u16(body)
            body &+= 4
        }
        if head & UInt32(BlockHead.isSigned) != 0 {
            signatures = octets.u32(body)
            body &+= 4
        }
        return Block(head: head, signatures: signatures, patches: patches, body: body)
    }

    /// The end of a name in a block, whose pointers lead nowhere yet.
    func nameEnd(_ start: Int) -> Int? {
        var offset = start
        while offset < octets.count {
            let length = Int(octets.u8(offset))
            if length >= 0xC0 { return offset &+ 2 }
            offset &+= length &+ 1
            if length == 0 { return offset }
        }
        return nil
    }

    /// An RRset with its signatures; a referral's four marks stand before its records.
    struct Block {
        fileprivate let head: UInt32
        fileprivate let signatures: UInt32
        fileprivate let patches: UInt16

        var octetCount: Int { Int(head &>> 16) }
        var recordCount: Int { Int(head) & BlockHead.recordCount }
        var patchCount: Int { Int(patches) }
        var signatureCount: Int { Int(signatures &>> 16) }
        var signatureOctetCount: Int { Int(signatures & 0xFFFF) }
        /// Behind the head.
        let body: Int
    }
}

extension ZoneView {
    /// The entry behind this one: entries and the blocks that they are the first to use follow each other.
    func end(of entry: Entry) -> Int {
        var end = entry.proofs &+ (entry.marks.contains(.hasProofs) ? 8 : 0)
        for index in 0..<entry.setCount {
            let place = octets.u32(entry.sets &+ index &* 8 &+ 4)
            guard offset(place) == end else { continue }
            let type = octets.u16(entry.sets &+ index &* 8)
            let isReferral = type == RecordType.ns.rawValue && entry.marks.contains(.zoneCut)
            let block = block(at: place)
            let count = block.octetCount &+ block.signatureOctetCount &+ block.patchCount &* 4
            end = (block.body &+ (isReferral ? 8 : 0) &+ count &- layout.heap &+ 3) & ~3 &+ layout.heap
        }
        return end
    }
}
