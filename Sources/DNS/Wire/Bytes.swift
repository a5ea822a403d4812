import CIntrinsics

// The fence around raw memory. Everything in this module that reads or writes octets by address does
// it through the two views below, and each access makes exactly one comparison before it. Whoever
// wants to know whether a packet can corrupt memory reads this file and `Storage`.
//
// A failed comparison is a trap and a trap ends the server: callers check lengths that come from
// outside before they get here, and answer with an error instead.

/// Octets that somebody else owns, to read.
@safe
struct Octets: ~Escapable {
    private let base: UnsafeRawPointer
    let count: Int

    /// The view lives no longer than the span does.
    @_lifetime(copy span)
    init(_ span: Span<UInt8>) {
        // Sound: the pointer is used only while `self` lives, which the lifetime above ties to the span.
        // An empty span may have no address; no access passes the comparison then.
        let start = unsafe span.withUnsafeBufferPointer { $0.baseAddress }
        let nowhere = unsafe UnsafeRawPointer(bitPattern: 16).unsafelyUnwrapped
        unsafe self.base = unsafe start.map { unsafe UnsafeRawPointer($0) } ?? nowhere
        self.count = span.count
    }

    /// The view of `count` octets from `base`; the caller vouches for them as long as `owner` lives.
    @_lifetime(borrow owner)
    @unsafe
    init<Owner: AnyObject>(base: UnsafeRawPointer, count: Int, owner: borrowing Owner) {
        unsafe self.base = base
        self.count = count
    }

    /// Traps unless the `size` octets from `offset` lie inside. One unsigned comparison covers both ends,
    /// because sizes are small constants and `count` is never negative.
    @inline(__always)
    fileprivate func check(_ offset: Int, _ size: Int) {
        precondition(UInt(bitPattern: offset) &+ UInt(bitPattern: size) <= UInt(bitPattern: count) && offset >= 0)
    }

    @inline(__always)
    func u8(_ offset: Int) -> UInt8 {
        precondition(UInt(bitPattern: offset) < UInt(bitPattern: count))
        return unsafe base.load(fromByteOffset: offset, as: UInt8.self)
    }

