/// Why text in presentation form was refused, and which octets of it are meant.
public struct SyntaxError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What must be, in words that tell the reader what to type.
    public let message: String
    /// The octets in question, counted from the start of the text.
    public let range: Range<Int>
    public let code: ProblemCode

    init(_ message: String, _ range: Range<Int>, _ code: ProblemCode = .syntax) {
        self.message = message
        self.range = range
        self.code = code
    }

    public var description: String { message }
}

/// A piece of a zone file (RFC 1035 §5.1): where it stands in the text.
struct Token {
    enum Kind {
        /// Contiguous characters without special meaning; escapes are still in it.
        case word
        /// What stands between two quotation marks; escapes are still in it.
        case quoted
        /// The end of an entry: a line's end outside parentheses, or the text's end.
        case end
    }

    var kind: Kind
    /// Without the quotation marks.
    var start: Int
    var end: Int
    var hasEscape = false
    var count: Int { end &- start }
    var range: Range<Int> { start..<end }
}

extension UInt8 {
    /// Blank, tab, line's end, `"`, `(`, `)` and `;` end a word of a zone file: one bit each.
    @inline(__always)
    var endsWord: Bool {
        let ends: UInt64 = 1 << 0x09 | 1 << 0x0A | 1 << 0x0D | 1 << 0x20 | 1 << 0x22 | 1 << 0x28 | 1 << 0x29 | 1 << 0x3B
        return self < 64 && (ends &>> UInt64(self)) & 1 != 0
    }

    /// Blank, tab or carriage return.
    @inline(__always)
    var isBlank: Bool { self == 0x20 || self == 0x09 || self == 0x0D }
}
