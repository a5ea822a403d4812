/// Cuts zone-file text into tokens. Knows comments, parentheses, quotation and escapes, and nothing of records.
///
/// It keeps no line numbers: an error carries octet positions, and who reports it counts lines then.
struct Scanner: ~Escapable {
    let text: Octets
    /// The next octet to look at.
    var position = 0
    /// Where parentheses were opened that are not yet closed.
    private var openParentheses: [Int] = []
    /// Where the current entry began.
    private(set) var entryStart = 0
    /// Which of the 64 octets from `marksStart` on may end a word, one bit each, the first the lowest: looked for once,
    /// so that most tokens cost a shift.
    var marks: UInt64 = 0
    var marksStart = -64

    @_lifetime(copy text)
    init(_ text: Span<UInt8>) {
        self.text = Octets(text)
    }

    /// Skips empty lines and comments up to the next entry. Says whether it begins with a blank, that is,
    /// whether it leaves out its owner; nil where there are no more entries.
    @inline(__always)
    mutating func beginEntry() -> Bool? {
        while position < text.count {
            entryStart = position
            skipBlanks()
            guard position < text.count else { return nil }
            switch text.u8(position) {
            case 0x0A: position &+= 1
            case 0x3B: skipComment()
            default: return position != entryStart
            }
        }
        return nil
    }

    /// The next token of the entry. Behind the last one comes `end`, again and again.
    @inline(__always)
    mutating func next() throws(SyntaxError) -> Token {
        // Most tokens are words without escapes behind one blank.
        var start = position
        var ends = marks(from: start)
        if ends & 1 != 0 {
            guard start < text.count, text.u8(start) == 0x20 else { return try otherToken() }
            start &+= 1
            ends &>>= 1
        }
        let end = start &+ ends.trailingZeroBitCount
        guard ends != 0, ends & 1 == 0, end < text.count, text.u8(end).endsWord, end &- entryStart <= Limits.entryCount
        else {
            return try otherToken()
        }
        position = end
        return Token(kind: .word, start: start, end: end)
    }

    /// The marks of the octets from `start` on: of two words' ends at least, or of as many octets as there may be; none
    /// near the end of the text.
    @inline(__always)
    private mutating func marks(from start: Int) -> UInt64 {
        let offset = start &- marksStart
        if UInt(bitPattern: offset) < 64 {
            let ends = marks &>> UInt64(truncatingIfNeeded: offset)
            if ends & (ends &- 1) != 0 { return ends }
        }
        guard let marks = text.mask64(start, .mayEndWord) else { return 0 }
        self.marks = marks
        marksStart = start
        return marks
    }

    @inline(never)
    private mutating func otherToken() throws(SyntaxError) -> Token {
        let token = try token()
        if position &- entryStart > Limits.entryCount { throw overlong }
        return token
    }

    private var overlong: SyntaxError {
        SyntaxError("an entry must be shorter than 1 MiB", entryStart..<(entryStart + 1))
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
    private static func beginsOwner(_ octet: UInt8) -> Bool { octet == 0x5C || !octet.endsWord }

    /// Whether nothing but the end of the entry can follow.
    @inline(__always)
    var isAtLineEnd: Bool { position < text.count && text.u8(position) == 0x0A && openParentheses.isEmpty }

    /// False where the next token is a word that begins with another octet.
    @inline(__always)
    mutating func mayBeginWord(with octet: UInt8) -> Bool {
        guard position &+ 1 < text.count else { return true }
        if text.u8(position) != 0x20 || text.u8(position &+ 1) <= 0x20 { return mayBeginWordBehindBlanks(with: octet) }
        return text.u8(position &+ 1) == octet || text.u8(position &+ 1).endsWord
    }

    @inline(never)
    private mutating func mayBeginWordBehindBlanks(with octet: UInt8) -> Bool {
        skipBlanks()
        return position == text.count || text.u8(position) == octet || text.u8(position).endsWord
    }

    /// Where the first token behind `start` begins, which is in this entry.
    func tokenStart(from start: Int) -> Int {
        var scanner = self
        scanner.position = start
        // So that line's ends are passed over.
        scanner.openParentheses = [start]
        return (try? scanner.next())?.start ?? start
    }

    /// Goes on at an octet that is outside of parentheses and strings.
    mutating func skip(to offset: Int) {
        position = min(offset, text.count)
        entryStart = position
    }

    /// The first line at `offset` or behind it that begins like an entry with its owner; nil where there is none. What
    /// is around it may be parentheses. The scanner stands somewhere then.
    mutating func ownerLine(behind offset: Int) -> Int? {
        skip(to: offset)
        while position < text.count {
            skipComment()
            if position < text.count { position += 1 }
            if position < text.count, !text.u8(position).endsWord, text.u8(position) != 0x24 { return position }
        }
        return nil
    }

    /// Makes the entry that has just begun the next one again.
    mutating func putBackEntry() { position = entryStart }

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

    @inline(__always)
    private mutating func skipBlanks() {
        while position < text.count {
            guard text.u8(position).isBlank else { return }
            position &+= 1
            // Mostly one; where there are more, as in columns, there are many.
            guard position < text.count, text.u8(position).isBlank else { return }
            let others = text.mask(position, .isNoBlank)
            position = min(position &+ (others == 0 ? 16 : others.trailingZeroBitCount), text.count)
        }
    }

    private mutating func skipComment() { skip(to: .equal(0x0A)) }

    /// Goes on to the first octet that is so, or to the end.
    @inline(__always)
    private mutating func skip(to condition: OctetCondition) {
        while position < text.count {
            let marks = text.mask(position, condition)
            if marks != 0 {
                position &+= marks.trailingZeroBitCount
                return
            }
            position &+= 16
        }
        position = text.count
    }

    @inline(__always)
    private mutating func word() throws(SyntaxError) -> Token {
        let start = position
        skip(to: .mayEndWord)
        if position >= text.count || text.u8(position).endsWord {
            position = min(position, text.count)
            return Token(kind: .word, start: start, end: position)
        }
        return try oddWord(from: start)
    }

    /// Goes on with a word that has an escape, or a character that looks like the end of a word at first.
    @inline(never)
    private mutating func oddWord(from start: Int) throws(SyntaxError) -> Token {
        var hasEscape = false
        while position < text.count, !text.u8(position).endsWord {
            if text.u8(position) == 0x5C {
                hasEscape = true
                position += 1
                guard position < text.count, text.u8(position) != 0x0A else {
                    throw SyntaxError("\\ must be followed by the character it escapes", (position - 1)..<position)
                }
            }
            position += 1
            skip(to: .mayEndWord)
        }
        return Token(kind: .word, start: start, end: position, hasEscape: hasEscape)
    }

    private mutating func quoted() throws(SyntaxError) -> Token {
        let quote = position
        var hasEscape = false
        position += 1
        while true {
            skip(to: .mayEndQuote)
            guard position < text.count, text.u8(position) != 0x0A else {
                throw SyntaxError("\" must be closed by \" on the same line", quote..<(quote + 1))
            }
            position += 1
            if text.u8(position - 1) == 0x22 {
                return Token(kind: .quoted, start: quote + 1, end: position - 1, hasEscape: hasEscape)
            }
            // A line's end that is escaped belongs to the string.
            hasEscape = true
            position = min(position + 1, text.count)
        }
    }
}
