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

    /// Takes the uncompressed name that stands at `offset` and hashes it. Nil is good.
    mutating func load(_ octets: Octets, at start: Int, seed: UInt64) -> Fault? {
        var offset = start
        var labels = 0
        while true {
            if offset >= octets.count { return .truncated }
            let length = Int(octets.u8(offset))
            if length == 0 { break }
            if length > Name.maximumLabelCount { return length >= 0xC0 ? .pointer : .badLabelType }
            // Until the labels are counted, from the first one on; reversed below.
            memory.store(UInt8(truncatingIfNeeded: offset &- start), at: LookupName.offsetsStart &+ labels)
            labels &+= 1
            offset &+= length &+ 1
            if offset &- start >= Name.maximumCount { return .tooLong }
        }
        count = offset &- start &+ 1
        labelCount = labels
        copyFolded(octets, at: start)
        hash(seed: seed)
        return nil
    }

    /// Takes a whole name.
    mutating func load(_ wire: [UInt8], seed: UInt64) -> Fault? { load(Octets(wire.span), at: 0, seed: seed) }

    private mutating func copyFolded(_ octets: Octets, at start: Int) {
        var offset = 0
        while offset < count {
            let word = octets.word(start &+ offset, count: min(8, count &- offset))
            memory.store(ASCII.folded(word), at: offset)
            offset &+= 8
        }
        // Words are compared and hashed whole: what follows the name must not be the last name's.
        memory.store(UInt64(0), at: count)
    }

    private mutating func hash(seed: UInt64) {
        var hash = seed
        memory.store(hash, at: LookupName.hashesStart)
        var depth = 1
        while depth <= labelCount {
            var offset = self.offset(ofSuffix: depth)
            var left = Int(memory.u8(offset)) &+ 1
            while left > 8 {
                hash = LookupName.mix(hash, memory.word(offset))
                offset &+= 8
                left &-= 8
            }
            hash = LookupName.mix(hash, memory.word(offset) & LookupName.mask(left))
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
        while count &- done > 8 {
            if memory.word(offset &+ done) != ASCII.folded(octets.word(position &+ done)) { return false }
            done &+= 8
        }
        let left = count &- done
        if left == 0 { return true }
        let word = ASCII.folded(octets.word(position &+ done, count: left))
        return memory.word(offset &+ done) & LookupName.mask(left) == word
    }

    /// Whether the first label is `*`.
    var isWildcard: Bool { memory.word(0) & 0xFFFF == 0x2A01 }

    /// The hash of the name that has a label `*` before the one with this hash.
    static func hash(ofWildcardBelow hash: UInt64) -> UInt64 { mix(hash, 0x2A01) }

    /// The folded octets.
    @_lifetime(borrow self)
    func octets() -> Octets { memory.octets(count) }

    @inline(__always)
    private static func mask(_ count: Int) -> UInt64 { ~0 &>> (64 &- UInt64(truncatingIfNeeded: count) &* 8) }

    /// Multiplies to 128 bits and folds; the seed keeps crafted names from colliding.
    @inline(__always)
    private static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return (product.high ^ product.low) &+ 0xD6E8_FEB8_6659_FD93
    }
}