    @inline(__always)
    func u16(_ offset: Int) -> UInt16 {
        check(offset, 2)
        return UInt16(bigEndian: unsafe base.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    @inline(__always)
    func u32(_ offset: Int) -> UInt32 {
        check(offset, 4)
        return UInt32(bigEndian: unsafe base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// Four octets, the first in the lowest byte.
    @inline(__always)
    func half(_ offset: Int) -> UInt32 {
        check(offset, 4)
        return UInt32(littleEndian: unsafe base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// Eight octets, the first in the lowest byte, for work that goes by words.
    @inline(__always)
    func word(_ offset: Int) -> UInt64 {
        check(offset, 8)
        return UInt64(littleEndian: unsafe base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// The first `count` (1 to 8) octets of a word, the rest zero, wherever the octets end.
    @inline(__always)
    func word(_ offset: Int, count: Int) -> UInt64 {
        if offset <= self.count &- 8 {
            return word(offset) & (~0 &>> (64 &- UInt64(truncatingIfNeeded: count) &* 8))
        }
        var word: UInt64 = 0
        for index in 0..<count { word |= UInt64(u8(offset &+ index)) &<< UInt64(index &* 8) }
        return word
    }

    /// Which of the 16 octets from `offset` on are so, one bit each, the first the lowest. Behind the end zeros follow.
    @inline(__always)
    func mask(_ offset: Int, _ condition: OctetCondition) -> UInt32 {
        guard UInt(bitPattern: offset) < UInt(bitPattern: max(count &- 15, 0)) else {
            return tailMask(offset, condition)
        }
        // Sound: the 16 octets lie inside, as the comparison shows.
        return unsafe condition.mask(base + offset)
    }

    /// The same where fewer than 16 octets follow.
    @inline(never)
    private func tailMask(_ offset: Int, _ condition: OctetCondition) -> UInt32 {
        let rest = count &- offset
        var tail: (UInt64, UInt64) = (0, 0)
        if rest > 0 { tail.0 = word(offset, count: min(rest, 8)) }
        if rest > 8 { tail.1 = word(offset &+ 8, count: rest &- 8) }
        // Sound: the variable has 16 octets.
        return unsafe withUnsafeBytes(of: &tail) { unsafe condition.mask($0.baseAddress.unsafelyUnwrapped) }
    }

    /// The same of 64 octets that lie inside; nil where there are fewer.
    @inline(__always)
    func mask64(_ offset: Int, _ condition: OctetCondition) -> UInt64? {
        guard offset >= 0, offset <= count &- 64 else { return nil }
        // Sound: the comparison covers all 64 octets.
        let start = unsafe base + offset
        let low = unsafe UInt64(condition.mask(start)) | UInt64(condition.mask(start + 16)) &<< 16
        let high = unsafe UInt64(condition.mask(start + 32)) | UInt64(condition.mask(start + 48)) &<< 16
        return low | high &<< 32
    }

    /// The same octets from `offset` on, `count` of them.
    @_lifetime(copy self)
    func span(_ offset: Int, _ count: Int) -> Span<UInt8> {
        precondition(offset >= 0 && count >= 0 && offset <= self.count &- count)
        let pointer = unsafe UnsafeBufferPointer(
            start: base.advanced(by: offset).assumingMemoryBound(to: UInt8.self), count: count)
        // Sound: inside the view, which the comparison has shown, and no longer alive than it.
        let span = unsafe Span(_unsafeElements: pointer)
        return unsafe _overrideLifetime(span, copying: self)
    }

    /// Asks for the cache line at `offset`; without effect outside.
    @inline(__always)
    func prefetch(_ offset: Int) {
        guard offset >= 0, offset < count else { return }
        unsafe minidns_prefetch(base + offset)
    }
}

extension UInt8 {
    /// Blank, tab, line's end, `"`, `(`, `)` and `;` end a word of a zone file: one bit each.
    @inline(__always)
    var endsWord: Bool {
        let ends: UInt64 = 1 << 0x09 | 1 << 0x0A | 1 << 0x0D | 1 << 0x20 | 1 << 0x22 | 1 << 0x28 | 1 << 0x29 | 1 << 0x3B
        return self < 64 && (ends &>> UInt64(self)) & 1 != 0
    }
}

/// What a mask of 16 octets tells of each.
enum OctetCondition {
    case equal(UInt8)
    case mayEndWord, mayEndQuote, mayEndLabel, isNoBlank

    @inline(__always)
    @unsafe
    fileprivate func mask(_ address: UnsafeRawPointer) -> UInt32 {
        switch self {
        case .equal(let octet): unsafe minidns_mask(address, octet)
        case .mayEndWord: unsafe minidns_mask_word_end(address)
        case .mayEndQuote: unsafe minidns_mask_quote_end(address)
        case .mayEndLabel: unsafe minidns_mask_label_end(address)
        case .isNoBlank: unsafe minidns_mask_no_blank(address)
        }
    }
}

/// Octets that somebody else owns, to write and read back: the message being made.
@safe
struct OctetBuffer: ~Copyable, ~Escapable {
    private let base: UnsafeMutableRawPointer
    let capacity: Int

    /// Has exclusive use of the span's octets while it lives.
    @_lifetime(&span)
    init(_ span: inout MutableSpan<UInt8>) {
        // Sound: as for Octets; the exclusive borrow keeps others away from the octets meanwhile.
        let start = unsafe span.withUnsafeMutableBufferPointer { $0.baseAddress }
        let nowhere = unsafe UnsafeMutableRawPointer(bitPattern: 16).unsafelyUnwrapped
        unsafe self.base = unsafe start.map { UnsafeMutableRawPointer($0) } ?? nowhere
        self.capacity = span.count
    }

    @inline(__always)
    private func check(_ offset: Int, _ size: Int) {
        precondition(UInt(bitPattern: offset) &+ UInt(bitPattern: size) <= UInt(bitPattern: capacity) && offset >= 0)
    }

    @inline(__always)
    func u8(_ offset: Int) -> UInt8 {
        check(offset, 1)
        return unsafe base.load(fromByteOffset: offset, as: UInt8.self)
    }

    @inline(__always)
    func u16(_ offset: Int) -> UInt16 {
        check(offset, 2)
        return UInt16(bigEndian: unsafe base.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    @inline(__always)
    @_lifetime(self: copy self)
    mutating func store(_ value: UInt8, at offset: Int) {
        check(offset, 1)
        unsafe base.storeBytes(of: value, toByteOffset: offset, as: UInt8.self)
    }

    @inline(__always)
    @_lifetime(self: copy self)
    mutating func store(_ value: UInt16, at offset: Int) {
        check(offset, 2)
        unsafe base.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt16.self)
    }

    @inline(__always)
    @_lifetime(self: copy self)
    mutating func store(_ value: UInt32, at offset: Int) {
        check(offset, 4)
        unsafe base.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt32.self)
    }

    /// Few octets, as answers mostly are, go by 16 at a time, where both sides have room behind them.
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func copy(_ octets: Octets, _ offset: Int, count: Int, to position: Int) {
        precondition(count >= 0 && offset >= 0 && offset <= octets.count &- count)
        check(position, count)
        let rounded = (count &+ 15) & ~15
        let isSmall = count <= 128 && offset <= octets.count &- rounded && position <= capacity &- rounded
        // Sound: both ranges, rounded up where they are, lie inside their views, as the comparisons show; a buffer
        // under exclusive use overlaps no other view.
        unsafe octets.withBase { source in
            let from = unsafe source.advanced(by: offset)
            let to = unsafe base.advanced(by: position)
            guard isSmall else { return unsafe to.copyMemory(from: from, byteCount: count) }
            unsafe copySixteens(from: from, to: to, count: rounded)
        }
    }

    /// Copies octets that were written before.
    @_lifetime(self: copy self)
    mutating func repeatOctets(_ offset: Int, count: Int, at position: Int) {
        check(offset, count)
        check(position, count)
        precondition(count >= 0)
        // Sound: both ranges lie inside, as the comparisons show.
        unsafe base.advanced(by: position).copyMemory(from: base.advanced(by: offset), byteCount: count)
    }

    /// What has been written so far, to read.
    @_lifetime(borrow self)
    func octets(_ count: Int) -> Octets {
        check(0, count)
        let span = unsafe Span<UInt8>(
            _unsafeStart: UnsafePointer(base.assumingMemoryBound(to: UInt8.self)), count: count)
        let view = Octets(span)
        return unsafe _overrideLifetime(view, borrowing: self)
    }
}

extension Octets {
    /// Lends the address, for copies inside the fence.
    @inline(__always)
    @unsafe
    func withBase<Result>(_ body: (UnsafeRawPointer) -> Result) -> Result { unsafe body(base) }
}

/// Copies by 16 octets at a time, the last of them beyond `count`, for which both sides must have room.
@inline(__always)
@unsafe
func copySixteens(from: UnsafeRawPointer, to: UnsafeMutableRawPointer, count: Int) {
    var done = 0
    while done < count {
        let piece = unsafe from.loadUnaligned(fromByteOffset: done, as: SIMD2<UInt64>.self)
        unsafe to.storeBytes(of: piece, toByteOffset: done, as: SIMD2<UInt64>.self)
        done &+= 16
    }
}

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
