/// The state of parsing one zone: what an entry adds to, and what it takes from the entries before it.
struct ZoneBuilder: ~Copyable {
    typealias Read = (_ path: String) -> Result<[UInt8], ZoneReadError>

    var zone: Zone
    /// The octets and entries of the zone. What an entry of a file adds is taken away again where it turns out to be wrong.
    var octets: GrowingOctets
    var entries: GrowingList<Zone.Entry>
    /// How many there were before that were dropped, where records are not kept.
    private var droppedOctets = 0
    private var droppedEntries = 0
    let keepsRecords: Bool
    private static let droppedAtOnce = 1 << 15
    /// Whether it parses a piece of a text only, and stops where that is not as simple as it should be.
    var isPiece = false
    /// Whether records are parsed the short way where they are simple; tests compare the two.
    var takesPlainWords = true
    /// How a large text is parsed, if not in one go.
    var pieces: ZonePieces?
    var problems = ZoneProblems()

    /// The name of the zone in wire format.
    let apexWire: GrowingOctets
    /// What is added to relative names, in wire format, and whether it is the apex or below it.
    var originWire: GrowingOctets
    var isOriginInZone = true
    /// The last stated owner in wire format; empty where none was stated.
    var owner = GrowingOctets(capacity: Name.maximumCount)
    /// Where `owner` stands in the zone's octets, if it does.
    var ownerOffset: UInt32?
    var ownerStanding = OwnerStanding.unknown
    /// The text of `owner`, where the same text would state the same owner; else empty.
    var ownerToken = 0..<0

    /// From $TTL.
    var defaultTTL: UInt32?
    /// The last explicit one.
    var lastTTL: UInt32?
    /// How many entries come before the first TTL of either kind: they get the SOA's MINIMUM.
    var entriesWithoutTTL: Int?
    var minimum: UInt32?

    /// The index of the file being parsed, and the paths of those that include it, outermost first.
    var file = 0
    /// How many octets of text the files before it have.
    var fileStart = 0
    var includingPaths: [String] = []
    /// What the last entry asks to include.
    var inclusion: Inclusion?
    /// The text of each path read: a file that is included often is read once.
    private var texts: [String: [UInt8]] = [:]
    /// The first text of each size, so that one file under many names is known again.
    private var textsByCount: [Int: [UInt8]] = [:]
    /// The octets of text of all files so far, and of those whose text came before.
    var textCount = 0
    private var repeatedTextCount = 0

    private var unclosedParentheses = 0
    var generateSteps = 0
    var generatedCount = 0
    /// After an error that makes reading on pointless.
    var isStopped = false

    init(origin: Name, keepsRecords: Bool = true) {
        zone = Zone(origin: origin)
        // The origin's name begins the octets.
        octets = GrowingOctets(origin.wire)
        entries = GrowingList(.plain(count: 0))
        self.keepsRecords = keepsRecords
        apexWire = GrowingOctets(origin.wire)
        originWire = GrowingOctets(origin.wire)
    }

    enum OwnerStanding {
        /// At the apex or below it.
        case inZone
        case outOfZone
        /// What was stated was no name; the error has been reported.
        case unknown
    }

    /// A file to be included, and where its name stands.
    struct Inclusion {
        var path: String
        var origin: Name
        var range: Range<Int>
    }

    /// Parses a file, or reports at `place` of the including file why not.
    mutating func parseFile(_ path: String, includedAt place: Range<Int>?, read: Read) {
        var text: [UInt8]
        var isRepeated = false
        switch texts[path].map(Result.success) ?? read(path) {
        case .success(let octets):
            text = octets
            if let same = textsByCount[text.count], same == text {
                text = same
                isRepeated = true
            }
        case .failure(let error):
            if place == nil { zone.files.append(Zone.SourceFile(path: path, text: [], count: 0, start: textCount)) }
            let name = place == nil ? "" : "\(path): "
            return problems.report(.unreadable, file: file, place, name + error.message)
        }
        guard countText(text.count, isRepeated: isRepeated, path, place) else { return }
        texts[path] = text
        textsByCount[text.count] = textsByCount[text.count] ?? text
        zone.files.append(
            Zone.SourceFile(path: path, text: text, count: text.count, start: textCount - text.count))
        file = zone.files.count - 1
        fileStart = textCount - text.count
        includingPaths.append(path)
        ownerToken = 0..<0
        parse(text, read: read)
        includingPaths.removeLast()
    }

    private mutating func countText(
        _ count: Int, isRepeated: Bool, _ path: String, _ place: Range<Int>?
    ) -> Bool {
        if isRepeated { repeatedTextCount += count }
        if repeatedTextCount > Limits.repeatedTextCount {
            stop("the files that a zone includes again must not add up to more than 64 MiB", place)
            return false
        }
        if count > Limits.zoneCount - textCount {
            if place == nil { zone.files.append(Zone.SourceFile(path: path, text: [], count: 0, start: textCount)) }
            stop("the text of a zone must be shorter than 4 GiB, included files counted", place)
            return false
        }
        textCount += count
        return true
    }

