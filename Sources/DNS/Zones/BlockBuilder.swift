/// Makes the octets of RRsets as they will stand in answers: see `CompiledZone` for the layout of a block.
///
/// The owner of a set is a suffix of the question's name, so in a message it is a pointer that depends on that
/// name's length alone, and so is what a name in the data shares with the owner. Names that share something with an
/// earlier name of the block point back into the block.
///
/// Blocks are made one behind the other, until `clear`.
struct BlockBuilder: ~Copyable {
    /// All blocks made since `clear`, and the one being made: its records so far, signatures last.
    private(set) var writer: GrowingOctets
    private(set) var recordCount = 0
    /// Position among the records and BlockPatch, 16 bits each.
    private var patches: [UInt32] = []
    /// Where the records of the block being made begin.
    private var start = 0
    /// The uncompressed name that is the question's suffix: its labels may be pointed at.
    private var context = Place(offset: 0, count: 0)
    /// Where names of the block stand that later ones may point at.
    private var landmarks: [Int] = []
    private let layouts: [NameLayout]

    /// Octets of the records being read.
    struct Place {
        var offset: Int
        var count: Int
    }

    /// Where the data of a type has names that may be compressed: `names` of them behind `prefix` octets.
    private struct NameLayout {
        var prefix = 0
        var names = 0
    }

    /// Pointers have 14 bits, and a block may begin this far from the end of their reach.
    static let landmarkLimit = 0x2000
    /// Stands for the owner of the set; the right pointer where the owner is the question's name itself.
    static let ownerPointer: UInt16 = 0xC000 | UInt16(Header.count)
    /// Stands where a patch belongs.
    private static let patchPointer: UInt16 = 0xC000
    /// The same, where the record belongs to the set of the one before it.
    static let continuedPointer: UInt16 = 0xC001
    /// The longest head of a block.
    private static let headCount = 20

    init() {
        writer = GrowingOctets(capacity: 4096)
        layouts = BlockBuilder.compressible
    }

    /// Of the types that have such names, by number: all are of RFC 1035, and have them one behind the other.
    private static let compressible: [NameLayout] = (UInt16(0)..<32).map { number in
        var layout = NameLayout()
        let nothing: [UInt8] = []
        for field in RecordRegistry.format(of: RecordType(rawValue: number)).fields {
            if case .name(.compressed) = field.kind {
                layout.names += 1
            } else if layout.names == 0, case .fixed(let count) = field.kind.extent(after: Octets(nothing.span)) {
                layout.prefix += count
            } else {
                break
            }
        }
        return layout
    }

    mutating func clear() { writer.truncate(to: 0) }

    /// Begins a block whose names may be shortened against `context`, a suffix of every question's name that it
    /// will answer.
    mutating func begin(context: Place) {
        writer.pad()
        writer.append(zeros: BlockBuilder.headCount)
        start = writer.count
        patches.removeAll(keepingCapacity: true)
        landmarks.removeAll(keepingCapacity: true)
        self.context = context
        recordCount = 0
    }

    /// Of what is there so far.
    var end: End { (writer.count - start, recordCount) }

    /// Octets and number of records.
    typealias End = (octets: Int, records: Int)

    /// Ends the block, whose signatures begin at `recordsEnd`; gives where it stands. A referral says where its NS
    /// records end, and the addresses that it needs.
    mutating func finish(recordsEnd: End, referral: (delegation: End, required: End)? = nil) -> Place {
        let (octetCount, count) = end
        let signatureCount = count - recordsEnd.records
        let head = start - 8 - (signatureCount > 0 ? 4 : 0) - (referral == nil ? 0 : 8)
        for patch in patches { writer.append(number: patch) }
        writer.pad()
        writer.store(UInt16(truncatingIfNeeded: recordsEnd.octets), at: head)
        writer.store(UInt16(truncatingIfNeeded: recordsEnd.records), at: head + 2)
        writer.store(UInt16(truncatingIfNeeded: patches.count), at: head + 4)
        writer.store(UInt16(truncatingIfNeeded: signatureCount), at: head + 6)
        if signatureCount > 0 {
            writer.store(UInt16(truncatingIfNeeded: octetCount - recordsEnd.octets), at: head + 8)
        }
        if let referral {
            writer.store(UInt16(truncatingIfNeeded: referral.delegation.octets), at: start - 8)
            writer.store(UInt16(truncatingIfNeeded: referral.delegation.records), at: start - 6)
            writer.store(UInt16(truncatingIfNeeded: referral.required.octets), at: start - 4)
            writer.store(UInt16(truncatingIfNeeded: referral.required.records), at: start - 2)
        }
        return Place(offset: head, count: writer.count - head)
    }

    /// The owner of the set.
    @inline(__always)
    mutating func appendOwner() { writer.append(number: BlockBuilder.ownerPointer) }

    /// An owner that stands at `position` of the block, or, too far behind for a pointer, in full. What belongs to
    /// the set of the record before it says so.
    mutating func appendOwner(at position: Int, name: Place, isContinued: Bool, _ octets: Octets) {
        if position < BlockBuilder.landmarkLimit {
            let placeholder = isContinued ? BlockBuilder.continuedPointer : BlockBuilder.patchPointer
            appendPointer(BlockPatch.block(position: position), placeholder: placeholder)
        } else {
            writer.append(octets, name.offset, count: name.count)
        }
    }

