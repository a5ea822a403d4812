/// Why text is not a name in presentation form (RFC 1035 §5.1).
public enum NameError: Error, Sendable, Equatable, CustomStringConvertible {
    case empty
    case emptyLabel
    case labelTooLong
    case nameTooLong
    case badEscape
    /// A relative name where no origin was given.
    case notAbsolute

    public var description: String {
        switch self {
        case .empty: "a name must not be empty"
        case .emptyLabel: "a label of a name must not be empty (two dots in a row, or a leading dot)"
        case .labelTooLong: "a label of a name must have at most 63 octets"
        case .nameTooLong: "a name must have at most 255 octets"
        case .badEscape: "an escape must be \\ and a character, or \\ and three digits up to 255"
        case .notAbsolute: "a relative name needs an origin; did you forget the dot at its end?"
        }
    }
}

extension Name {
    /// A name from its presentation form, with `\.` and `\DDD` escapes.
    ///
    /// A name without a final dot is relative: `origin` is added to it; where there is none, the root is, so that
    /// `Name("www.example.test")` works as people type it. `@` is the origin itself.
    public init(_ text: String, origin: Name = .root) throws(NameError) {
        var wire: [UInt8] = []
        let octets = Array(text.utf8)
        try Name.parse(octets.span, origin: origin.wire.span, into: &wire)
        self.init(validatedWire: wire)
    }

    /// Parses `text` and appends the wire format to `output`; relative names get `origin` (wire format) added.
    /// On an error `output` is as it was.
    static func parse(
        _ text: Span<UInt8>, origin: Span<UInt8>?, into output: inout [UInt8]
    ) throws(NameError) {
        let start = output.count
        do throws(NameError) {
            try appendLabels(of: text, origin: origin, to: &output)
        } catch {
            output.removeSubrange(start...)
            throw error
        }
    }

    private static func appendLabels(
        of text: Span<UInt8>, origin: Span<UInt8>?, to output: inout [UInt8]
    ) throws(NameError) {
        if text.count == 0 { throw .empty }
        let start = output.count
        if text.count == 1 && text[0] == 0x2E {
            output.append(0)
            return
        }
        if text.count == 1 && text[0] == 0x40 {
            return try append(origin, to: &output, from: start)
        }
        var position = 0
        while position < text.count {
            let length = output.count
            output.append(0)
            while position < text.count && text[position] != 0x2E {
                if output.count - length > maximumLabelCount { throw .labelTooLong }
                output.append(try octet(of: text, at: &position))
            }
            let count = output.count - length - 1
            if count == 0 { throw .emptyLabel }
            output[length] = UInt8(count)
            if output.count - start > maximumCount { throw .nameTooLong }
            if position == text.count { return try append(origin, to: &output, from: start) }
            position += 1
        }
        if output.count - start >= maximumCount { throw .nameTooLong }
        output.append(0)
    }

    private static func append(_ origin: Span<UInt8>?, to output: inout [UInt8], from start: Int) throws(NameError) {
        guard let origin else { throw .notAbsolute }
        if output.count - start + origin.count > maximumCount { throw .nameTooLong }
        for index in 0..<origin.count { output.append(origin[index]) }
    }

    /// The octet that the character or escape at `position` stands for.
    static func octet(of text: Span<UInt8>, at position: inout Int) throws(NameError) -> UInt8 {
        let octet = text[position]
        position += 1
        if octet != 0x5C { return octet }
        guard position < text.count else { throw .badEscape }
        if !ASCII.isDigit(text[position]) {
            position += 1
            return text[position - 1]
        }
        guard position + 3 <= text.count else { throw .badEscape }
        var value = 0
        for index in position..<(position + 3) {
            guard ASCII.isDigit(text[index]) else { throw .badEscape }
            value = value * 10 + Int(text[index] - 0x30)
        }
        guard let octet = UInt8(exactly: value) else { throw .badEscape }
        position += 3
        return octet
    }
}

extension Name: CustomStringConvertible {
    /// Presentation form with the final dot. Octets that are not printing ASCII come as `\DDD`.
    public var description: String {
        if isRoot { return "." }
        var text: [UInt8] = []
        Name.print(wire.span, into: &text)
        return String(decoding: text, as: UTF8.self)
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
        var text: [UInt8] = []
        for octet in octets { Label.print(octet, into: &text) }
        return String(decoding: text, as: UTF8.self)
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
