/// $GENERATE range owner [TTL] [class] type data: one record for each number of the range.
extension ZoneBuilder {
    /// What a $GENERATE directive says.
    private struct Generator {
        var range: GenerateRange
        var owner: GenerateTemplate
        var header: RecordHeader
        var data: GenerateTemplate
        /// The data without the quotation marks around the whole of it, as BIND wants it where it has blanks.
        var unquotedData: GenerateTemplate?
        /// Where the directive begins, and where its owner and its data stand.
        var start: Int
        var ownerRange: Range<Int>
        var dataRange: Range<Int>
    }

    mutating func generate(_ scanner: inout Scanner, start: Int) throws(SyntaxError) {
        var generator = try parseGenerator(&scanner, start: start)
        let range = generator.range
        generateSteps += range.steps
        if generateSteps > Limits.generateSteps {
            isStopped = true
            throw SyntaxError(
                "a zone must not $GENERATE more than \(Limits.generateSteps) records", start..<(start + 9))
        }
        // The owner that a record with a blank would have is not changed, as in BIND.
        let stated = statedOwner
        defer { statedOwner = stated }
        for number in stride(from: range.first, through: range.last, by: range.step) {
            do throws(SyntaxError) {
                try addRecord(number, generator)
            } catch {
                guard number == range.first, let unquoted = generator.unquotedData else { throw error }
                generator.data = unquoted
                try addRecord(number, generator)
            }
        }
    }

    private func parseGenerator(_ scanner: inout Scanner, start: Int) throws(SyntaxError) -> Generator {
        let text = scanner.text
        let rangeToken = try operand(&scanner, "a range such as 1-100 must follow")
        let range = try GenerateRange(text, rangeToken)
        let ownerToken = try operand(&scanner, "an owner such as host$ must follow")
        var owner = GenerateTemplate()
        try owner.append(text, ownerToken, from: range.first)
        var header = RecordHeader()
        try header.parse(&scanner, try scanner.next(), RecordRegistry.grammar)

        var token = try operand(&scanner, "data such as 192.0.2.$ must follow")
        var dataRange = token.range
        var data = GenerateTemplate()
        var unquotedData: GenerateTemplate? = token.kind == .quoted ? GenerateTemplate() : nil
        try unquotedData?.append(text, token, from: range.first)
        while true {
            if token.kind == .quoted { data.append(literal: 0x22) }
            try data.append(text, token, from: range.first)
            if token.kind == .quoted { data.append(literal: 0x22) }
            dataRange = dataRange.lowerBound..<token.end
            token = try scanner.next()
            if token.kind == .end { break }
            data.append(literal: 0x20)
            unquotedData = nil
        }
        return Generator(
            range: range, owner: owner, header: header, data: data, unquotedData: unquotedData, start: start,
            ownerRange: ownerToken.range, dataRange: dataRange)
    }

    /// Adds the record for one number.
    private mutating func addRecord(_ number: Int, _ generator: Generator) throws(SyntaxError) {
        var text: [UInt8] = []
        generator.owner.expand(number, into: &text)
        ownerOffset = nil
        owner.truncate(to: 0)
        do throws(NameError) {
            try Name.parse(Octets(text.span), 0..<text.count, origin: originWire, into: &owner)
        } catch {
            throw SyntaxError("owner must be a name: \(error)" + made(number, text), generator.ownerRange)
        }
        ownerStanding = isInZone(owner) ? .inZone : .outOfZone

        text.removeAll(keepingCapacity: true)
        generator.data.expand(number, into: &text)
        generatedCount += text.count
        if generatedCount > Limits.generatedCount {
            isStopped = true
            throw SyntaxError("a zone must not $GENERATE more than 256 MiB of text", generator.dataRange)
        }
        let restored = octets.count
        do throws(SyntaxError) {
            let ownerStart = try storeOwner(at: generator.start)
            let dataStart = octetCount
            var scanner = Scanner(text.span)
            let grammar = RecordRegistry.grammar
            try grammar.parseData(generator.header.line, &scanner, origin: originWire, into: &octets)
            try addEntry(generator.header, owner: ownerStart, data: dataStart, source: generator.start)
        } catch {
            octets.truncate(to: restored)
            throw SyntaxError(error.message + made(number, text), generator.dataRange)
        }
        if ownerStanding != .inZone { octets.truncate(to: restored) }
    }

    private func made(_ number: Int, _ text: [UInt8]) -> String {
        "; for \(number), $GENERATE makes \(String(decoding: text.prefix(80), as: UTF8.self))"
    }
}
