/// Lays zone files out: columns, one way of writing times, aligned comments. What the file means stays as it is, and so
/// do comments, directives, empty lines between groups, the order of records, and where a record breaks into lines.
public enum ZoneFormatter {
    /// Why a text cannot be laid out: it has errors.
    public struct Failure: Error, Sendable {
        public let problems: [ZoneFileError]
    }

    /// The text of a zone file, or of a file that one includes, laid out. Doing it again changes nothing. That it means
    /// the same is made sure by parsing both.
    ///
    /// - Parameter path: For messages.
    public static func format(_ text: [UInt8], path: String) throws(Failure) -> [UInt8] {
        let before = meaning(of: text, path)
        if before.problems.errorCount > 0 { throw Failure(problems: before.problems.described(in: before.zone)) }
        var layout = ZoneFileLayout(text)
        let result = layout.run()
        let after = meaning(of: result, path)
        guard isSame(before, after) else {
            let message = "the layout would change what the file means, so it is left alone; please report this"
            throw Failure(problems: [ZoneFileError(.syntax, message, path: path)])
        }
        return result
    }

    private struct Meaning {
        let zone: Zone
        let problems: ZoneProblems
        let included: [String]
    }

    /// Relative to the root, and without what is included: the layout depends on neither.
    private static func meaning(of text: [UInt8], _ path: String) -> Meaning {
        var builder = ZoneBuilder(origin: .root)
        // Of a file that is included the first record may have the owner of the one before.
        builder.owner.append(Name.root.wire)
        builder.ownerStanding = .inZone
        var read: [String] = []
        builder.parseFile(path, includedAt: nil) { other in
            read.append(other)
            return .success(read.count == 1 ? text : [])
        }
        return Meaning(zone: builder.finish(), problems: builder.problems, included: read)
    }

    private static func isSame(_ left: Meaning, _ right: Meaning) -> Bool {
        left.included == right.included && right.problems.errorCount == 0
            && left.problems.warningCount == right.problems.warningCount
            && left.zone.recordCount == right.zone.recordCount
            && (0..<left.zone.recordCount).allSatisfy { index in
                let (one, other) = (left.zone[index], right.zone[index])
                return one == other && one.owner.wire == other.owner.wire
            }
    }
}

/// The layout of one file. All records have the same columns, which the longest owners, TTLs and types make.
private struct ZoneFileLayout {
    private let text: [UInt8]
    private var output: [UInt8] = []
    /// The line that is being written.
    private var line: [UInt8] = []
    /// Lines whose comments are to be aligned.
    private var group: [(text: [UInt8], comment: Range<Int>?)] = []
    private var columns = (ttl: 0, recordClass: 0, type: 0, data: 0)
    /// Whether the first time of the file is written with units, as in 1h30m.
    private var usesUnits: Bool?

    /// Owners that are longer do not move the other columns.
    private static let widestOwner = 24
    /// Comments behind lines that are longer are not aligned.
    private static let widestLine = 80

    init(_ text: [UInt8]) { self.text = text }

    /// The parts of a record's first line.
    private struct Header {
        var owner: Range<Int>?
        var ttl: Range<Int>?
        var hasClass = false
        var type = 0..<0
        /// How many words they are.
        var count = 0
    }

    mutating func run() -> [UInt8] {
        measure()
        output.reserveCapacity(text.count + text.count / 8)
        var scanner = LayoutScanner(text)
        var skipped = false
        while let entry = scanner.next() {
            let first = entry.lines[0]
            if entry.lines.count == 1, first.words.isEmpty, first.comment == nil {
                skipped = true
                continue
            }
            if skipped, !(output.isEmpty && group.isEmpty) {
                endGroup()
                output.append(0x0A)
            }
            skipped = false
            append(entry)
        }
        endGroup()
        return output
    }

    private mutating func measure() {
        var scanner = LayoutScanner(text)
        var (owner, ttl, recordClass, type) = (0, 0, 0, 0)
        while let entry = scanner.next() {
            let words = entry.lines[0].words
            if usesUnits == nil, isDirective(entry.lines[0]), words.count > 1, isWord(words[0], "$ttl") {
                usesUnits = hasUnit(words[1])
            }
            guard let header = header(of: entry) else { continue }
            if let word = header.owner, width(word) <= Self.widestOwner { owner = max(owner, width(word)) }
            if let word = header.ttl {
                usesUnits = usesUnits ?? hasUnit(word)
                ttl = max(ttl, time(word).count + 1)
            }
            if header.hasClass { recordClass = 3 }
            type = max(type, width(header.type))
        }
        columns.ttl = owner + 1
        columns.recordClass = columns.ttl + ttl
        columns.type = columns.recordClass + recordClass
        columns.data = columns.type + type + 1
    }

    // MARK: Entries