    private mutating func parse(_ text: [UInt8], read: Read) {
        var scanner = Scanner(text.span)
        skipByteOrderMark(&scanner)
        if let pieces {
            let starts = pieces.cut(scanner)
            // Directives stand at the head, mostly.
            parseEntries(&scanner, before: starts[0], read: read)
            if !isStopped && scanner.position == starts[0] { parse(text, cutAt: starts, pieces, &scanner) }
        }
        parseEntries(&scanner, before: text.count, read: read)
    }

    /// Parses the entries that begin before `end`.
    mutating func parseEntries(_ scanner: inout Scanner, before end: Int, read: Read) {
        let grammar = RecordRegistry.grammar
        while !isStopped, let beginsWithBlank = scanner.beginEntry() {
            if scanner.entryStart >= end { return scanner.putBackEntry() }
            do throws(SyntaxError) {
                try parseEntry(&scanner, beginsWithBlank: beginsWithBlank, grammar)
            } catch {
                if isPiece {
                    isStopped = true
                    return
                }
                recover(from: error, &scanner)
                stopAfterTooManyErrors(at: scanner.entryStart)
            }
            if let inclusion {
                self.inclusion = nil
                include(inclusion, read: read)
                stopAfterTooManyErrors(at: scanner.entryStart)
            }
            if !keepsRecords && octets.count >= ZoneBuilder.droppedAtOnce { dropRecords() }
        }
    }

    mutating func dropRecords() {
        note(dropped: octets.count, entries.count)
        octets.truncate(to: 0)
        entries.removeAll()
    }

    /// Counts octets and entries that are not kept.
    mutating func note(dropped octetCount: Int, _ entryCount: Int) {
        droppedOctets += octetCount
        droppedEntries += entryCount
    }

    /// How many octets and entries the zone has so far.
    var octetCount: Int { droppedOctets &+ octets.count }
    var entryCount: Int { droppedEntries &+ entries.count }

    /// Editors that put the mark there do not show it, and the first owner or directive would be another one.
    private mutating func skipByteOrderMark(_ scanner: inout Scanner) {
        let text = scanner.text
        if text.count >= 3, text.u8(0) == 0xEF, text.u8(1) == 0xBB, text.u8(2) == 0xBF {
            problems.report(
                .syntax, file: file, 0..<3,
                "the file begins with a UTF-8 byte order mark, which zone files do not have; save it as UTF-8 without"
                    + " BOM (with sed: sed -i '1s/^\\xEF\\xBB\\xBF//' FILE)")
            scanner.skip(to: 3)
        } else if text.count >= 2, text.u16(0) == 0xFFFE || text.u16(0) == 0xFEFF {
            stop("the file is UTF-16; save it as ASCII or as UTF-8 without BOM", 0..<2)
        }
    }

    @inline(never)
    private mutating func recover(from error: SyntaxError, _ scanner: inout Scanner) {
        let isComment =
            looksLikeComment(scanner.text, scanner.entryStart)
            || looksLikeComment(scanner.text, error.range.lowerBound)
        let message = error.message + (isComment ? " (a comment begins with ;)" : "")
        let open = scanner.skipEntry()
        if open != nil { unclosedParentheses += 1 }
        if let open, hasLineEnd(scanner.text, open, before: error.range.lowerBound) {
            // What follows was taken for a part of the entry, and is not to blame.
            problems.report(.syntax, file: file, open..<(open + 1), "( must be closed by )")
        } else {
            problems.report(error.code, file: file, error.range, message)
        }
    }

    @inline(never)
    private mutating func stopAfterTooManyErrors(at position: Int) {
        // Each parenthesis that is not closed costs going on from far before where reading ended.
        if problems.errorCount < Limits.syntaxErrors, unclosedParentheses < Limits.reportedProblems { return }
        if !isStopped { stop("too many errors; the rest is not read", position..<(position + 1)) }
    }

    /// `#` and `//` begin comments elsewhere.
    private func looksLikeComment(_ text: Octets, _ position: Int) -> Bool {
        if position < text.count, text.u8(position) == 0x23 { return true }
        return position < text.count - 1 && text.u16(position) == 0x2F2F
    }

    private func hasLineEnd(_ text: Octets, _ start: Int, before end: Int) -> Bool {
        var position = start
        while position < end, position < text.count {
            if text.u8(position) == 0x0A { return true }
            position += 1
        }
        return false
    }

    /// Reports an error after which nothing more is read.
    mutating func stop(_ message: String, _ range: Range<Int>?) {
        problems.report(.syntax, file: file, range, message)
        isStopped = true
    }

    /// What was made, with the records if they are kept.
    ///
    /// The first of them get, where they have none, the SOA's MINIMUM as TTL (RFC 2308 §4 gives it up as a default, but files
    /// that rely on it are many).
    mutating func finish() -> Zone {
        guard keepsRecords else { return zone }
        zone.octets = octets.column
        zone.entries = entries.column
        guard let minimum else { return zone }
        for index in 0..<(entriesWithoutTTL ?? zone.entries.count) { zone.entries[index].ttl = minimum }
        return zone
    }
}
