extension RecordFormat {
    /// Appends the presentation form of lawful data: its fields, with a blank between them.
    public func print(_ octets: Span<UInt8>, into text: inout [UInt8]) {
        let start = text.count
        let octets = Octets(octets)
        var cursor = FieldCursor(self, octets)
        while let piece = cursor.next() {
            let end = text.count
            if end > start { text.append(0x20) }
            let beginning = text.count
            piece.print(of: octets, into: &text)
            if text.count == beginning { text.removeSubrange(end...) }
        }
    }

    /// The fields that have a text, each with its value in presentation form.
    func fields(of octets: Span<UInt8>) -> [(name: String, text: String)] {
        let octets = Octets(octets)
        var fields: [(name: String, text: String)] = []
        var cursor = FieldCursor(self, octets)
        while let piece = cursor.next() {
            guard piece.field.isPrinted else { continue }
            var text: [UInt8] = []
            piece.print(of: octets, into: &text)
            fields.append((piece.field.name, String(decoding: text, as: UTF8.self)))
        }
        return fields
    }
}

extension FieldCursor.Piece {
    func print(of data: Octets, into text: inout [UInt8]) {
        let octets = Octets(data.span(offset, count))
        switch field.kind {
        case .number, .seconds, .prefixLength: appendDecimal(octets.number(0, size: count), to: &text)
        case .time: Time.print(octets.u32(0), into: &text)
        case .mnemonic(let mnemonics): mnemonics.print(octets, into: &text)
        case .recordType: RecordType(octets.u16(0)).print(into: &text)
        case .highBit: appendDecimal(UInt64(data.u8(offset) &>> 7), to: &text)
        case .lowBits: appendDecimal(UInt64(octets.u8(0) & 0x7F), to: &text)
        case .ipv4: IPv4Address.print(octets, into: &text)
        case .ipv6: IPv6Address.print(octets, into: &text)
        case .hyphenated: HyphenatedAddress.print(octets, into: &text)
        case .locator: Locator.print(octets, into: &text)
        case .name: Name.print(octets.span(0, count), into: &text)
        case .names: Name.printAll(octets, into: &text)
        case .string, .optionalString, .strings, .digits: CharacterString.printAll(octets, into: &text)
        case .tag, .decimal: for offset in 1..<max(count, 1) { text.append(octets.u8(offset)) }
        case .text: CharacterString.print(octets, 0..<count, into: &text)
        case .octets(let form, _), .counted(let form, _, _): form.print(octets, into: &text)
        case .digest: OctetText.hex.print(octets, into: &text)
        case .dashedBase64: CountedOctets.printDashed(.base64, octets, from: 0, into: &text)
        case .sizedBase64: CountedOctets.printSized(octets, into: &text)
        case .salt: CountedOctets.printDashed(.hex, octets, from: 1, into: &text)
        case .hash: OctetText.base32.print(octets, from: 1, into: &text)
        case .count: break
        case .typeBitmap: TypeBitmap.print(octets, into: &text)
        case .oldTypeBitmap: OldTypeBitmap.print(octets, into: &text)
        case .gateway(let at, let mask): Gateway.print(octets, type: data.u8(at) & mask, into: &text)
        case .addressSuffix: AddressPrefixA6.printSuffix(octets, into: &text)
        case .prefixName: if count > 0 { Name.print(octets.span(0, count), into: &text) }
        case .location: Location.print(octets, into: &text)
        case .addressPrefixes: AddressPrefixes.print(octets, into: &text)
        case .services: Services.print(octets, into: &text)
        case .serviceParameters: ServiceParameters.print(octets, into: &text)
        case .options: Options.print(octets, into: &text)
        case .nsap: NSAPAddress.print(octets, into: &text)
        case .atmAddress: ATMAddress.print(octets, into: &text)
        case .opaque: OctetText.printGeneric(octets, into: &text)
        }
    }
}

extension OctetText {
    /// `\# n hex` (RFC 3597 §5).
    static func printGeneric(_ octets: Octets, into text: inout [UInt8]) {
        text.append(contentsOf: "\\# ".utf8)
        appendDecimal(UInt64(octets.count), to: &text)
        if octets.count > 0 { text.append(0x20) }
        hex.print(octets, into: &text)
    }
}

extension Name {
    /// Prints names that stand one behind the other.
    static func printAll(_ octets: Octets, into text: inout [UInt8]) {
        var offset = 0
        while offset < octets.count {
            if offset > 0 { text.append(0x20) }
            let count = octets.nameCount(at: offset)
            print(octets.span(offset, count), into: &text)
            offset += count
        }
    }
}
