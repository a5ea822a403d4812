/// Why text in presentation form was refused, and which octets of it are meant.
public struct SyntaxError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What must be, in words that tell the reader what to type.
    public let message: String
    /// The octets in question, counted from the start of the text.
    public let range: Range<Int>

    init(_ message: String, _ range: Range<Int>) {
        self.message = message
        self.range = range
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
    var count: Int { end - start }
    var range: Range<Int> { start..<end }
}

/// Cuts zone-file text into tokens. Knows comments, parentheses, quotation and escapes, and nothing of records.
///
/// It keeps no line numbers: an error carries octet positions, and who reports it counts lines then.
struct Scanner: ~Escapable {
    let text: Octets
    /// The next octet to look at.
    private(set) var position = 0
    /// Where parentheses were opened that are not yet closed.
    private var openParentheses: [Int] = []
    /// Where the current entry began.
    private(set) var entryStart = 0

    @_lifetime(copy text)
    init(_ text: Span<UInt8>) {
        self.text = Octets(text)
    }

    var isAtEnd: Bool { position >= text.count }

    /// Skips empty lines and comments up to the next entry. Says whether it begins with a blank, that is,
    /// whether it leaves out its owner; nil where there are no more entries.
    mutating func beginEntry() -> Bool? {
        while position < text.count {
            entryStart = position
            skipBlanks()
            guard position < text.count else { return nil }
            switch text.u8(position) {
            case 0x0A: position += 1
            case 0x3B: skipComment()
            default: return position != entryStart
            }
        }
        return nil
    }

    /// The next token of the entry. Behind the last one comes `end`, again and again.
    mutating func next() throws(SyntaxError) -> Token {
        let token = try token()
        if position - entryStart > Limits.entryCount {
            throw SyntaxError("an entry must be shorter than 1 MiB", entryStart..<(entryStart + 1))
        }
        return token
    }

    private mutating func token() throws(SyntaxError) -> Token {
        while true {
            skipBlanks()
            guard position < text.count else {
                if let open = openParentheses.last {
                    throw SyntaxError("( must be closed by )", open..<(open + 1))
                }
                return Token(kind: .end, start: position, end: position)
            }
            switch text.u8(position) {
            case 0x0A:
                if openParentheses.isEmpty { return Token(kind: .end, start: position, end: position) }
                position += 1
            case 0x3B:
                skipComment()
            case 0x28:
                position += 1
                if openParentheses.count == Limits.parenthesisDepth {
                    throw SyntaxError("parentheses must not be nested that deep", (position - 1)..<position)
                }
                openParentheses.append(position - 1)
            case 0x29:
                position += 1
                if openParentheses.popLast() == nil {
                    throw SyntaxError(") must have a ( before it", (position - 1)..<position)
                }
            case 0x22:
                return try quoted()
            default:
                return try word()
            }
        }
    }

    /// The next token, which stays the next one.
    mutating func peek() throws(SyntaxError) -> Token {
        let position = self.position
        let openParentheses = self.openParentheses
        let token = try next()
        self.position = position
        self.openParentheses = openParentheses
        return token
    }

    /// Moves to the end of the current entry, to go on behind it after an error in it.
    ///
    /// Where a parenthesis was opened that nothing closes, the result tells where, and the scanner goes on at the
    /// next line that looks like the start of an entry.
    mutating func skipEntry() -> Int? {
        while position < text.count, position - entryStart <= Limits.entryCount {
            do throws(SyntaxError) {
                if try token().kind == .end { return nil }
            } catch {
                // One error an entry is enough.
            }
        }
        guard let open = openParentheses.last else {
            skipComment()
            return nil
        }
        openParentheses.removeAll(keepingCapacity: true)
        position = open
        repeat {
            skipComment()
            if position < text.count { position += 1 }
        } while position < text.count && !Scanner.beginsOwner(text.u8(position))
        return open
    }

