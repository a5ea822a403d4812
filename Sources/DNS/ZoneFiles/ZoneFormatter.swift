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
        var included: [String] = []
        builder.parseFile(path, includedAt: nil) { other in
            if other == path, included.isEmpty {
                included.append(other)
                return .success(text)
            }
            included.append(other)
            return .success([])
        }
        let zone = builder.finish()
        return Meaning(zone: zone, problems: builder.problems, included: included)
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
    private var columns = Columns()
    /// Whether the first time of the file is written with units, as in 1h30m.
    private var usesUnits: Bool?
    /// Lines whose comments are to be aligned: where they end in the output, their width, and the comment.
    private var group: [(end: Int, width: Int, comment: Range<Int>?)] = []

    private struct Columns {
        var ttl = 1
        var recordClass = 0
        var type = 0
        var data = 0
    }

    /// Owners that are longer do not move the other columns.
    private static let widestOwner = 24
    /// Comments behind lines that are longer are not aligned.
    private static let widestLine = 80

    init(_ text: [UInt8]) { self.text = text }

    /// The parts of a record's first line; nil where it does not have its type there.
    private struct Header {
        var owner: Range<Int>?
        var ttl: Range<Int>?
        var hasClass = false
        var type: Range<Int>
        /// How many words they are.
        var count: Int
    }

    mutating func run() -> [UInt8] {
        measure()
        output.reserveCapacity(text.count + text.count / 8)
        var scanner = LayoutScanner(text)
        var isEmpty = true
        var skipped = false
        while let entry = scanner.next() {
            let line = entry.lines[0]
            if entry.lines.count == 1, line.words.isEmpty, line.comment == nil {
                skipped = true
                continue
            }
            if skipped, !isEmpty {
                endGroup()
                output.append(0x0A)
            }
            (skipped, isEmpty) = (false, false)
            append(entry)
        }
        endGroup()
        return output
    }

    private mutating func measure() {
        var scanner = LayoutScanner(text)
        var (owner, ttl, recordClass, type) = (0, 0, 0, 0)
        while let entry = scanner.next() {
            let line = entry.lines[0]
            if usesUnits == nil, isDirective(line), line.words.count > 1, isWord(line.words[0], "$ttl") {
                usesUnits = hasUnit(line.words[1])
            }
            guard let header = header(of: entry) else { continue }
            if let word = header.owner, width(word) <= Self.widestOwner { owner = max(owner, width(word)) }
            if let word = header.ttl {
                usesUnits = usesUnits ?? hasUnit(word)
                ttl = max(ttl, time(word).count)
            }
            if header.hasClass { recordClass = 2 }
            type = max(type, width(header.type))
        }
        columns.ttl = owner + 1
        columns.recordClass = columns.ttl + (ttl > 0 ? ttl + 1 : 0)
        columns.type = columns.recordClass + (recordClass > 0 ? recordClass + 1 : 0)
        columns.data = columns.type + type + 1
    }

    // MARK: Entries

    private mutating func append(_ entry: LayoutScanner.Entry) {
        let line = entry.lines[0]
        if line.words.isEmpty { return append(comment: line) }
        if isDirective(line), !isJoined(line.words[0]), entry.lines.count == 1 { return append(directive: line) }
        guard let header = header(of: entry) else {
            output += text[entry.range]
            return endLine(comment: nil)
        }
        append(header)
        // The times of an SOA record, unless it is written as octets.
        let first = entry.lines.lazy.flatMap(\.words).dropFirst(header.count).first { !isParenthesis($0) }
        let hasTimes = isWord(header.type, "soa") && first.map { text[$0.lowerBound] != 0x5C } ?? false
        var wordIndex = 0
        for (number, line) in entry.lines.enumerated() {
            let words = number == 0 ? line.words.dropFirst(header.count) : line.words[...]
            if !words.isEmpty || number > 0 && line.comment != nil { pad(to: columns.data) }
            for (place, word) in words.enumerated() {
                if place > 0 { output.append(0x20) }
                let isTime = hasTimes && 3...6 ~= wordIndex && !isParenthesis(word)
                output += isTime ? time(word) : Array(text[word])
                if !isParenthesis(word) { wordIndex += 1 }
            }
            if words.isEmpty, number > 0, let comment = line.comment {
                output += text[comment]
                endLine(comment: nil)
            } else if !words.isEmpty || number == 0 {
                endLine(comment: line.comment)
            }
        }
    }

    private mutating func append(_ header: Header) {
        if let owner = header.owner { output += text[owner] }
        if let ttl = header.ttl {
            pad(to: columns.ttl)
            output += time(ttl)
        }
        if header.hasClass {
            pad(to: columns.recordClass)
            output += "IN".utf8
        }
        pad(to: columns.type)
        output += uppercased(header.type)
    }

    private mutating func append(directive line: LayoutScanner.Line) {
        output += uppercased(line.words[0])
        for word in line.words.dropFirst() {
            output.append(0x20)
            output += isWord(line.words[0], "$ttl") ? time(word) : Array(text[word])
        }
        endLine(comment: line.comment)
    }

    /// A comment that goes on below another one stays there; all others begin their line.
    private mutating func append(comment line: LayoutScanner.Line) {
        guard let comment = line.comment else { return }
        if line.commentColumn > 0, group.last?.comment != nil { return endLine(comment: comment) }
        endGroup()
        output += text[comment]
        output.append(0x0A)
    }

    private func header(of entry: LayoutScanner.Entry) -> Header? {
        let line = entry.lines[0]
        guard !entry.hasOpenString, !line.words.isEmpty, !isDirective(line) else { return nil }
        var header = Header(type: 0..<0, count: 0)
        for (index, word) in line.words.enumerated() {
            header.count = index + 1
            if isParenthesis(word) || isJoined(word) { return nil }
            if index == 0, !line.beginsWithBlank {
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
        group.append((output.count, width(output[lineStart..<output.count]), comment))
        output.append(0x0A)
    }

    /// Where the line begins that is being written.
    private var lineStart: Int {
        var start = output.count
        while start > 0, output[start - 1] != 0x0A { start -= 1 }
        return start
    }

    /// Puts the comments behind the lines of a group.
    private mutating func endGroup() {
        defer { group.removeAll(keepingCapacity: true) }
        guard let first = group.firstIndex(where: { $0.comment != nil }) else { return }
        let widths = group.lazy.filter { $0.comment != nil && $0.width <= Self.widestLine }.map(\.width)
        let column = (widths.max() ?? 0) + 2
        let tail = output[group[first].end...]
        output.removeSubrange(group[first].end...)
        var written = group[first].end
        for line in group[first...] {
            if line.end > written { output += tail[written..<line.end] }
            written = line.end
            guard let comment = line.comment else { continue }
            output += repeatElement(0x20, count: max(column - line.width, 2))
            output += text[comment]
        }
        output += tail[written...]
    }

    private mutating func pad(to column: Int) {
        let width = width(output[lineStart..<output.count])
        output += repeatElement(0x20, count: max(column - width, 1))
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
        guard usesUnits ?? false else { return Array(String(seconds).utf8) }
        var rest = seconds
        var result = ""
        for (unit, size) in [("w", UInt32(604_800)), ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)] where rest >= size
        {
            result += "\(rest / size)\(unit)"
            rest %= size
        }
        return Array((result.isEmpty ? "0s" : result).utf8)
    }
}
