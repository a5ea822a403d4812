/// What is wrong with a zone file, or doubtful in it, and where.
///
///     zones/example.test.zone:14:26: MX preference must be a number from 0 to 65535
///     14 | @          3600  IN  MX  70000  mail.example.test.
///        |                          ^^^^^
///
/// Nothing in it harms a terminal: control characters of the file or its name are replaced.
public struct ZoneFileError: Error, Sendable, Equatable {
    public enum Severity: Sendable { case warning, error }

    public let severity: Severity
    /// What must be, in words that tell the reader what to type.
    public let message: String
    /// The file as the user named it.
    public let path: String
    /// Counted from 1; 0 where the whole file is meant.
    public let line: Int
    /// Counted from 1 in octets; 0 where the whole file is meant.
    public let column: Int
    /// The line to show, cut around the place where it is long; nil where the whole file is meant.
    public let excerpt: Excerpt?

    /// A line of a file as it is shown.
    public struct Excerpt: Sendable, Equatable {
        /// Tabs are blanks here; cut ends are shown by `…`.
        public let text: String
        /// The characters of `text` before the ones in question.
        public let markOffset: Int
        /// The characters in question, at least one.
        public let markCount: Int
    }

    /// About a file as a whole.
    public init(_ severity: Severity, _ message: String, path: String) {
        self.severity = severity
        self.message = harmless(message)
        self.path = harmless(path)
        line = 0
        column = 0
        excerpt = nil
    }

    /// About the octets at `range` of a file's text.
    init(_ severity: Severity, _ message: String, path: String, text: [UInt8], range: Range<Int>) {
        var lines = LineCounter()
        self.init(severity, message, path: path, text: text, range: range, lines: &lines)
    }

    /// The same with `lines` that have counted up to here, so that many places of one file cost one pass.
    init(
        _ severity: Severity, _ message: String, path: String, text: [UInt8], range: Range<Int>,
        lines: inout LineCounter
    ) {
        let range = range.clamped(to: 0..<text.count)
        lines.advance(to: range.lowerBound, in: text)
        self.severity = severity
        self.message = harmless(message)
        self.path = harmless(path)
        line = lines.line
        column = range.lowerBound - lines.lineStart + 1
        excerpt = Excerpt(text, range, lineStart: lines.lineStart)
    }

    /// About a record: its line is shown, up to a comment.
    init(
        _ severity: Severity, _ message: String, at entry: Zone.Entry, in zone: Zone, lines: inout LineCounter
    ) {
        let file = zone.files[zone.file(of: entry)]
        let range = Scanner.entryRange(in: file.text, from: Int(entry.source) - file.start)
        self.init(severity, message, path: file.path, text: file.text, range: range, lines: &lines)
    }
}

extension ZoneFileError: CustomStringConvertible {
    /// Three lines without a final line's end; one where the whole file is meant.
    public var description: String { text(word: severity == .warning ? "warning: " : "") }

    /// The same without the word that says that it is a warning, for logs that say so themselves.
    public var textWithoutSeverity: String { text(word: "") }

    private func text(word: String) -> String {
        guard let excerpt else { return "\(path): \(word)\(message)" }
        let number = String(line)
        let gutter = String(repeating: " ", count: number.utf8.count)
        let indent = String(repeating: " ", count: excerpt.markOffset)
        let mark = String(repeating: "^", count: excerpt.markCount)
        return """
            \(path):\(line):\(column): \(word)\(message)
            \(number) | \(excerpt.text)
            \(gutter) | \(indent)\(mark)
            """
    }
}

extension ZoneFileError.Excerpt {
    /// Octets that are shown before and from the place in question.
    private static let countBefore = 70
    private static let countFrom = 90
    private static let tabWidth = 8

    fileprivate init(_ text: [UInt8], _ range: Range<Int>, lineStart: Int) {
        let limit = min(text.count, range.lowerBound + Self.countFrom)
        var end = text[range.lowerBound..<limit].firstIndex(of: 0x0A) ?? limit
        let isCut = end == limit && limit < text.count && text[limit] != 0x0A
        if !isCut, end > range.lowerBound, text[end - 1] == 0x0D { end -= 1 }
        let start = max(lineStart, range.lowerBound - Self.countBefore)

        var shown = start > lineStart ? "…" : ""
        var column = shown.unicodeScalars.count
        Self.append(text[start..<range.lowerBound], to: &shown, &column)
        let markOffset = column
        let markEnd = min(max(range.upperBound, range.lowerBound), end)
        Self.append(text[range.lowerBound..<max(markEnd, range.lowerBound)], to: &shown, &column)
        let markCount = max(1, column - markOffset)
        if markEnd < end { Self.append(text[markEnd..<end], to: &shown, &column) }
        if isCut { shown += "…" }
        self.init(text: shown, markOffset: markOffset, markCount: markCount)
    }

    private static func append(_ octets: ArraySlice<UInt8>, to text: inout String, _ column: inout Int) {
        for scalar in String(decoding: octets, as: UTF8.self).unicodeScalars {
            if scalar == "\t" {
                let count = tabWidth - column % tabWidth
                text += String(repeating: " ", count: count)
                column += count
            } else {
                text.unicodeScalars.append(isHarmless(scalar) ? scalar : "\u{FFFD}")
                column += 1
            }
        }
    }
}

/// Where a line begins, found in one pass from the start of a text.
struct LineCounter {
    private(set) var line = 1
    private(set) var lineStart = 0
    private var position = 0

    /// Moves to the line of `offset`, which is not before the one asked for last.
    mutating func advance(to offset: Int, in text: [UInt8]) {
        while position < offset, position < text.count {
            if text[position] == 0x0A {
                line += 1
                lineStart = position + 1
            }
            position += 1
        }
    }
}

/// The text without characters that move the cursor, change colours or turn the direction of writing.
private func harmless(_ text: String) -> String {
    if text.unicodeScalars.allSatisfy(isHarmless) { return text }
    var result = ""
    for scalar in text.unicodeScalars { result.unicodeScalars.append(isHarmless(scalar) ? scalar : "\u{FFFD}") }
    return result
}

private func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20...0x7E: true
    case 0...0x9F, 0x061C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF: false
    default: true
    }
}