    private mutating func append(_ entry: LayoutScanner.Entry) {
        let first = entry.lines[0]
        if first.words.isEmpty { return append(comment: first) }
        if isDirective(first), !isJoined(first.words[0]), entry.lines.count == 1 { return append(directive: first) }
        guard let header = header(of: entry) else {
            line += text[entry.range]
            return endLine(comment: nil)
        }
        append(header)
        // The times of an SOA record, unless it is written as octets.
        let data = entry.lines.lazy.flatMap(\.words).dropFirst(header.count).first { !isParenthesis($0) }
        let hasTimes = isWord(header.type, "soa") && data.map { text[$0.lowerBound] != 0x5C } ?? false
        var wordIndex = 0
        for (number, part) in entry.lines.enumerated() {
            let words = number == 0 ? part.words.dropFirst(header.count) : part.words[...]
            // Empty lines go, but for the first, and comments alone are in the column of the data.
            if words.isEmpty, number > 0, part.comment == nil { continue }
            if !words.isEmpty || number > 0 { pad(to: columns.data) }
            for (place, word) in words.enumerated() {
                if place > 0 { line.append(0x20) }
                let isTime = hasTimes && 3...6 ~= wordIndex && !isParenthesis(word)
                line += isTime ? time(word) : Array(text[word])
                if !isParenthesis(word) { wordIndex += 1 }
            }
            if words.isEmpty, number > 0, let comment = part.comment {
                line += text[comment]
                endLine(comment: nil)
            } else {
                endLine(comment: part.comment)
            }
        }
    }

    private mutating func append(_ header: Header) {
        if let owner = header.owner { line += text[owner] }
        if let ttl = header.ttl {
            pad(to: columns.ttl)
            line += time(ttl)
        }
        if header.hasClass {
            pad(to: columns.recordClass)
            line += "IN".utf8
        }
        pad(to: columns.type)
        line += uppercased(header.type)
    }

    private mutating func append(directive: LayoutScanner.Line) {
        line += uppercased(directive.words[0])
        for word in directive.words.dropFirst() {
            line.append(0x20)
            line += isWord(directive.words[0], "$ttl") ? time(word) : Array(text[word])
        }
        endLine(comment: directive.comment)
    }

    /// A comment that goes on below another one stays there; all others begin their line.
    private mutating func append(comment: LayoutScanner.Line) {
        guard let range = comment.comment else { return }
        if comment.commentColumn > 0, group.last?.comment != nil { return endLine(comment: range) }
        endGroup()
        output += text[range]
        output.append(0x0A)
    }

    /// Nil where the type does not stand in the first line.
    private func header(of entry: LayoutScanner.Entry) -> Header? {
        let first = entry.lines[0]
        guard !entry.hasOpenString, !isDirective(first) else { return nil }
        var header = Header()
        for word in first.words {
            if isParenthesis(word) || isJoined(word) { return nil }
            header.count += 1
            if header.count == 1, !first.beginsWithBlank {
                header.owner = word
            } else if ASCII.isDigit(text[word.lowerBound]) {
                header.ttl = word
            } else if RecordHeader.isInternet(
                Octets(text.span), Token(kind: .word, start: word.lowerBound, end: word.upperBound))
            {
                header.hasClass = true
            } else {
                header.type = word
                return header
            }
        }
        return nil
    }

    // MARK: Lines

    private mutating func endLine(comment: Range<Int>?) {
        group.append((line, comment))
        line = []
    }

    /// Puts the comments behind the lines of a group.
    private mutating func endGroup() {
        let widths = group.filter { $0.comment != nil }.map { width($0.text[...]) }
        let column = (widths.filter { $0 <= Self.widestLine }.max() ?? 0) + 2
        for (line, comment) in group {
            output += line
            if let comment {
                output += repeatElement(0x20, count: max(column - width(line[...]), 2))
                output += text[comment]
            }
            output.append(0x0A)
        }
        group.removeAll(keepingCapacity: true)
    }

    private mutating func pad(to column: Int) {
        line += repeatElement(0x20, count: max(column - width(line[...]), 1))
    }

    // MARK: Words

    /// Characters, not octets.
    private func width(_ octets: ArraySlice<UInt8>) -> Int { octets.count { $0 & 0xC0 != 0x80 } }
    private func width(_ word: Range<Int>) -> Int { width(text[word]) }

    private func isDirective(_ line: LayoutScanner.Line) -> Bool {
        !line.beginsWithBlank && line.words.first.map { text[$0.lowerBound] == 0x24 } ?? false
    }

    private func isParenthesis(_ word: Range<Int>) -> Bool {
        word.count == 1 && (text[word.lowerBound] == 0x28 || text[word.lowerBound] == 0x29)
    }

    /// Whether it is several strings and words without a blank between them.
    private func isJoined(_ word: Range<Int>) -> Bool { text[word].dropFirst().dropLast().contains(0x22) }

    private func isWord(_ word: Range<Int>, _ other: StaticString) -> Bool {
        text[word].map(ASCII.folded).elementsEqual("\(other)".utf8)
    }

    private func hasUnit(_ word: Range<Int>) -> Bool { !text[word].allSatisfy(ASCII.isDigit) }

    private func uppercased(_ word: Range<Int>) -> [UInt8] {
        text[word].map { 0x61...0x7A ~= $0 ? $0 & 0xDF : $0 }
    }

    /// A time as this file writes them; what is none stays as it is.
    private func time(_ word: Range<Int>) -> [UInt8] {
        guard let seconds = Octets(text.span).seconds(word) else { return Array(text[word]) }
        return Array((usesUnits ?? false ? Seconds.text(seconds) : String(seconds)).utf8)
    }
}
