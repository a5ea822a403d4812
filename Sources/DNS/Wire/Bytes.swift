import CIntrinsics

// The fence around raw memory. Everything in this module that reads or writes octets by address does
// it through this view, `OctetBuffer` and `Scratch`, and each access makes exactly one comparison before it. Whoever
// wants to know whether a packet can corrupt memory reads these three.
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
    func check(_ offset: Int, _ size: Int) {
        precondition(UInt(bitPattern: offset) &+ UInt(bitPattern: size) <= UInt(bitPattern: count) && offset >= 0)
    }

    @inline(__always)
    func u8(_ offset: Int) -> UInt8 {
        precondition(UInt(bitPattern: offset) < UInt(bitPattern: count))
        return unsafe base.load(fromByteOffset: offset, as: UInt8.self)
    }

    /// As the machine has it in memory.
    @inline(__always)
    private func load<Number: BitwiseCopyable>(_ offset: Int) -> Number {
        check(offset, MemoryLayout<Number>.size)
        return unsafe base.loadUnaligned(fromByteOffset: offset, as: Number.self)
    }

    @inline(__always)
    func u16(_ offset: Int) -> UInt16 { UInt16(bigEndian: load(offset)) }

    @inline(__always)
    func u32(_ offset: Int) -> UInt32 { UInt32(bigEndian: load(offset)) }

    /// Four octets, the first in the lowest byte.
    @inline(__always)
    func half(_ offset: Int) -> UInt32 { UInt32(littleEndian: load(offset)) }

    /// Eight octets, the first in the lowest byte, for work that goes by words.
    @inline(__always)
    func word(_ offset: Int) -> UInt64 { UInt64(littleEndian: load(offset)) }

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
        var tail = tail(offset)
        // Sound: the variable has 16 octets.
        return unsafe withUnsafeBytes(of: &tail) { unsafe condition.mask($0.baseAddress.unsafelyUnwrapped) }
    }

    /// The fewer than 16 octets that follow, zeros behind them.
    private func tail(_ offset: Int) -> (UInt64, UInt64) {
        let rest = count &- offset
        return (
            rest > 0 ? word(offset, count: min(rest, 8)) : 0, rest > 8 ? word(offset &+ 8, count: rest &- 8) : 0
        )
    }

    /// The IPv4 address that the `count` (7 to 15) octets at a place say.
    @inline(__always)
    func ipv4(_ offset: Int, count size: Int) -> UInt32? {
        precondition(7...15 ~= size && offset >= 0 && offset <= count &- size)
        let address: Int64
        if offset <= count &- 16 {
            // Sound: the 16 octets lie inside, as the comparison shows.
            address = unsafe minidns_decode_ipv4(base + offset, Int32(truncatingIfNeeded: size))
        } else {
            var tail = tail(offset)
            // Sound: the variable has 16 octets.
            address = unsafe withUnsafeBytes(of: &tail) {
                unsafe minidns_decode_ipv4($0.baseAddress.unsafelyUnwrapped, Int32(truncatingIfNeeded: size))
            }
        }
        return address < 0 ? nil : UInt32(truncatingIfNeeded: address)
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
