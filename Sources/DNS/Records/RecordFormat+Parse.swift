extension RecordGrammar {
    /// Reads record data in presentation form, from the scanner's next token to the end of its entry, and appends
    /// its wire octets to `output`. Relative names get `origin` added.
    ///
    /// Allocates nothing for a good record but the growth of `output`, which on an error has the octets of the fields
    /// before it.
    @inline(__always)
    func parseData(
        _ line: Line, _ scanner: inout Scanner, origin: borrowing GrowingOctets, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        let start = output.count
        let dataStart = scanner.position
        if scanner.mayBeginWord(with: 0x5C), try parseGeneric(line.type, &scanner, into: &output) { return }
        var index = line.first
        while index < line.end {
            try parseField(index, of: line.type, start, &scanner, origin: origin, into: &output)
            index &+= 1
        }
        if !scanner.isAtLineEnd { try expectEnd(of: line, &scanner) }
        if output.count &- start > RecordData.maximumCount { throw overlong(line.type, dataStart, &scanner) }
    }

    @inline(never)
    private func overlong(_ type: RecordType, _ start: Int, _ scanner: inout Scanner) -> SyntaxError {
        SyntaxError("\(type) data must have at most 65535 octets", scanner.tokenStart(from: start)..<scanner.position)
    }

    @inline(never)
    private func expectEnd(of line: Line, _ scanner: inout Scanner) throws(SyntaxError) {
        let token = try scanner.next()
        if token.kind == .end { return }
        let last = line.end > line.first ? fields[line.end - 1].name : "type"
        throw SyntaxError("nothing may follow the \(line.type) \(last)", token.range)
    }

    /// `\# n hex` (RFC 3597 §5), if that is what comes next.
    @inline(never)
    private func parseGeneric(
        _ type: RecordType, _ scanner: inout Scanner, into output: inout GrowingOctets
    ) throws(SyntaxError) -> Bool {
        let first = try scanner.next()
        guard first.kind == .word, scanner.text.equals("\\#", first.range) else {
            scanner.putBack(first)
            return false
        }
        let start = output.count
        let length = try scanner.next()
        guard let count = scanner.text.decimal(length.range, maximum: UInt64(RecordData.maximumCount)) else {
            throw SyntaxError(
                "\\# must be followed by the number of octets, 0 to 65535, and then by them", length.range)
        }
        let place = FieldPlace(type: type, label: "data", start: start)
        let range = try OctetText.hex.parseRest(&scanner, place, into: &output)
        if output.count - start != Int(count) {
            throw SyntaxError(
                "\\# \(count) must be followed by \(count) octets in hexadecimal, not \(output.count - start)", range)
        }
        do throws(WireError) {
            let data = output.octets(from: start)
            try RecordRegistry.format(of: type).validate(data.span(0, data.count))
        } catch {
            let reason = error == .truncated ? "they end too early" : "they do not have its format"
            throw SyntaxError("the octets behind \\# must be \(type) data: \(reason)", range)
        }
        return true
    }

    /// Reads a field's tokens, of which some kinds take all that are left. The data began at `start` of the output.
    @inline(never)
    private func parseField(
        _ index: Int, of type: RecordType, _ start: Int, _ scanner: inout Scanner,
        origin: borrowing GrowingOctets, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        let place = FieldPlace(type: type, label: fields[index].label, start: start)
        switch fields[index].kind {
        case .number(let size): try scanner.number(size: size, place, into: &output)
        case .prefixLength: try scanner.number(size: 1, maximum: 128, place, into: &output)
        case .seconds: try scanner.word(place, Seconds.requirement, into: &output, Seconds.parse)
        case .time: try scanner.word(place, Time.requirement, into: &output, Time.parse)
        case .mnemonic(let mnemonics): try mnemonics.parse(&scanner, place, into: &output)
        case .recordType: try scanner.word(place, TypeBitmap.requirement, into: &output, TypeBitmap.parseType)
        case .highBit: try scanner.word(place, "0 or 1", into: &output, Bits.parseHigh)
        case .lowBits: try scanner.word(place, "a number from 0 to 127", into: &output, Bits.parseLow)
        case .ipv4: try scanner.word(place, IPv4Address.requirement, into: &output, IPv4Address.parse)
        case .ipv6: try scanner.word(place, IPv6Address.requirement, into: &output, IPv6Address.parse)
        case .hyphenated(let count): try HyphenatedAddress.parse(&scanner, place, count: count, into: &output)
        case .locator: try scanner.word(place, Locator.requirement, into: &output, Locator.parse)
        case .name: try scanner.name(place, origin: origin, into: &output)
        case .names: try scanner.names(place, origin: origin, into: &output)
        case .string: try scanner.string(place, into: &output)
        case .optionalString: try scanner.optionalString(place, into: &output)
        case .strings: try scanner.strings(place, into: &output)
        case .tag:
            try scanner.string(place, "letters and digits", into: &output) { $0.areAll(from: 1, ASCII.isAlphanumeric) }
        case .digits: try scanner.string(place, "digits", into: &output) { $0.areAll(from: 1, ASCII.isDigit) }
        case .decimal: try scanner.string(place, "a decimal number", into: &output) { $0.isDecimal(1..<$0.count) }
        case .text(let minimum): try scanner.text(place, minimum: minimum, into: &output)
        case .octets(let form, let minimum): try form.parseRest(&scanner, place, minimum: minimum, into: &output)
        case .dashedBase64: try CountedOctets.parseDashed(&scanner, place, into: &output)
        case .sizedBase64: try CountedOctets.parseSized(&scanner, place, into: &output)
        case .digest(let length, let at): try length.parseRest(&scanner, place, typeAt: at, into: &output)
        case .salt: try CountedOctets.parse(.hex, &scanner, place, dash: true, into: &output)
        case .hash: try CountedOctets.parse(.base32, &scanner, place, dash: false, into: &output)
        case .count(let size): output.append(0, size: size)
        case .counted(let form, let at, let size):
            try CountedOctets.parseApart(form, &scanner, place, countAt: at, size: size, into: &output)
        case .typeBitmap: try TypeBitmap.parseRest(&scanner, place, into: &output)
        case .oldTypeBitmap: try OldTypeBitmap.parseRest(&scanner, place, into: &output)
        case .gateway(let at, let mask):
            let type = output[place.start + at] & mask
            try Gateway.parse(&scanner, place, type: type, origin: origin, into: &output)
        case .addressSuffix: try AddressPrefixA6.parseSuffix(&scanner, place, into: &output)
        case .prefixName: try AddressPrefixA6.parseName(&scanner, place, origin: origin, into: &output)
        case .location: try Location.parse(&scanner, place, into: &output)
        case .addressPrefixes: try AddressPrefixes.parseRest(&scanner, place, into: &output)
        case .services: try Services.parseRest(&scanner, place, into: &output)
        case .serviceParameters: try ServiceParameters.parseRest(&scanner, place, into: &output)
        case .options: try Options.parseRest(&scanner, place, into: &output)
        case .nsap: try scanner.word(place, NSAPAddress.requirement, into: &output, NSAPAddress.parse)
        case .atmAddress: try scanner.word(place, ATMAddress.requirement, into: &output, ATMAddress.parse)
        case .opaque: throw place.isOpaque(at: try scanner.next())
        }
    }
}