    /// Type, class, TTL and data of a record whose owner was just appended. Returns where its data begins.
    @discardableResult
    @inline(__always)
    mutating func appendRecord(_ record: Zone.Entry, ttl: UInt32, _ octets: Octets) -> Int {
        writer.append(number: UInt32(record.type.rawValue) &<< 16 | UInt32(RecordClass.internet.rawValue))
        writer.append(number: ttl)
        writer.append(number: record.dataCount)
        recordCount &+= 1
        let position = writer.count
        let number = Int(record.type.rawValue)
        if number < layouts.count, layouts[number].names > 0 {
            appendNames(layouts[number], Place(offset: Int(record.data), count: Int(record.dataCount)), octets)
            writer.store(UInt16(truncatingIfNeeded: writer.count &- position), at: position &- 2)
        } else {
            writer.append(octets, Int(record.data), count: Int(record.dataCount))
        }
        return position &- start
    }

    private mutating func appendPointer(_ patch: BlockPatch, placeholder: UInt16 = patchPointer) {
        patches.append(UInt32(truncatingIfNeeded: writer.count - start) << 16 | UInt32(patch.rawValue))
        writer.append(number: placeholder)
    }

    /// Copies data; its compressible names become as short as the context and the block allow.
    private mutating func appendNames(_ layout: NameLayout, _ data: Place, _ octets: Octets) {
        let end = data.offset + data.count
        writer.append(octets, data.offset, count: layout.prefix)
        var offset = data.offset + layout.prefix
        for _ in 0..<layout.names { offset = appendName(Place(offset: offset, count: end - offset), octets) }
        writer.append(octets, offset, count: end - offset)
    }

    /// Appends the name that begins at a place; gives where it ends.
    private mutating func appendName(_ place: Place, _ octets: Octets) -> Int {
        let end = place.offset + octets.nameCount(at: place.offset)
        var offset = place.offset
        // Its own labels can be pointed at only once it is complete.
        let known = landmarks.count
        while octets.u8(offset) != 0 {
            let tail = Place(offset: offset, count: end - offset)
            if let patch = suffixPatch(tail, octets) ?? landmarkPatch(tail, known, octets) {
                appendPointer(patch)
                return end
            }
            let position = writer.count - start
            if position < BlockBuilder.landmarkLimit, landmarks.count < Limits.compressionEntries {
                landmarks.append(position)
            }
            let count = Int(octets.u8(offset)) + 1
            writer.append(octets, offset, count: count)
            offset += count
        }
        writer.append(UInt8(0))
        return end
    }

    /// Whether the question's name ends in `tail`, octet for octet, so that expanding gives back the file's case.
    private func suffixPatch(_ tail: Place, _ octets: Octets) -> BlockPatch? {
        guard tail.count <= context.count, tail.count > 1 else { return nil }
        let begin = context.offset + context.count - tail.count
        guard octets.isEqual(begin, tail.offset, count: tail.count), isLabelStart(begin, octets) else { return nil }
        return .suffix(count: tail.count)
    }

    private func isLabelStart(_ position: Int, _ octets: Octets) -> Bool {
        var offset = context.offset
        while offset < position { offset += Int(octets.u8(offset)) + 1 }
        return offset == position
    }

    private func landmarkPatch(_ tail: Place, _ known: Int, _ octets: Octets) -> BlockPatch? {
        for index in 0..<known where isEqual(tail, nameAt: landmarks[index], octets) {
            return .block(position: landmarks[index])
        }
        return nil
    }

    /// Whether the name that stands at `position` of the block, through its pointers, is `tail`.
    private func isEqual(_ tail: Place, nameAt position: Int, _ octets: Octets) -> Bool {
        let written = writer.octets()
        let end = tail.offset + tail.count
        var offset = tail.offset
        var position = position
        while written.u8(start + position) != 0 {
            guard let patch = patch(at: position) else {
                let count = Int(written.u8(start + position)) + 1
                guard end - offset > count else { return false }
                for index in 0..<count where written.u8(start + position + index) != octets.u8(offset + index) {
                    return false
                }
                offset += count
                position += count
                continue
            }
            switch patch.target {
            case .block(let target): position = target
            case .suffix(let count):
                return end - offset == count
                    && octets.isEqual(context.offset + context.count - count, offset, count: count)
            }
        }
        return end - offset == 1
    }

    private func patch(at position: Int) -> BlockPatch? {
        var low = 0
        var high = patches.count
        while low < high {
            let middle = (low + high) / 2
            if Int(patches[middle] >> 16) < position { low = middle + 1 } else { high = middle }
        }
        guard low < patches.count, Int(patches[low] >> 16) == position else { return nil }
        return BlockPatch(rawValue: UInt16(truncatingIfNeeded: patches[low]))
    }
}

/// What a pointer in a block leads to: known only once the block stands in a message.
struct BlockPatch: RawRepresentable {
    let rawValue: UInt16

    /// The suffix of the question's name that has `count` octets.
    static func suffix(count: Int) -> BlockPatch { BlockPatch(rawValue: UInt16(truncatingIfNeeded: count)) }

    /// The octet at `position` of the block.
    static func block(position: Int) -> BlockPatch { BlockPatch(rawValue: UInt16(truncatingIfNeeded: position + 256)) }

    enum Target {
        case suffix(count: Int)
        case block(position: Int)
    }

    var target: Target {
        rawValue < 256 ? .suffix(count: Int(rawValue)) : .block(position: Int(rawValue) - 256)
    }
}
