/// Hexadecimal digits, with blanks anywhere between them.
enum Hex {
    static let requirement = "hexadecimal digits"

    /// Appends what the tokens up to the end of the entry stand for; says how they stand in the text.
    @discardableResult
    static func parseRest(
        _ scanner: inout Scanner, _ place: FieldPlace, into output: inout GrowingOctets
    ) throws(SyntaxError) -> Range<Int> {
        var range = 0..<0
        var high: UInt8?
        while true {
            let token = try scanner.next()
            if range.isEmpty { range = token.range }
            if token.kind == .end { break }
            range = range.lowerBound..<token.end
            var start = token.start
            if high == nil {
                var count = -1
                while count != 0, start < token.end {
                    count = output.append(hex: scanner.text, start, before: token.end)
                    start += count
                }
            }
            for offset in start..<token.end {
                guard let digit = digit(scanner.text.u8(offset)) else { throw place.mustBe(requirement, token) }
                if let first = high {
                    output.append(first &<< 4 | digit)
                    high = nil
                } else {
                    high = digit
                }
            }
        }
        if high != nil { throw place.must("have an even number of hexadecimal digits", range) }
        return range
    }

    static func parseRest(
        _ scanner: inout Scanner, _ place: FieldPlace, minimum: Int, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        let start = output.count
        let range = try parseRest(&scanner, place, into: &output)
        try place.expect(minimum, output.count - start, range)
    }

    /// Appends what one token stands for.
    static func parse(
        _ token: Token, _ text: Octets, _ place: FieldPlace, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        if token.count == 0 { throw place.mustBe(requirement, token) }
        if token.count % 2 != 0 { throw place.must("have an even number of hexadecimal digits", token.range) }
        for offset in stride(from: token.start, to: token.end, by: 2) {
            guard let high = digit(text.u8(offset)), let low = digit(text.u8(offset + 1)) else {
                throw place.mustBe(requirement, token)
            }
            output.append(high &<< 4 | low)
        }
    }

    static func digit(_ octet: UInt8) -> UInt8? {
        let value = value(octet)
        return value < 16 ? value : nil
    }

    /// What a digit stands for; above 15 where it is none.
    @inline(__always)
    static func value(_ octet: UInt8) -> UInt8 {
        let digit = octet &- 0x30
        let letter = (octet | 0x20) &- 0x61
        return digit < 10 ? digit : letter < 6 ? letter &+ 10 : 0xFF
    }

    static func print(_ octets: Octets, from start: Int = 0, into text: inout [UInt8]) {
        for offset in start..<max(start, octets.count) { print(octets.u8(offset), into: &text) }
    }

    static func print(_ octet: UInt8, into text: inout [UInt8]) {
        text.append(character(octet &>> 4))
        text.append(character(octet & 15))
    }

    static func character(_ digit: UInt8) -> UInt8 { digit < 10 ? 0x30 + digit : 0x57 + digit }
}

/// Base 64 (RFC 4648 §4), with blanks anywhere between the characters.
enum Base64 {
    static let requirement = "base64"

    /// What has been read of a group of four characters.
    struct Decoder {
        private var bits: UInt32 = 0
        private var count = 0
        private var padding = 0

        /// False where a character cannot stand there.
        mutating func append(_ text: Octets, _ range: Range<Int>, to output: inout GrowingOctets) -> Bool {
            var offset = range.lowerBound
            if isComplete && padding == 0 {
                var count = -1
                while count != 0, offset < range.upperBound {
                    count = output.append(base64: text, offset, before: range.upperBound)
                    offset += count
                }
            }
            while offset < range.upperBound {
                guard append(text.u8(offset), to: &output) else { return false }
                offset += 1
            }
            return true
        }

        private mutating func append(_ octet: UInt8, to output: inout GrowingOctets) -> Bool {
            if octet == 0x3D {
                padding += 1
                count += 1
                return count > 2 && count <= 4
            }
            guard padding == 0, let value = Base64.value(octet) else { return false }
            if count == 4 { count = 0 }
            bits = bits &<< 6 | UInt32(value)
            count += 1
            if count > 1 { output.append(UInt8(truncatingIfNeeded: bits &>> UInt32((4 - count) * 2))) }
            return true
        }

        /// Whether the groups are whole.
        var isComplete: Bool { count == 0 || count == 4 }
    }

