/// The words from a place of a zone file on, for 64 octets at most, as long as there is nothing between them but blanks.
///
/// Nearly all records begin so, up to their data. A word costs a shift and a count here, since all there is to know fits
/// registers; whatever is not as simple, or wrong, is nil and left to the scanner. So is a directive, whose `$` counts among
/// what may end a word.
struct PlainWords: ~Escapable {
    let text: Octets
    /// Where the next word begins.
    private(set) var position: Int
    /// Which octets from there on may end a word, one bit each, the first the lowest.
    private var ends: UInt64

    @_lifetime(copy text)
    init(_ text: Octets, _ position: Int, ends: UInt64 = 0) {
        self.text = text
        self.position = position
        self.ends = ends
    }

    /// The next word, which has a blank behind it.
    @inline(__always)
    mutating func next() -> Token? {
        let count = ends.trailingZeroBitCount
        guard 1..<64 ~= count else { return nil }
        let token = Token(kind: .word, start: position, end: position &+ count)
        ends &>>= UInt64(truncatingIfNeeded: count)
        let blanks = (~ends).trailingZeroBitCount
        if blanks == 1 {
            guard text.u8(token.end).isBlank else { return nil }
        } else {
            // As many as there are in columns.
            guard blanks <= 16, text.mask(token.end, .isNoBlank) & ((1 &<< UInt32(blanks)) &- 1) == 0 else {
                return nil
            }
        }
        ends &>>= UInt64(truncatingIfNeeded: blanks)
        position = token.end &+ blanks
        return token
    }

    /// The next word, where a line's end is behind it.
    @inline(__always)
    func last() -> Token? {
        let count = ends.trailingZeroBitCount
        guard 1..<64 ~= count, text.u8(position &+ count) == 0x0A else { return nil }
        return Token(kind: .word, start: position, end: position &+ count)
    }
}

extension Scanner {
    /// The words that follow, as far as they are plain; none where the entry has nearly become too long.
    @inline(__always)
    @_lifetime(copy self)
    mutating func plainWords() -> PlainWords {
        let isShort = position &- entryStart <= Limits.entryCount &- 64
        guard isShort, let marks = text.mask64(position, .mayEndWord) else {
            return PlainWords(text, position)
        }
        self.marks = marks
        marksStart = position
        return PlainWords(text, position, ends: marks)
    }
}
