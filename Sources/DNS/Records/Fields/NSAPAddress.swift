/// The address of a network service access point (RFC 1706 §7).
enum NSAPAddress {
    static let requirement = "0x and hexadecimal digits, two an octet, with dots anywhere between them"

    static func parse(_ text: Octets, _ range: Range<Int>, into output: inout GrowingOctets) -> Bool {
        let start = range.lowerBound
        guard range.count > 2, text.equals("0x", start..<(start + 2)) else { return false }
        return DottedHex.parse(text, (start + 2)..<range.upperBound, into: &output)
    }

    static func print(_ octets: Octets, into text: inout [UInt8]) {
        text.append(contentsOf: "0x".utf8)
        OctetText.hex.print(octets, into: &text)
    }
}

/// An ATM address (ATM Forum, ATM Name System 2.0 §5): a format octet, then digits or octets.
enum ATMAddress {
    static let requirement = "+ and digits, or hexadecimal digits, two an octet, with dots anywhere between them"
    private static let endSystem: UInt8 = 0
    private static let telephone: UInt8 = 1

    static func parse(_ text: Octets, _ range: Range<Int>, into output: inout GrowingOctets) -> Bool {
        guard range.count > 1, text.u8(range.lowerBound) == 0x2B else {
            output.append(endSystem)
            return DottedHex.parse(text, range, into: &output)
        }
        output.append(telephone)
        for offset in (range.lowerBound + 1)..<range.upperBound {
            guard ASCII.isDigit(text.u8(offset)) else { return false }
            output.append(text.u8(offset))
        }
        return true
    }

    static func isLawful(_ octets: Octets) -> Bool {
        guard octets.count > 1 else { return false }
        return octets.u8(0) == endSystem || octets.u8(0) == telephone && octets.areAll(from: 1, ASCII.isDigit)
    }

    static func print(_ octets: Octets, into text: inout [UInt8]) {
        if octets.u8(0) == endSystem { return OctetText.hex.print(octets, from: 1, into: &text) }
        text.append(0x2B)
        for offset in 1..<max(1, octets.count) { text.append(octets.u8(offset)) }
    }
}

private enum DottedHex {
    static func parse(_ text: Octets, _ range: Range<Int>, into output: inout GrowingOctets) -> Bool {
        var high: UInt8?
        var count = 0
        for offset in range where text.u8(offset) != 0x2E {
            guard let digit = Hex.digit(text.u8(offset)) else { return false }
            count += 1
            if let first = high {
                output.append(first &<< 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        return count > 0 && high == nil
    }
}