    /// Whether a line that begins so is most likely an entry with its owner, or a directive.
    private static func beginsOwner(_ octet: UInt8) -> Bool { octet == 0x5C || !endsWord(octet) }

    /// Leaves out the first `count` octets of the text.
    mutating func skipPrefix(_ count: Int) { position = min(count, text.count) }

    /// The first line of the entry that begins at `start`, without its comment.
    static func entryRange(in text: [UInt8], from start: Int) -> Range<Int> {
        guard start < text.count else { return text.count..<text.count }
        let lineEnd = text[start...].firstIndex(of: 0x0A) ?? text.count
        var scanner = Scanner(text.span)
        scanner.position = start
        scanner.entryStart = start
        var end = start + 1
        while let token = try? scanner.next(), token.kind != .end, token.start <= lineEnd {
            end = min(token.kind == .quoted ? token.end + 1 : token.end, lineEnd)
        }
        return start..<max(end, start + 1)
    }

    /// Makes the token at hand, which was just taken, the next one again.
    mutating func putBack(_ token: Token) {
        position = token.kind == .quoted ? token.start - 1 : token.start
    }

    private mutating func skipBlanks() {
        while position < text.count {
            let octet = text.u8(position)
            guard octet == 0x20 || octet == 0x09 || octet == 0x0D else { return }
            position += 1
        }
    }

    private mutating func skipComment() {
        while position < text.count, text.u8(position) != 0x0A { position += 1 }
    }

    private mutating func word() throws(SyntaxError) -> Token {
        let start = position
        while true {
            skipPlain()
            guard position < text.count else { break }
            let octet = text.u8(position)
            if Scanner.endsWord(octet) { break }
            if octet == 0x5C {
                position += 1
                guard position < text.count, text.u8(position) != 0x0A else {
                    throw SyntaxError("\\ must be followed by the character it escapes", (position - 1)..<position)
                }
            }
            position += 1
        }
        return Token(kind: .word, start: start, end: position)
    }

    /// Goes on by words of eight octets, up to one with an octet that may end a word or begin an escape.
    @inline(__always)
    private mutating func skipPlain() {
        while position <= text.count - 8 {
            let special = Scanner.special(text.word(position))
            if special != 0 {
                position += special.trailingZeroBitCount &>> 3
                return
            }
            position += 8
        }
    }

    /// The highest bit of each octet below `*`, and of each `;` and `\`. What is above the lowest one may be wrong.
    @inline(__always)
    private static func special(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let isLow = (word &- 0x2A &* ones) & ~word
        let semicolon = word ^ (0x3B &* ones)
        let backslash = word ^ (0x5C &* ones)
        let isOther = ((semicolon &- ones) & ~semicolon) | ((backslash &- ones) & ~backslash)
        return (isLow | isOther) & (0x80 &* ones)
    }

    private mutating func quoted() throws(SyntaxError) -> Token {
        let quote = position
        position += 1
        while position < text.count {
            switch text.u8(position) {
            case 0x22:
                position += 1
                return Token(kind: .quoted, start: quote + 1, end: position - 1)
            case 0x0A:
                throw SyntaxError("\" must be closed by \" on the same line", quote..<(quote + 1))
            case 0x5C:
                // A line's end that is escaped belongs to the string.
                position += 2
            default:
                position += 1
            }
        }
        position = text.count
        throw SyntaxError("\" must be closed by \" on the same line", quote..<(quote + 1))
    }

    /// Blank, tab, line's end, `"`, `(`, `)` and `;` end a word: one bit each.
    @inline(__always)
    private static func endsWord(_ octet: UInt8) -> Bool {
        let ends: UInt64 = 1 << 0x09 | 1 << 0x0A | 1 << 0x0D | 1 << 0x20 | 1 << 0x22 | 1 << 0x28 | 1 << 0x29 | 1 << 0x3B
        return octet < 64 && (ends &>> UInt64(octet)) & 1 != 0
    }
}
