/// Why text is not a name in presentation form (RFC 1035 §5.1).
public enum NameError: Error, Sendable, Equatable, CustomStringConvertible {
    case empty
    case emptyLabel
    case labelTooLong
    case nameTooLong
    case badEscape

    public var description: String {
        switch self {
        case .empty: "a name must not be empty"
        case .emptyLabel: "a label of a name must not be empty (two dots in a row, or a leading dot)"
        case .labelTooLong: "a label of a name must have at most 63 octets"
        case .nameTooLong: "a name must have at most 255 octets"
        case .badEscape: "an escape must be \\ and a character, or \\ and three digits up to 255"
        }
    }
}

extension Name {
    /// A name from its presentation form, with `\.` and `\DDD` escapes.
    ///
    /// A name without a final dot is relative: `origin` is added to it; where there is none, the root is, so that
    /// `Name("www.example.test")` works as people type it. `@` is the origin itself.
    public init(_ text: String, origin: Name = .root) throws(NameError) {
        let octets = Array(text.utf8)
        let view = Octets(octets.span)
        var wire = GrowingOctets(capacity: Name.maximumCount)
        try Name.parse(view, 0..<view.count, origin: GrowingOctets(origin.wire), into: &wire)
        self.init(validatedWire: wire.array)
    }

    /// A name from its presentation form as octets; where it has no final dot, the root is added.
    public init(text: Span<UInt8>) throws(NameError) {
        let view = Octets(text)
        var wire = GrowingOctets(capacity: Name.maximumCount)
        try Name.parse(view, 0..<view.count, origin: GrowingOctets([0]), into: &wire)
        self.init(validatedWire: wire.array)
    }

    /// Parses the text in `range` and appends the wire format to `output`; relative names get `origin` (wire format)
    /// added. On an error `output` is as it was.
    static func parse(
        _ text: Octets, _ range: Range<Int>, origin: borrowing GrowingOctets, into output: inout GrowingOctets
    ) throws(NameError) {
        let start = output.count
        if appendPlainLabels(of: text, range, origin: origin, to: &output) { return }
        output.truncate(to: start)
        do throws(NameError) {
            try appendLabels(of: text, range, origin: origin, to: &output)
        } catch {
            output.truncate(to: start)
            throw error
        }
    }

    /// Copies the text as a whole and puts lengths over the dots, since nearly all names can be taken so. Says false
    /// of those that cannot: they have escapes, mean the origin or the root, or are no names.
    @inline(__always)
    private static func appendPlainLabels(
        of text: Octets, _ range: Range<Int>, origin: borrowing GrowingOctets, to output: inout GrowingOctets
    ) -> Bool {
        let count = range.count
        guard count <= maximumCount, count != 1 || text.u8(range.lowerBound) != 0x40 else { return false }
        let start = output.count
        guard let isAbsolute = output.append(labels: text, range.lowerBound, count: count) else { return false }
        if !isAbsolute { output.append(origin) }
        return output.count &- start <= maximumCount
    }

    @inline(never)
    private static func appendLabels(
        of text: Octets, _ range: Range<Int>, origin: borrowing GrowingOctets, to output: inout GrowingOctets
    ) throws(NameError) {
        if range.isEmpty { throw .empty }
        let start = output.count
        if range.count == 1 && text.u8(range.lowerBound) == 0x2E { return output.append(0) }
        if range.count == 1 && text.u8(range.lowerBound) == 0x40 {
            return try append(origin, to: &output, from: start)
        }
        var position = range.lowerBound
        while position < range.upperBound {
            let length = output.count
            output.append(0)
            while position < range.upperBound && text.u8(position) != 0x2E {
                if output.count - length > maximumLabelCount { throw .labelTooLong }
                output.append(try octet(of: text, at: &position, before: range.upperBound))
            }
            let count = output.count - length - 1
            if count == 0 { throw .emptyLabel }
            output[length] = UInt8(count)
            if output.count - start > maximumCount { throw .nameTooLong }
            if position == range.upperBound { return try append(origin, to: &output, from: start) }
            position += 1
        }
        if output.count - start >= maximumCount { throw .nameTooLong }
        output.append(0)
    }

    private static func append(
        _ origin: borrowing GrowingOctets, to output: inout GrowingOctets, from start: Int
    ) throws(NameError) {
        if output.count - start + origin.count > maximumCount { throw .nameTooLong }
        output.append(origin)
    }

    /// The octet that the character or escape at `position` stands for.
    static func octet(of text: Octets, at position: inout Int, before end: Int) throws(NameError) -> UInt8 {
        let octet = text.u8(position)
        position += 1
        if octet != 0x5C { return octet }
        guard position < end else { throw .badEscape }
        if !ASCII.isDigit(text.u8(position)) {
            position += 1
            return text.u8(position - 1)
        }
        guard position + 3 <= end else { throw .badEscape }
        var value = 0
        for index in position..<(position + 3) {
            guard ASCII.isDigit(text.u8(index)) else { throw .badEscape }
            value = value * 10 + Int(text.u8(index) - 0x30)
        }
        guard let octet = UInt8(exactly: value) else { throw .badEscape }
        position += 3
        return octet
    }
}

extension Name: CustomStringConvertible {
    /// Presentation form with the final dot. Octets that are not printing ASCII come as `\DDD`.
    public var description: String {
        String(printing: { Name.print(wire.span, into: &$0) })
    }

    /// Prints a name in uncompressed wire format.
    static func print(_ wire: Span<UInt8>, into text: inout [UInt8]) {
        var offset = 0
        if wire[0] == 0 { text.append(0x2E) }
        while wire[offset] != 0 {
            for index in (offset + 1)...(offset + Int(wire[offset])) { Label.print(wire[index], into: &text) }
            text.append(0x2E)
            offset += Int(wire[offset]) + 1
        }
    }
}

extension Label: CustomStringConvertible {
    public var description: String {
        String(printing: { for octet in octets { Label.print(octet, into: &$0) } })
    }

    /// One octet of a label: escaped where a zone file would read it as something else.
    static func print(_ octet: UInt8, into text: inout [UInt8]) {
        switch octet {
        case 0x22, 0x24, 0x28, 0x29, 0x2E, 0x3B, 0x40, 0x5C:  // " $ ( ) . ; @ \
            text.append(0x5C)
            text.append(octet)
        case 0x21...0x7E:
            text.append(octet)
        default:
            appendDecimalEscape(octet, to: &text)
        }
    }
}

/// `\DDD` (RFC 1035 §5.1).
func appendDecimalEscape(_ octet: UInt8, to text: inout [UInt8]) {
    text.append(0x5C)
    text.append(0x30 + octet / 100)
    text.append(0x30 + octet / 10 % 10)
    text.append(0x30 + octet % 10)
}
