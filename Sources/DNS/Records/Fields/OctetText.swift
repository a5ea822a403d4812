/// Octets as letters and digits, with blanks anywhere between them.
enum OctetText: Sendable {
    /// Hexadecimal digits.
    case hex
    /// RFC 4648 §4.
    case base64
    /// The extended hexadecimal alphabet without padding (RFC 4648 §7, RFC 5155 §3.3).
    case base32

    var requirement: String {
        switch self {
        case .hex: "hexadecimal digits"
        case .base64: "base64"
        case .base32: "base32hex: the digits and the letters A to V, without padding"
        }
    }

    /// How many bits a character stands for.
    private var width: UInt32 {
        switch self {
        case .hex: 4
        case .base64: 6
        case .base32: 5
        }
    }

    /// Appends what the tokens up to the end of the entry stand for; says how they stand in the text.
    @discardableResult
    func parseRest(
        _ scanner: inout Scanner, _ place: FieldPlace, minimum: Int = 0, into output: inout GrowingOctets
    ) throws(SyntaxError) -> Range<Int> {
        let start = output.count
        var range = 0..<0
        var decoder = Decoder(self)
        while true {
            let token = try scanner.next()
            if range.isEmpty { range = token.range }
            if token.kind == .end { break }
            range = range.lowerBound..<token.end
            if !decoder.append(scanner.text, token.range, to: &output) { throw place.mustBe(requirement, token) }
        }
        if let fault = decoder.fault { throw place.must(fault, range) }
        try place.expect(minimum, output.count - start, range)
        return range
    }

    /// Appends what one token stands for.
    func parse(
        _ token: Token, _ text: Octets, _ place: FieldPlace, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        var decoder = Decoder(self)
        guard token.count > 0, decoder.append(text, token.range, to: &output) else {
            throw place.mustBe(requirement, token)
        }
        if let fault = decoder.fault { throw place.must(fault, token.range) }
    }

    func print(_ octets: Octets, from start: Int = 0, into text: inout [UInt8]) {
        let beginning = text.count
        var bits: UInt32 = 0
        var count: UInt32 = 0
        for offset in start..<max(start, octets.count) {
            bits = bits &<< 8 | UInt32(octets.u8(offset))
            count += 8
            while count >= width {
                count -= width
                text.append(character(bits &>> count))
            }
        }
        if count > 0 { text.append(character(bits &<< (width - count))) }
        while self == .base64, (text.count - beginning) % 4 != 0 { text.append(0x3D) }
    }

    private static let base64Alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The character that the lowest bits stand for.
    private func character(_ bits: UInt32) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: bits & (1 &<< width &- 1))
        return switch self {
        case .hex: Hex.character(value)
        case .base64: Self.base64Alphabet[Int(value)]
        case .base32: value < 10 ? 0x30 + value : 0x41 + value - 10
        }
    }

    /// What a character stands for.
    private func value(_ octet: UInt8) -> UInt8? {
        switch self {
        case .hex: return Hex.digit(octet)
        case .base32:
            let letter = ASCII.folded(octet) &- 0x61
            return ASCII.isDigit(octet) ? octet &- 0x30 : letter < 22 ? letter + 10 : nil
        case .base64:
            return switch octet {
            case 0x41...0x5A: octet - 0x41
            case 0x61...0x7A: octet - 0x61 + 26
            case 0x30...0x39: octet - 0x30 + 52
            case 0x2B: 62
            case 0x2F: 63
            default: nil
            }
        }
    }

    /// Takes characters piece by piece.
    struct Decoder {
        private let form: OctetText
        /// What was read last, of which the lowest `bitCount` bits are not yet an octet.
        private var bits: UInt32 = 0
        private var bitCount: UInt32 = 0
        private var characters = 0
        private var isPadded = false

        init(_ form: OctetText) { self.form = form }

        /// False where a character cannot stand there.
        mutating func append(_ text: Octets, _ range: Range<Int>, to output: inout GrowingOctets) -> Bool {
            var offset = range.lowerBound
            if bitCount == 0 && !isPadded {
                var count = -1
                while count != 0, offset < range.upperBound {
                    switch form {
                    case .hex: count = output.append(hex: text, offset, before: range.upperBound)
                    case .base64: count = output.append(base64: text, offset, before: range.upperBound)
                    case .base32: count = 0
                    }
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
            if octet == 0x3D, form == .base64 {
                // The third of four characters or the last one.
                isPadded = true
                characters += 1
                return (characters - 1) & 3 >= 2
            }
            guard !isPadded, let value = form.value(octet) else { return false }
            bits = bits &<< form.width | UInt32(value)
            bitCount += form.width
            characters += 1
            if bitCount >= 8 {
                bitCount -= 8
                output.append(UInt8(truncatingIfNeeded: bits &>> bitCount))
            }
            return true
        }

        /// What must be, where that is not so yet.
        var fault: String? {
            switch form {
            case .hex: bitCount == 0 ? nil : "have an even number of hexadecimal digits"
            case .base64: characters & 3 == 0 ? nil : "be base64 in whole groups of four characters"
            case .base32:
                bitCount < 5 && bits & (1 &<< bitCount &- 1) == 0 ? nil : "be base32hex of whole octets"
            }
        }
    }
}

/// Hexadecimal digits.
enum Hex {
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

    static func print(_ octet: UInt8, into text: inout [UInt8]) {
        text.append(character(octet &>> 4))
        text.append(character(octet & 15))
    }

    static func character(_ digit: UInt8) -> UInt8 { digit < 10 ? 0x30 + digit : 0x57 + digit }
}
