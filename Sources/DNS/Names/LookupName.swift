/// A name prepared for looking it up: cut into labels, folded, and each of its suffixes hashed in one pass.
///
///     octets   www 7 example 4 test 0      folded, in wire format
///     offsets  of the suffix with 0, 1, 2 … labels
///     hashes   of the suffix with 0, 1, 2 … labels, from the root down
///
/// Made once and filled again for each name, so that a look-up allocates nothing.
struct LookupName: ~Copyable {
    private static let offsetsStart = 272
    private static let hashesStart = 272 + 144
    private var memory = Scratch(count: 272 + 144 + 128 * 8)

    /// The octets of its wire format.
    private(set) var count = 0
    /// The root's label not counted.
    private(set) var labelCount = 0

    /// Why octets are not an uncompressed name.
    enum Fault { case truncated, badLabelType, pointer, tooLong }

    /// Takes the name that stands at `start` and hashes it. Nil is good.
    /// - Parameter followsPointers: of a message of our own; elsewhere a compressed name is a fault.
    mutating func load(_ octets: Octets, at start: Int, seed: UInt64, followsPointers: Bool = false) -> Fault? {
        var offset = start
        var labels = 0
        count = 0
        // The labels up to a pointer or the end are copied in one piece; `shift` is from there to here.
        var piece = start
        var shift = start
        while true {
            if offset >= octets.count { return .truncated }
            let length = Int(octets.u8(offset))
            if length > Name.maximumLabelCount {
                guard followsPointers, length >= 0xC0, offset &+ 2 <= octets.count else {
                    return length >= 0xC0 ? .pointer : .badLabelType
                }
                let target = Int(octets.u16(offset) & 0x3FFF)
                // Backwards only, so that it ends.
                if target >= piece { return .pointer }
                copyFolded(octets, piece..<offset)
                (offset, piece, shift) = (target, target, target &- count)
                continue
            }
            if length == 0 { break }
            memory.store(UInt8(truncatingIfNeeded: offset &- shift), at: LookupName.offsetsStart &+ labels)
            labels &+= 1
            offset &+= length &+ 1
            if offset &- shift >= Name.maximumCount { return .tooLong }
        }
        copyFolded(octets, piece..<(offset &+ 1))
        // Words are compared and hashed whole: what follows the name must not be the last name's.
        memory.store(UInt64(0), at: count)
        labelCount = labels
        hash(seed: seed)
        return nil
    }

    /// Takes more octets, at most as many as a name has room for.
    private mutating func copyFolded(_ octets: Octets, _ range: Range<Int>) {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let left = range.upperBound &- offset
            if offset &+ 16 <= octets.count {
                memory.storeFolded(octets, offset, at: count)
                count &+= min(16, left)
                offset &+= 16
            } else {
                memory.store(ASCII.folded(octets.word(offset, count: min(8, left))), at: count)
                count &+= min(8, left)
                offset &+= 8
            }
        }
    }

    /// Takes a whole name.
    mutating func load(_ wire: [UInt8], seed: UInt64) -> Fault? { load(Octets(wire.span), at: 0, seed: seed) }

    private mutating func hash(seed: UInt64) {
        var hash = seed
        memory.store(hash, at: LookupName.hashesStart)
        var depth = 1
        while depth <= labelCount {
            var offset = self.offset(ofSuffix: depth)
            var left = Int(memory.u8(offset)) &+ 1
            while left > 8 {
                hash = mixed(hash, memory.word(offset))
                offset &+= 8
                left &-= 8
            }
            hash = mixed(hash, memory.word(offset) & LookupName.mask(left))
            memory.store(hash, at: LookupName.hashesStart &+ depth &* 8)
            depth &+= 1
        }
    }

    /// The hash of the suffix with `labels` labels; at most `labelCount`.
    @inline(__always)
    func hash(ofSuffix labels: Int) -> UInt64 { memory.word(LookupName.hashesStart &+ labels &* 8) }

    /// Where the suffix with `labels` labels begins; at most `labelCount`.
    @inline(__always)
    func offset(ofSuffix labels: Int) -> Int {
        labels == 0 ? count &- 1 : Int(memory.u8(LookupName.offsetsStart &+ labelCount &- labels))
    }

    /// The octets of the suffix with `labels` labels.
    @inline(__always)
    func count(ofSuffix labels: Int) -> Int { count &- offset(ofSuffix: labels) }

    /// Whether the `count` octets from `offset` are those of `octets` at `position`, but for case.
    @inline(__always)
    func isEqual(_ offset: Int, _ count: Int, _ octets: Octets, at position: Int) -> Bool {
        var done = 0
        while done < count {
            let left = count &- done
            if position &+ done &+ 16 <= octets.count {
                if !memory.isEqual(offset &+ done, octets, position &+ done, count: min(16, left)) { return false }
                done &+= 16
            } else {
                let word = ASCII.folded(octets.word(position &+ done, count: min(8, left)))
                if memory.word(offset &+ done) & LookupName.mask(min(8, left)) != word { return false }
                done &+= 8
            }
        }
        return true
    }

    /// Whether the first label is `*`.
    var isWildcard: Bool { memory.word(0) & 0xFFFF == 0x2A01 }

    /// The hash of the name that has a label `*` before the one with this hash.
    static func hash(ofWildcardBelow hash: UInt64) -> UInt64 { mixed(hash, 0x2A01) }

    /// The folded octets.
    @_lifetime(borrow self)
    func octets() -> Octets { memory.octets(count) }

    @inline(__always)
    private static func mask(_ count: Int) -> UInt64 { ~0 &>> (64 &- UInt64(truncatingIfNeeded: count) &* 8) }
}
