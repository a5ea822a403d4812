import CIntrinsics

/// A few octets of working memory, allocated once and used again for each query.
@safe
struct Scratch: ~Copyable {
    private let base: UnsafeMutableRawPointer
    /// Up to here any load or store may begin; behind it there is room for the widest one.
    private let limit: Int

    init(count: Int) {
        // Sound: zeroed, 16 octets longer than any offset that `check` lets pass, freed when `self` ends.
        unsafe base = .allocate(byteCount: count + 16, alignment: 16)
        unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: count + 16)
        limit = count
    }

    deinit { unsafe base.deallocate() }

    @inline(__always)
    private func check(_ offset: Int) { precondition(UInt(bitPattern: offset) <= UInt(bitPattern: limit)) }

    @inline(__always)
    func u8(_ offset: Int) -> UInt8 {
        check(offset)
        return unsafe base.load(fromByteOffset: offset, as: UInt8.self)
    }

    @inline(__always)
    func word(_ offset: Int) -> UInt64 {
        check(offset)
        return UInt64(littleEndian: unsafe base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    @inline(__always)
    mutating func store(_ value: UInt8, at offset: Int) {
        check(offset)
        unsafe base.storeBytes(of: value, toByteOffset: offset, as: UInt8.self)
    }

    @inline(__always)
    mutating func store(_ word: UInt64, at offset: Int) {
        check(offset)
        unsafe base.storeBytes(of: word.littleEndian, toByteOffset: offset, as: UInt64.self)
    }

    /// Stores 16 octets, letters in lower case.
    @inline(__always)
    mutating func storeFolded(_ octets: Octets, _ position: Int, at offset: Int) {
        check(offset)
        octets.check(position, 16)
        // Sound: both comparisons cover the 16 octets; memory of its own overlaps no view.
        unsafe octets.withBase { unsafe minidns_copy_folded($0 + position, base + offset) }
    }

    /// Whether the `count` (1 to 16) octets from `offset` on are those of `octets` in lower case; of these 16 must be there.
    @inline(__always)
    func isEqual(_ offset: Int, _ octets: Octets, _ position: Int, count: Int) -> Bool {
        check(offset)
        octets.check(position, 16)
        let wanted = UInt32(1) &<< UInt32(truncatingIfNeeded: count) &- 1
        // Sound: as above.
        return unsafe octets.withBase { unsafe minidns_mask_folded($0 + position, base + offset) } & wanted == wanted
    }

    /// The first `count` octets, to read.
    @_lifetime(borrow self)
    func octets(_ count: Int) -> Octets {
        check(count)
        let span = unsafe Span<UInt8>(
            _unsafeStart: UnsafePointer(base.assumingMemoryBound(to: UInt8.self)), count: count)
        let view = Octets(span)
        return unsafe _overrideLifetime(view, borrowing: self)
    }
}
