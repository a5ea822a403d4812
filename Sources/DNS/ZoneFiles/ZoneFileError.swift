/// What is wrong with a zone file, or doubtful in it, and where.
///
///     zones/example.test.zone:14:26: MX preference must be a number from 0 to 65535
///     14 | @          3600  IN  MX  70000  mail.example.test.
///        |                          ^^^^^
///
/// Nothing in it harms a terminal: control characters of the file or its name are replaced.
public struct ZoneFileError: Error, Sendable, Equatable {
    public typealias Severity = ProblemCode.Severity

    /// What must be, in words that tell the reader what to type.
    public let message: String
    /// Which of the things that can be wrong it is: docs/checks.md lists them.
    public let code: ProblemCode
    /// How to mend it.
    public let hint: String
    /// The file as the user named it.
    public let path: String
    /// Counted from 1; 0 where the whole file is meant.
    public private(set) var line = 0
    /// Counted from 1 in octets; 0 where the whole file is meant.
    public private(set) var column = 0
    /// The same in Unicode code points.
    public private(set) var characterColumn = 0
    /// The line to show, cut around the place where it is long; nil where the whole file is meant.
    public private(set) var excerpt: Excerpt?

    public var severity: Severity { code.rule.severity }

    /// A line of a file as it is shown.
    public struct Excerpt: Sendable, Equatable {
        /// Tabs are blanks here; cut ends are shown by `…`.
        public let text: String
        /// The columns of a terminal before the characters in question.
        public let markOffset: Int
        /// The columns of the characters in question, at least one.
        public let markCount: Int
    }

    /// About a file as a whole.
    public init(_ code: ProblemCode, _ message: String, path: String) {
        self.init(code, message, hint: nil, path: path)
    }

    private init(_ code: ProblemCode, _ message: String, hint: String?, path: String) {
        self.message = harmless(message)
        self.code = code
        self.hint = hint.map(harmless) ?? code.rule.hint
        self.path = harmless(path)
    }

    /// About the octets at `range` of a file, with `lines` that have counted up to here, so that many places of one file
    /// cost one pass.
    init(
        _ code: ProblemCode, _ message: String, hint: String? = nil, in file: Zone.SourceFile, _ range: Range<Int>,
        lines: inout LineCounter
    ) {
        self.init(code, message, hint: hint, path: file.path)
        let range = range.clamped(to: 0..<file.text.count)
        lines.advance(to: range.lowerBound, in: file.text)
        line = lines.line
        column = range.lowerBound - lines.lineStart + 1
        characterColumn = column - lines.continuations
        excerpt = Excerpt(file.text, range, lineStart: lines.lineStart)
    }

    /// About a record: the first line of its entry is shown.
    init(_ code: ProblemCode, _ message: String, at entry: Zone.Entry, in zone: Zone, lines: inout LineCounter) {
        let (file, text, start) = zone.source(of: entry)
        self.init(code, message, in: zone.files[file], EntryPart.entry.range(in: text, from: start), lines: &lines)
    }

    /// Something else about the same place.
    init(_ code: ProblemCode, _ message: String, at place: ZoneFileError) {
        self.init(code, message, hint: nil, path: place.path)
        (line, column, excerpt) = (place.line, place.column, place.excerpt)
        characterColumn = place.characterColumn
    }
}

extension ZoneFileError: CustomStringConvertible {
    /// Three lines without a final line's end; one where the whole file is meant.
    public var description: String { text(severity == .warning ? "warning: " : "") }

    /// The same without the word that says that it is a warning, for logs that say so themselves.
    public var textWithoutSeverity: String { text() }

    /// The same with the code and the hint.
    public var textWithHint: String {
        "\(text("", " [\(code.word)]"))\n\(line == 0 ? "" : gutter + " ")= \(hint)"
    }

    /// As wide as the line's number.
    private var gutter: String { String(repeating: " ", count: String(line).utf8.count) }

    private func text(_ word: String = "", _ tag: String = "") -> String {
        guard let excerpt else { return "\(path): \(word)\(message)\(tag)" }
        let indent = String(repeating: " ", count: excerpt.markOffset)
        let mark = String(repeating: "^", count: excerpt.markCount)
        return """
            \(path):\(line):\(column): \(word)\(message)\(tag)
            \(line) | \(excerpt.text)
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
        var column = shown.isEmpty ? 0 : 1
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
                column += width(of: scalar)
            }
        }
    }
}

extension ZoneFileError.Excerpt {
    /// The columns of a terminal that a character takes (UAX #11, without what is rare in zone files).
    private static func width(of scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case ..<0x300: 1
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            2
        default: [.nonspacingMark, .enclosingMark].contains(scalar.properties.generalCategory) ? 0 : 1
        }
    }
}

/// Where a line begins, found in one pass from the start of a text.
struct LineCounter {
    private(set) var line = 1
    private(set) var lineStart = 0
    /// Octets of the line so far that go on with a character of UTF-8.
    private(set) var continuations = 0
    private var position = 0

    /// Moves to the line of `offset`, which is not before the one asked for last.
    mutating func advance(to offset: Int, in text: [UInt8]) {
        while position < offset, position < text.count {
            if text[position] == 0x0A {
                line += 1
                lineStart = position + 1
                continuations = 0
            } else if text[position] & 0xC0 == 0x80 {
                continuations += 1
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