    /// Appends what the tokens up to the end of the entry stand for.
    static func parseRest(
        _ scanner: inout Scanner, _ place: FieldPlace, minimum: Int, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        let start = output.count
        var range = 0..<0
        var decoder = Decoder()
        while true {
            let token = try scanner.next()
            if range.isEmpty { range = token.range }
            if token.kind == .end { break }
            range = range.lowerBound..<token.end
            if !decoder.append(scanner.text, token.range, to: &output) { throw place.mustBe(requirement, token) }
        }
        if !decoder.isComplete { throw place.mustBe("base64 in whole groups of four characters", range) }
        try place.expect(minimum, output.count - start, range)
    }

    static func parse(
        _ token: Token, _ text: Octets, _ place: FieldPlace, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        var decoder = Decoder()
        if !decoder.append(text, token.range, to: &output) { throw place.mustBe(requirement, token) }
        if !decoder.isComplete { throw place.mustBe("base64 in whole groups of four characters", token) }
    }

    /// `-` for no octets.
    static func parseDashed(
        _ scanner: inout Scanner, _ place: FieldPlace, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        let first = try scanner.required(place)
        if scanner.text.equals("-", first.range) { return }
        scanner.putBack(first)
        try parseRest(&scanner, place, minimum: 1, into: &output)
    }

    /// A number and as many octets, which are one token where there are any.
    static func parseSized(
        _ scanner: inout Scanner, _ place: FieldPlace, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        let start = output.count
        try scanner.number(size: 2, place, into: &output)
        let count = Int(output.octets(from: start).u16(0))
        if count == 0 { return }
        let token = try scanner.required(place)
        try parse(token, scanner.text, place, into: &output)
        if output.count - start - 2 != count { throw place.must("have \(count) octets", token.range) }
    }

    private static func value(_ octet: UInt8) -> UInt8? {
        switch octet {
        case 0x41...0x5A: octet - 0x41
        case 0x61...0x7A: octet - 0x61 + 26
        case 0x30...0x39: octet - 0x30 + 52
        case 0x2B: 62
        case 0x2F: 63
        default: nil
        }
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func print(_ octets: Octets, from start: Int = 0, into text: inout [UInt8]) {
        var offset = start
        while offset < octets.count {
            let count = min(3, octets.count - offset)
            let bits = Int(octets.number(offset, size: count) &<< UInt64((3 - count) * 8))
            for index in 0..<4 {
                text.append(index <= count ? alphabet[(bits &>> (18 - index * 6)) & 63] : 0x3D)
            }
            offset += count
        }
    }
}

/// Base 32 with the extended hexadecimal alphabet, without padding (RFC 4648 §7, RFC 5155 §3.3).
enum Base32 {
    static let requirement = "base32hex: the digits and the letters A to V, without padding"

    static func parse(
        _ token: Token, _ text: Octets, _ place: FieldPlace, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        var bits: UInt32 = 0
        var count: UInt32 = 0
        for offset in token.range {
            guard let value = value(text.u8(offset)) else { throw place.mustBe(requirement, token) }
            bits = bits &<< 5 | UInt32(value)
            count += 5
            if count >= 8 {
                count -= 8
                output.append(UInt8(truncatingIfNeeded: bits &>> count))
            }
        }
        let isWhole = count < 5 && bits & (1 &<< count &- 1) == 0
        if !isWhole || token.count == 0 { throw place.mustBe("base32hex of whole octets", token) }
    }

    private static func value(_ octet: UInt8) -> UInt8? {
        if ASCII.isDigit(octet) { return octet &- 0x30 }
        let letter = ASCII.folded(octet) &- 0x61
        return letter < 22 ? letter + 10 : nil
    }

    static func print(_ octets: Octets, from start: Int, into text: inout [UInt8]) {
        var bits: UInt32 = 0
        var count: UInt32 = 0
        for offset in start..<max(start, octets.count) {
            bits = bits &<< 8 | UInt32(octets.u8(offset))
            count += 8
            while count >= 5 {
                count -= 5
                text.append(character(bits &>> count))
            }
        }
        if count > 0 { text.append(character(bits &<< (5 - count))) }
    }

    private static func character(_ bits: UInt32) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: bits & 31)
        return value < 10 ? 0x30 + value : 0x41 + value - 10
    }
}
