/// Writes the wire format into octets that the caller provides; what does not fit throws `noRoom`.
///
/// `limit` may be below the room there is, so that a UDP answer keeps to the size that was asked for.
public struct WireWriter: ~Copyable, ~Escapable {
    var buffer: OctetBuffer
    /// How many octets have been written.
    public private(set) var count = 0
    /// No octet is written from here on.
    public private(set) var limit: Int

    /// Writes from the first octet of `span`, of which it has exclusive use.
    @_lifetime(&span)
    public init(_ span: inout MutableSpan<UInt8>) {
        buffer = OctetBuffer(&span)
        limit = buffer.capacity
    }

    /// Keeps the message within `limit` octets; never more than there is room for.
    @_lifetime(self: copy self)
    public mutating func setLimit(_ limit: Int) {
        self.limit = min(max(limit, 0), buffer.capacity)
    }

    private func require(_ size: Int) throws(WireError) {
        if size > limit &- count { throw .noRoom }
    }

    @inline(__always)
    @_lifetime(self: copy self)
    private mutating func append<Number: FixedWidthInteger & BitwiseCopyable>(number: Number) throws(WireError) {
        try require(MemoryLayout<Number>.size)
        buffer.store(number, at: count)
        count &+= MemoryLayout<Number>.size
    }

    @_lifetime(self: copy self)
    public mutating func append(_ value: UInt8) throws(WireError) { try append(number: value) }

    @_lifetime(self: copy self)
    public mutating func append(_ value: UInt16) throws(WireError) { try append(number: value) }

    @_lifetime(self: copy self)
    public mutating func append(_ value: UInt32) throws(WireError) { try append(number: value) }

    @_lifetime(self: copy self)
    mutating func append(_ value: UInt64) throws(WireError) { try append(number: value) }

    @_lifetime(self: copy self)
    public mutating func append(_ octets: Span<UInt8>) throws(WireError) {
        try append(Octets(octets), 0, octets.count)
    }

    @_lifetime(self: copy self)
    mutating func append(_ octets: Octets, _ offset: Int, _ count: Int) throws(WireError) {
        try require(count)
        buffer.copy(octets, offset, count: count, to: self.count)
        self.count += count
    }

    /// Writes octets again that were written before.
    @_lifetime(self: copy self)
    mutating func repeatOctets(_ offset: Int, _ count: Int) throws(WireError) {
        try require(count)
        precondition(offset <= self.count &- count)
        buffer.repeatOctets(offset, count: count, at: self.count)
        self.count += count
    }

    /// Writes over what was written before, as for a count that is known only later.
    @_lifetime(self: copy self)
    public mutating func overwrite(_ value: UInt16, at offset: Int) {
        precondition(offset <= count &- 2)
        buffer.store(value, at: offset)
    }

    /// Forgets what was written from `count` on.
    @_lifetime(self: copy self)
    mutating func cut(to count: Int) {
        precondition(count <= self.count)
        self.count = count
    }

    @inline(__always)
    func hasRoom(_ size: Int) -> Bool { size <= limit &- count }

    /// Copies octets if there is room for all of them.
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func copy(_ octets: Octets, _ offset: Int = 0, count size: Int) -> Bool {
        guard hasRoom(size) else { return false }
        buffer.copy(octets, offset, count: size, to: count)
        count &+= size
        return true
    }
}
