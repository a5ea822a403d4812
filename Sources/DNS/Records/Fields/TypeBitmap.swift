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
        var offset = 0
        var separator = false
        while offset + 1 < octets.count {
            let window = UInt16(octets.u8(offset)) &<< 8
            let end = min(offset + 2 + Int(octets.u8(offset + 1)), octets.count)
            printBits(octets, (offset + 2)..<end, first: window, &separator, into: &text)
            offset = end
        }
    }

    /// Prints the types of the bits in `range`, of which the first stands for the type `first`.
    static func printBits(
        _ octets: Octets, _ range: Range<Int>, first: UInt16, _ separator: inout Bool, into text: inout [UInt8]
    ) {
        for offset in range {
            for bit in 0..<8 where octets.u8(offset) & (0x80 &>> UInt8(bit)) != 0 {
                if separator { text.append(0x20) }
                separator = true
                RecordType(first | UInt16(truncatingIfNeeded: (offset - range.lowerBound) * 8 + bit)).print(into: &text)
            }
        }
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
            let octet = start + Int(type.rawValue / 8)
            while output.count <= octet { output.append(0) }
            output[octet] |= 0x80 &>> UInt8(type.rawValue & 7)
        }
    }

    static func isLawful(_ octets: Octets) -> Bool {
        if octets.count == 0 { return true }
        return octets.count <= 16 && octets.u8(0) & 0x80 == 0 && octets.u8(octets.count - 1) != 0
    }

    static func print(_ octets: Octets, into text: inout [UInt8]) {
        var separator = false
        TypeBitmap.printBits(octets, 0..<octets.count, first: 0, &separator, into: &text)
    }
}
