extension Octets {
    /// The decimal number that the octets of `range` make, or nil where they make none up to `maximum`.
    func decimal(_ range: Range<Int>, maximum: UInt64) -> UInt64? {
        var value: UInt64 = 0
        var start = range.lowerBound
        guard 1...20 ~= range.count else { return nil }
        while start < range.upperBound {
            let count = min(8, range.upperBound &- start)
            guard let digits = digits(start, count) else { return nil }
            start &+= count
            if value == 0 {
                value = digits
                continue
            }
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: Octets.powers[count])
            let (sum, isTooLargeStill) = product.addingReportingOverflow(digits)
            if isTooLarge || isTooLargeStill { return nil }
            value = sum
        }
        return value <= maximum ? value : nil
    }

    private static let powers: [UInt64] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000]

    /// What one to eight digits make, or nil where one is none: all at once in the octets of a word.
    @inline(__always)
    func digits(_ start: Int, _ count: Int) -> UInt64? {
        let ones: UInt64 = 0x0101_0101_0101_0101
        // The digits at the upper end of the word, zeros before them.
        let shift = UInt64(truncatingIfNeeded: 64 &- count &* 8)
        let word = (word(start, count: count) &<< shift) &- ((0x30 &* ones) &<< shift)
        if ((word &+ 0x76 &* ones) | word) & (0x80 &* ones) != 0 { return nil }
        let pairs = (word &* 10 &+ word &>> 8) & 0x00FF_00FF_00FF_00FF
        let fours = (pairs &* 100 &+ pairs &>> 16) & 0x0000_FFFF_0000_FFFF
        return (fours &* 10_000 &+ fours &>> 32) & 0xFFFF_FFFF
    }

    /// Seconds: a number, or numbers with the units w, d, h, m and s, as in 1h30m.
    func seconds(_ range: Range<Int>) -> UInt32? {
        if let plain = decimal(range, maximum: UInt64(UInt32.max)) { return UInt32(truncatingIfNeeded: plain) }
        var total: UInt64 = 0
        var start = range.lowerBound
        for offset in range where !ASCII.isDigit(u8(offset)) {
            guard let number = decimal(start..<offset, maximum: UInt64(UInt32.max)),
                let unit = Octets.unit(u8(offset))
            else { return nil }
            total += number * unit
            if total > UInt64(UInt32.max) { return nil }
            start = offset + 1
        }
        return start == range.upperBound && !range.isEmpty ? UInt32(truncatingIfNeeded: total) : nil
    }

    private static func unit(_ letter: UInt8) -> UInt64? {
        switch ASCII.folded(letter) {
        case 0x73: 1
        case 0x6D: 60
        case 0x68: 3600
        case 0x64: 86_400
        case 0x77: 604_800
        default: nil
        }
    }

    /// A sign, digits and a fraction, as GPOS has them (RFC 1712 §3).
    func isDecimal(_ range: Range<Int>) -> Bool {
        var digits = 0
        var points = 0
        for offset in range {
            switch u8(offset) {
            case 0x30...0x39: digits += 1
            case 0x2E: points += 1
            case 0x2B, 0x2D: if offset != range.lowerBound { return false }
            default: return false
            }
        }
        return digits > 0 && points <= 1
    }

    func areAll(from start: Int, _ isMember: (UInt8) -> Bool) -> Bool {
        for offset in start..<max(start, count) where !isMember(u8(offset)) { return false }
        return true
    }

    /// An unsigned number of `size` (1 to 8) octets.
    func number(_ offset: Int, size: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<size { value = value &<< 8 | UInt64(u8(offset + index)) }
        return value
    }
}

func appendDecimal(_ value: UInt64, to text: inout [UInt8]) {
    if value >= 10 { appendDecimal(value / 10, to: &text) }
    text.append(0x30 + UInt8(truncatingIfNeeded: value % 10))
}

/// With zeros before it, to `width` digits at least.
func appendDecimal(_ value: UInt64, width: Int, to text: inout [UInt8]) {
    var digits = 1
    var rest = value
    while rest >= 10 {
        rest /= 10
        digits += 1
    }
    for _ in digits..<max(width, digits) { text.append(0x30) }
    appendDecimal(value, to: &text)
}

/// Numbers of seconds, for which text may use units.
enum Seconds {
    static let requirement = "seconds from 0 to 4294967295, also written as in 1h30m"

    static func parse(_ text: Octets, _ range: Range<Int>, into output: inout GrowingOctets) -> Bool {
        guard let value = text.seconds(range) else { return false }
        output.append(UInt64(value), size: 4)
        return true
    }

    /// With units.
    static func text(_ seconds: UInt32) -> String {
        var rest = seconds
        var text = ""
        for (unit, size) in [("w", UInt32(604_800)), ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)] where rest >= size
        {
            text += "\(rest / size)\(unit)"
            rest %= size
        }
        return text.isEmpty ? "0s" : text
    }
}

/// An octet that is made of two fields.
enum Bits {
    static func parseHigh(_ text: Octets, _ range: Range<Int>, into output: inout GrowingOctets) -> Bool {
        guard let value = text.decimal(range, maximum: 1) else { return false }
        output.append(UInt8(truncatingIfNeeded: value) &<< 7)
        return true
    }

    /// The other bits of the octet that was appended last.
    static func parseLow(_ text: Octets, _ range: Range<Int>, into output: inout GrowingOctets) -> Bool {
        guard let value = text.decimal(range, maximum: 127), output.count > 0 else { return false }
        output[output.count - 1] |= UInt8(truncatingIfNeeded: value)
        return true
    }
}
