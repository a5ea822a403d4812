/// Makes the octets of RRsets as they will stand in answers: see `CompiledZone` for the layout of a block.
///
/// The owner of a set is a suffix of the question's name, so in a message it is a pointer that depends on that
/// name's length alone, and so is what a name in the data shares with the owner. Names that share something with an
/// earlier name of the block point back into the block.
struct BlockBuilder {
    /// The records so far, signatures last.
    private(set) var octets: [UInt8] = []
    private(set) var recordCount = 0
    /// Position in the block and BlockPatch, 16 bits each.
    private(set) var patches: [UInt32] = []
    /// The uncompressed name that is the question's suffix: its labels may be pointed at.
    private var context: [UInt8] = []
    /// Where names of the block stand that later ones may point at.
    private var landmarks: [Int] = []

    /// Pointers have 14 bits, and a block may begin this far from the end of their reach.
    static let landmarkLimit = 0x2000
    /// Stands for the owner of the set; the right pointer where the owner is the question's name itself.
    static let ownerPointer: UInt16 = 0xC000 | UInt16(Header.count)
    /// Stands where a patch belongs.
    private static let patchPointer: UInt16 = 0xC000
    /// The same, where the record belongs to the set of the one before it.
    static let continuedPointer: UInt16 = 0xC001

    /// Begins a block whose names may be shortened against `context`, a suffix of every question's name that it
    /// will answer.
    mutating func begin(context: ArraySlice<UInt8>) {
        octets.removeAll(keepingCapacity: true)
        patches.removeAll(keepingCapacity: true)
        landmarks.removeAll(keepingCapacity: true)
        self.context.removeAll(keepingCapacity: true)
        self.context += context
        recordCount = 0
    }

    var end: (octets: Int, records: Int) { (octets.count, recordCount) }

    /// The owner of the set.
    mutating func appendOwner() { append(BlockBuilder.ownerPointer) }

    /// An owner that stands at `position` of the block, or, too far behind for a pointer, in full. What belongs to
    /// the set of the record before it says so.
    mutating func appendOwner(at position: Int, wire: ArraySlice<UInt8>, isContinued: Bool) {
        if position < BlockBuilder.landmarkLimit {
            let placeholder = isContinued ? BlockBuilder.continuedPointer : BlockBuilder.patchPointer
            appendPointer(BlockPatch.block(position: position), placeholder: placeholder)
        } else {
            octets += wire
        }
    }

    /// Type, class, TTL and data of a record whose owner was just appended. Returns where its data begins.
    @discardableResult
    mutating func appendRecord(type: RecordType, ttl: UInt32, data: ArraySlice<UInt8>) -> Int {
        append(type.rawValue)
        append(RecordClass.internet.rawValue)
        append(UInt16(truncatingIfNeeded: ttl >> 16))
        append(UInt16(truncatingIfNeeded: ttl))
        let lengthPosition = octets.count
        append(UInt16(0))
        appendData(type: type, data)
        let length = octets.count - lengthPosition - 2
        octets[lengthPosition] = UInt8(truncatingIfNeeded: length >> 8)
        octets[lengthPosition + 1] = UInt8(truncatingIfNeeded: length)
        recordCount += 1
        return lengthPosition + 2
    }

    private mutating func append(_ value: UInt16) {
        octets.append(UInt8(value >> 8))
        octets.append(UInt8(value & 0xFF))
    }

    private mutating func appendPointer(_ patch: BlockPatch, placeholder: UInt16 = patchPointer) {
        patches.append(UInt32(truncatingIfNeeded: octets.count) << 16 | UInt32(patch.rawValue))
        append(placeholder)
    }

    /// Copies the data; its compressible names become as short as the context and the block allow.
    private mutating func appendData(type: RecordType, _ data: ArraySlice<UInt8>) {
        var names: [(offset: Int, count: Int)] = []
        RecordRegistry.format(of: type).forEachName(in: data.span) { offset, count, isCompressible in
            if isCompressible { names.append((offset, count)) }
        }
        var done = data.startIndex
        for name in names {
            let start = data.startIndex + name.offset
            octets += data[done..<start]
            done = start + name.count
            appendName(data[start..<done])
        }
        octets += data[done...]
    }

    private mutating func appendName(_ name: ArraySlice<UInt8>) {
        var offset = name.startIndex
        // Its own labels can be pointed at only once it is complete.
        var own: [Int] = []
        defer { landmarks += own.prefix(Limits.compressionEntries - landmarks.count) }
        while name[offset] != 0 {
            let tail = name[offset...]
            if let patch = suffixPatch(tail) ?? landmarkPatch(tail) { return appendPointer(patch) }
            if octets.count < BlockBuilder.landmarkLimit { own.append(octets.count) }
            let end = offset + Int(name[offset]) + 1
            octets += name[offset..<end]
            offset = end
        }
        octets.append(0)
    }

    /// Whether the question's name ends in `tail`, octet for octet, so that expanding gives back the file's case.
    private func suffixPatch(_ tail: ArraySlice<UInt8>) -> BlockPatch? {
        guard tail.count <= context.count, tail.count > 1 else { return nil }
        let start = context.count - tail.count
        guard context[start...].elementsEqual(tail), isLabelStart(start) else { return nil }
        return .suffix(count: tail.count)
    }

    private func isLabelStart(_ position: Int) -> Bool {
        var offset = 0
        while offset < position { offset += Int(context[offset]) + 1 }
        return offset == position
    }

    private func landmarkPatch(_ tail: ArraySlice<UInt8>) -> BlockPatch? {
        landmarks.first { isEqual(tail, nameAt: $0) }.map { .block(position: $0) }
    }

    /// Whether the name that stands at `position` of the block, through its pointers, is `tail`.
    private func isEqual(_ tail: ArraySlice<UInt8>, nameAt position: Int) -> Bool {
        var offset = tail.startIndex
        var position = position
        while octets[position] != 0 {
            guard let patch = patch(at: position) else {
                let end = position + Int(octets[position]) + 1
                guard tail.endIndex - offset > end - position,
                    tail[offset..<(offset + end - position)].elementsEqual(octets[position..<end])
                else { return false }
                offset += end - position
                position = end
                continue
            }
            switch patch.target {
            case .block(let target): position = target
            case .suffix(let count):
                return tail.endIndex - offset == count && context.suffix(count).elementsEqual(tail[offset...])
            }
        }
        return tail.endIndex - offset == 1
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
