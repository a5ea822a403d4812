/// Reads the wire format (RFC 1035 §4) from octets that may be malicious: every step is checked and throws.
public struct WireReader: ~Escapable {
    let octets: Octets
    /// Where the next read begins, counted from the start of the message.
    public internal(set) var offset: Int
    /// Where reading ends: the end of the message, or of the record data being read.
    public private(set) var end: Int
    /// Whether names may be compressed: in a message they may, in stored record data they never are.
    let allowsPointers: Bool

    /// Reads from the first octet of a whole message, or of whole uncompressed record data.
    @_lifetime(copy span)
    public init(_ span: Span<UInt8>, allowsPointers: Bool = true) {
        octets = Octets(span)
        offset = 0
        end = span.count
        self.allowsPointers = allowsPointers
    }

    /// How many octets are left before `end`.
    public var remaining: Int { end - offset }
    public var isAtEnd: Bool { offset == end }

    private func require(_ count: Int) throws(WireError) {
        if count > end - offset { throw .truncated }
    }

    public mutating func u8() throws(WireError) -> UInt8 {
        try skip(1)
        return octets.u8(offset - 1)
    }

    public mutating func u16() throws(WireError) -> UInt16 {
        try skip(2)
        return octets.u16(offset - 2)
    }

    public mutating func u32() throws(WireError) -> UInt32 {
        try skip(4)
        return octets.u32(offset - 4)
    }

    public mutating func skip(_ count: Int) throws(WireError) {
        try require(count)
        offset += count
    }

    /// The next `count` octets, appended to `output`.
    public mutating func octets(_ count: Int, into output: inout [UInt8]) throws(WireError) {
        try require(count)
        for index in 0..<count { output.append(octets.u8(offset + index)) }
        offset += count
    }

    /// Reads what `body` reads from exactly the next `count` octets; pointers may still lead before them.
    public mutating func within(
        _ count: Int, _ body: (inout WireReader) throws(WireError) -> Void
    ) throws(WireError) {
        try require(count)
        let outerEnd = end
        end = offset + count
        defer { end = outerEnd }
        try body(&self)
        if offset != end { throw .badRecordData }
    }
}
