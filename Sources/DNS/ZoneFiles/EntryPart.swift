/// Which part of a record's entry is meant.
enum EntryPart: Sendable, Equatable {
    /// All of its first line, without a comment.
    case entry
    /// Where the owner is left out, the type.
    case owner
    case ttl
    case type
    /// A word of the data, counted from 0.
    case data(Int)

    /// Where it stands, for the entry that begins at `start`; the whole where it cannot be told.
    func range(in text: [UInt8], from start: Int) -> Range<Int> {
        if self == .entry { return Scanner.entryRange(in: text, from: start) }
        guard let words = EntryWords(text, from: start) else { return Scanner.entryRange(in: text, from: start) }
        switch self {
        case .data(let index) where index < words.data.count: return words.data[index].range
        case .owner: return words.owner ?? words.type
        case .ttl: return words.ttl ?? words.type
        default: return words.type
        }
    }
}

extension Zone {
    /// The number of the file that an entry stands in, its text, and where the entry begins there.
    func source(of entry: Entry) -> (file: Int, text: [UInt8], start: Int) {
        let number = file(of: entry)
        return (number, files[number].text, Int(entry.source) - files[number].start)
    }
}

/// Where the words of a record's entry stand.
struct EntryWords {
    var owner: Range<Int>?
    var ttl: Range<Int>?
    var type = 0..<0
    var data: [Token] = []

    /// Nil for a directive, as $GENERATE, and what is no entry.
    init?(_ text: [UInt8], from start: Int) {
        guard start < text.count, text[start] != 0x24 else { return nil }
        var scanner = Scanner(text.span)
        scanner.skip(to: start)
        // What is left out stands before `start`: a line's end, then blanks.
        let hasOwner = start == 0 || text[start - 1] == 0x0A
        do throws(SyntaxError) {
            if hasOwner { owner = try scanner.next().range }
            while true {
                let token = try scanner.next()
                guard token.kind != .end, token.count > 0 else { return nil }
                if ASCII.isDigit(text[token.start]) {
                    ttl = token.range
                } else if !RecordHeader.isInternet(scanner.text, token) {
                    type = token.range
                    break
                }
            }
            while data.count < Limits.entryWords {
                let token = try scanner.next()
                if token.kind == .end { break }
                data.append(token)
            }
        } catch {
            return nil
        }
    }
}
