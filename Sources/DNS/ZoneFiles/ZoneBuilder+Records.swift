extension ZoneBuilder {
    /// Parses one entry: a record or a directive.
    mutating func parseEntry(
        _ scanner: inout Scanner, beginsWithBlank: Bool, _ grammar: RecordGrammar
    ) throws(SyntaxError) {
        let start = scanner.position
        var words = scanner.plainWords()
        let owner = beginsWithBlank ? nil : words.next()
        guard takesPlainWords, beginsWithBlank ? self.owner.count > 0 : owner != nil, let header = words.header(grammar)
        else { return try parseAnyEntry(&scanner, beginsWithBlank: beginsWithBlank, grammar) }
        if let owner { try parseOwner(owner, scanner.text) }
        scanner.position = words.position
        try parseData(&scanner, words, header, start: start, grammar)
    }

    /// Appends the data that is one word, or nothing where it is wrong.
    @inline(__always)
    private mutating func parse(_ word: Token, _ data: RecordGrammar.Line.Word, _ text: Octets) -> Bool {
        switch data {
        case .ipv4: return IPv4Address.parse(text, word.range, into: &octets)
        case .ipv6: return IPv6Address.parse(text, word.range, into: &octets)
        case .name: return (try? Name.parse(text, word.range, origin: originWire, into: &octets)) != nil
        case .other: return false
        }
    }

    /// Parses one entry, whatever it is.
    @inline(never)
    private mutating func parseAnyEntry(
        _ scanner: inout Scanner, beginsWithBlank: Bool, _ grammar: RecordGrammar
    ) throws(SyntaxError) {
        var token = try scanner.next()
        if token.kind == .end { return }
        let start = token.kind == .quoted ? token.start - 1 : token.start
        let isDirective = token.kind == .word && scanner.text.u8(token.start) == 0x24
        if beginsWithBlank {
            if isDirective { throw indentedDirective(token) }
            if owner.count == 0 { throw noOwner(token) }
        } else {
            if isDirective { return try parseDirective(token, &scanner) }
            try parseOwner(token, scanner.text)
            token = try scanner.next()
        }
        var header = RecordHeader()
        do throws(SyntaxError) {
            try header.parse(&scanner, token, grammar)
        } catch {
            throw beginsWithBlank ? error : explainingMissingBlank(error)
        }
        let words = PlainWords(scanner.text, scanner.position)
        try parseData(&scanner, words, header, start: start, grammar)
    }

    // Errors are made apart, so that what makes none stays small.

    @inline(never)
    private func indentedDirective(_ token: Token) -> SyntaxError {
        SyntaxError("a directive must stand at the start of its line, without a blank before it", token.range)
    }

    @inline(never)
    private func noOwner(_ token: Token) -> SyntaxError {
        SyntaxError(
            "the first record must name its owner at the start of the line; @ stands for \(origin)", token.range)
    }

    /// A mnemonic at the start of a line is an owner; whoever meant a type left out the blank before it.
    @inline(never)
    private func explainingMissingBlank(_ error: SyntaxError) -> SyntaxError {
        guard owner.count > 1, Int(owner[0]) < owner.count else { return error }
        let label = Array(owner.array[1...Int(owner[0])])
        guard label.elementsEqual("IN".utf8) || RecordType(String(decoding: label, as: UTF8.self)) != nil else {
            return error
        }
        let word = String(decoding: label, as: UTF8.self)
        return SyntaxError(
            error.message + " (\(word) was read as the owner: a line that leaves it out must begin with a blank)",
            error.range)
    }

    @inline(__always)
    private mutating func parseOwner(_ token: Token, _ text: Octets) throws(SyntaxError) {
        let last = ownerToken
        if token.count == last.upperBound &- last.lowerBound, token.count > 0,
            text.isEqual(token.start, last.lowerBound, count: token.count)
        {
            ownerToken = token.range
            return
        }
        ownerToken = 0..<0
        ownerOffset = nil
        owner.truncate(to: 0)
        do throws(NameError) {
            try Name.parse(text, token.range, origin: originWire, into: &owner)
        } catch {
            throw badOwner(error, token)
        }
        ownerToken = token.range
        // A relative name is in the zone if its origin is.
        let isRelative = token.count > 0 && text.u8(token.end - 1) != 0x2E
        ownerStanding = (isRelative && isOriginInZone) || isInZone(owner) ? .inZone : .outOfZone
    }

    /// Whether a name in wire format is the apex or below it.
    func isInZone(_ name: borrowing GrowingOctets) -> Bool {
        name.octets().isSubdomain(of: apexWire.octets())
    }

    /// Parses the data, of which `words` may know the first, up to the end of the entry, and adds the record, which began at
    /// `start` of the text.
    @inline(__always)
    private mutating func parseData(
        _ scanner: inout Scanner, _ words: PlainWords, _ header: RecordHeader, start: Int, _ grammar: RecordGrammar
    ) throws(SyntaxError) {
        let restored = octets.count
        let statedOwner = ownerOffset
        do throws(SyntaxError) {
            let ownerStart = try storeOwner(at: start)
            let dataStart = octetCount
            if let word = words.last(), parse(word, header.line.data, scanner.text) {
                scanner.position = word.end &+ 1
            } else {
                try grammar.parseData(header.line, &scanner, origin: originWire, into: &octets)
            }
            try addEntry(header, owner: ownerStart, data: dataStart, source: start)
        } catch {
            octets.truncate(to: restored)
            ownerOffset = statedOwner
            throw error
        }
        if ownerStanding != .inZone {
            octets.truncate(to: restored)
            ownerOffset = statedOwner
        }
    }

    @inline(never)
    private mutating func badOwner(_ error: NameError, _ token: Token) -> SyntaxError {
        // So that the records of the same owner do not get an error each.
        owner.append(originWire)
        ownerStanding = .unknown
        return SyntaxError("owner must be a name: \(error)", token.range, .badName)
    }

    /// The last stated owner, to come back to.
    struct StatedOwner: Sendable {
        var name: [UInt8]
        var offset: UInt32?
        var standing: OwnerStanding
    }

    var statedOwner: StatedOwner {
        get { StatedOwner(name: owner.array, offset: ownerOffset, standing: ownerStanding) }
        set {
            owner.truncate(to: 0)
            owner.append(newValue.name)
            (ownerOffset, ownerStanding) = (newValue.offset, newValue.standing)
        }
    }

    /// Where the owner stands in the octets; it is put there unless the last record has the same.
    @inline(__always)
    mutating func storeOwner(at start: Int) throws(SyntaxError) -> UInt32 {
        if let ownerOffset { return ownerOffset }
        // Room for the longest owner and data, so that all offsets fit.
        guard octetCount <= Limits.zoneCount - (1 << 22), let offset = UInt32(exactly: octetCount) else {
            throw tooManyOctets(start)
        }
        octets.append(owner)
        ownerOffset = offset
        return offset
    }

    @inline(never)
    private mutating func tooManyOctets(_ start: Int) -> SyntaxError {
        isStopped = true
        return SyntaxError("the records of a zone must take less than 4 GiB", start..<(start + 1))
    }

    /// Adds a record whose owner and data are among the octets, or the warning that it is not in the zone.
    @inline(__always)
    mutating func addEntry(
        _ header: RecordHeader, owner: UInt32, data: Int, source: Int
    ) throws(SyntaxError) {
        guard let dataOffset = UInt32(exactly: data), let dataCount = UInt16(exactly: octetCount - data) else {
            throw overlongData(source)
        }
        if header.line.type == .soa, minimum == nil, ownerStanding == .inZone { noteMinimum() }
        let ttl = ttl(header)
        guard ownerStanding == .inZone else { return noteLeftOut(source) }
        entries.append(
            Zone.Entry(
                owner: owner, data: dataOffset, dataCount: dataCount, type: header.line.type, ttl: ttl,
                source: UInt32(truncatingIfNeeded: fileStart &+ source)))
    }

    @inline(never)
    private func overlongData(_ source: Int) -> SyntaxError {
        SyntaxError("the data of a record must have at most 65,535 octets", source..<(source + 1))
    }

    @inline(never)
    private mutating func noteLeftOut(_ source: Int) {
        if ownerStanding == .unknown { return }
        let (owner, apex) = (self.owner.array, zone.origin)
        var place = source..<(source + 1)
        if !ownerToken.isEmpty, ownerToken.lowerBound == source { place = ownerToken }
        problems.report(
            .outOfZone, file: file, place,
            "\(Name(validatedWire: owner)) is not in the zone \(apex), so the record is left out")
    }

    /// RFC 1035 §5.1: an omitted TTL is the last stated one; RFC 2308 §4: unless $TTL gives a default.
    private mutating func ttl(_ header: RecordHeader) -> UInt32 {
        if let ttl = header.ttl {
            lastTTL = ttl
            noteTTL()
            return ttl
        }
        return defaultTTL ?? lastTTL ?? 0
    }

    /// From here on, no record is without a TTL.
    mutating func noteTTL() {
        if entriesWithoutTTL == nil { entriesWithoutTTL = entryCount }
    }

    /// The last four octets of the SOA that was just parsed (RFC 1035 §3.3.13), as a TTL.
    @inline(never)
    private mutating func noteMinimum() {
        let count = octets.count
        guard count >= 4 else { return }
        minimum = min(octets.octets(from: count - 4).u32(0), TTL.maximum)
    }
}
