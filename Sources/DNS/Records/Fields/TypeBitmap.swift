/// Which types exist at a name (RFC 4034 §4.1.2): blocks of window number, length and up to 32 octets of bits.
enum TypeBitmap {
    static let requirement = "the mnemonic of a type, or TYPE and a number up to 65535"

    /// One type by itself.
    static func parseType(_ text: Octets, _ range: Range<Int>, into output: inout GrowingOctets) -> Bool {
        guard let type = RecordType(presentation: text, range.lowerBound, range.upperBound) else { return false }
        output.append(UInt64(type.rawValue), size: 2)
        return true
    }

    /// Reads types in any order up to the end of the entry. The blocks grow in place, so that nothing is allocated
    /// for a record.
    static func parseRest(
        _ scanner: inout Scanner, _ place: FieldPlace, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        let start = output.count
        while let token = try scanner.optional() {
            guard let type = RecordType(presentation: scanner.text, token.start, token.end) else {
                throw place.mustBe(requirement, token)
            }
            insert(type, from: start, into: &output)
        }
    }

    private static func insert(_ type: RecordType, from start: Int, into output: inout GrowingOctets) {
        let window = UInt8(truncatingIfNeeded: type.rawValue &>> 8)
        let octet = Int(type.rawValue & 0xFF) / 8
        var block = start
        while block < output.count, output[block] < window { block += 2 + Int(output[block + 1]) }
        if block == output.count || output[block] != window {
            output.insert(window, at: block)
            output.insert(0, at: block + 1)
        }
        while Int(output[block + 1]) <= octet {
            output.insert(0, at: block + 2 + Int(output[block + 1]))
            output[block + 1] += 1
        }
        output[block + 2 + octet] |= 0x80 &>> UInt8(type.rawValue & 7)
    }

    /// Whether the blocks stand in order, and none is empty or ends in a zero.
    static func isLawful(_ octets: Octets) -> Bool {
        var offset = 0
        var last = -1
        while offset < octets.count {
            guard octets.count - offset >= 3 else { return false }
            let window = Int(octets.u8(offset))
            let count = Int(octets.u8(offset + 1))
            guard window > last, 1...32 ~= count, count <= octets.count - offset - 2 else { return false }
            guard octets.u8(offset + 1 + count) != 0 else { return false }
            last = window
            offset += 2 + count
        }
        return true
    }

    static func print(_ octets: Octets, into text: inout [UInt8]) {
        let start = text.count
        types(octets) { type in
            if text.count > start { text.append(0x20) }
            RecordType(type).print(into: &text)
        }
    }

    /// Calls `body` for each type of a lawful bitmap that begins at `start`, in their order.
    static func types(_ octets: Octets, from start: Int = 0, _ body: (_ type: UInt16) -> Void) {
        var offset = start
        while octets.count - offset > 2 {
            let window = UInt16(octets.u8(offset)) &<< 8
            let end = min(offset + 2 + Int(octets.u8(offset + 1)), octets.count)
            octets.forEachBit((offset + 2)..<end) { body(window | UInt16(truncatingIfNeeded: $0)) }
            offset = end
        }
    }
}

extension Octets {
    /// Calls `body` with the number of each bit that is set, from the highest of the first octet on.
    func forEachBit(_ range: Range<Int>, _ body: (Int) -> Void) {
        for offset in range {
            for bit in 0..<8 where u8(offset) & (0x80 &>> UInt8(bit)) != 0 {
                body((offset - range.lowerBound) * 8 + bit)
            }
        }
    }
}

extension GrowingOctets {
    /// Sets a bit of the octets from `start` to the end, of which there may become more.
    mutating func setBit(_ number: Int, from start: Int) {
        let octet = start + number / 8
        if octet >= count { append(zeros: octet + 1 - count) }
        self[octet] |= 0x80 &>> UInt8(number % 8)
    }
}

/// Which of the types 1 to 127 exist at a name (RFC 2535 §5.2): bits without windows. Bit 0 would announce
/// another format, which nobody defined.
enum OldTypeBitmap {
    static let requirement = "the mnemonic of a type below 128"

    static func parseRest(
        _ scanner: inout Scanner, _ place: FieldPlace, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        let start = output.count
        while let token = try scanner.optional() {
            guard let type = RecordType(presentation: scanner.text, token.start, token.end),
                1..<128 ~= type.rawValue
            else { throw place.mustBe(requirement, token) }
            output.setBit(Int(type.rawValue), from: start)
        }
    }

    static func isLawful(_ octets: Octets) -> Bool {
        if octets.count == 0 { return true }
        return octets.count <= 16 && octets.u8(0) & 0x80 == 0 && octets.u8(octets.count - 1) != 0
    }

    static func print(_ octets: Octets, into text: inout [UInt8]) {
        let start = text.count
        octets.forEachBit(0..<octets.count) { type in
            if text.count > start { text.append(0x20) }
            RecordType(UInt16(truncatingIfNeeded: type)).print(into: &text)
        }
    }
}
