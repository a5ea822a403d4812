/// Cuts zone-file text into entries for laying it out: unlike `Scanner` it keeps comments, empty lines and line breaks.
/// The text is one that parses without an error.
struct LayoutScanner {
    /// One line of an entry. A parenthesis is a word here, and what stands together without a blank is one.
    struct Line {
        var words: [Range<Int>] = []
        var comment: Range<Int>?
        var beginsWithBlank = false
        /// Where the comment begins in its line, counted from 0.
        var commentColumn = 0
    }

    /// What stands up to a line's end outside parentheses: a record, a directive, a comment, or nothing.
    struct Entry {
        var range = 0..<0
        var lines: [Line] = []
        /// A string with a line's end in it stands in the way of columns.
        var hasOpenString = false
    }

    let text: [UInt8]
    private var position = 0

    init(_ text: [UInt8]) { self.text = text }

    /// Nil at the end of the text.
    mutating func next() -> Entry? {
        guard position < text.count else { return nil }
        var entry = Entry()
        let start = position
        var depth = 0
        repeat { entry.lines.append(line(&depth, &entry)) } while depth > 0 && position < text.count
        var end = position
        while end > start, [0x0A, 0x0D, 0x20, 0x09].contains(text[end - 1]) { end -= 1 }
        entry.range = start..<end
        return entry
    }

    private mutating func line(_ depth: inout Int, _ entry: inout Entry) -> Line {
        var line = Line()
        let start = position
        line.beginsWithBlank = position < text.count && text[position].isBlank
        while position < text.count {
            let octet = text[position]
            switch octet {
            case 0x0A:
                position += 1
                return line
            case 0x20, 0x09, 0x0D: position += 1
            case 0x28, 0x29:
                depth += octet == 0x28 ? 1 : -1
                line.words.append(position..<(position + 1))
                position += 1
            case 0x3B:
                line.commentColumn = position - start
                var end = text[position...].firstIndex(of: 0x0A) ?? text.count
                let next = end
                while text[end - 1].isBlank { end -= 1 }
                line.comment = position..<end
                position = next
            default:
                line.words.append(word(&entry))
            }
        }
        return line
    }

    private mutating func word(_ entry: inout Entry) -> Range<Int> {
        let start = position
        var isQuoted = false
        while position < text.count {
            let octet = text[position]
            if octet == 0x5C, position + 1 < text.count {
                position += 1
                if text[position] == 0x0A { entry.hasOpenString = true }
            } else if octet == 0x22 {
                isQuoted.toggle()
            } else if !isQuoted, octet.endsWord {
                break
            }
            position += 1
        }
        return start..<position
    }
}
