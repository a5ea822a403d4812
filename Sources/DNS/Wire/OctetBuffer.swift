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

    /// Stores a number, the highest octet first.
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func store<Number: FixedWidthInteger & BitwiseCopyable>(_ value: Number, at offset: Int) {
        check(offset, MemoryLayout<Number>.size)
        unsafe base.storeBytes(of: value.bigEndian, toByteOffset: offset, as: Number.self)
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
