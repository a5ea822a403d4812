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
}

/// Octets that are numbers below 256, or made of two fields.
enum Bits {
    static func parsePrefixLength(_ text: Octets, _ range: Range<Int>, into output: inout GrowingOctets) -> Bool {
        guard let value = text.decimal(range, maximum: 128) else { return false }
        output.append(UInt8(truncatingIfNeeded: value))
        return true
    }

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

/// The times of signatures: seconds since 1970 in 32 bits, printed as YYYYMMDDHHmmSS (RFC 4034 §3.2).
enum Time {
    static let requirement =
        "a time: 14 digits as in 20260131235959, up to 21060207062815, or the seconds since 1970"

    static func parse(_ text: Octets, _ range: Range<Int>, into output: inout GrowingOctets) -> Bool {
        guard let value = value(text, range) else { return false }
        output.append(UInt64(value), size: 4)
        return true
    }

    private static func value(_ text: Octets, _ range: Range<Int>) -> UInt32? {
        guard range.count == 14 else {
            return text.decimal(range, maximum: UInt64(UInt32.max)).map { UInt32(truncatingIfNeeded: $0) }
        }
        guard let digits = text.decimal(range, maximum: UInt64.max) else { return nil }
        let year = Int(digits / 10_000_000_000)
        let month = Int(digits / 100_000_000 % 100)
        let day = Int(digits / 1_000_000 % 100)
        let hour = Int(digits / 10_000 % 100)
        let minute = Int(digits / 100 % 100)
        let second = Int(digits % 100)
        guard year >= 1970, 1...12 ~= month, 1...days(month, year) ~= day, hour < 24, minute < 60, second < 60 else {
            return nil
        }
        let seconds = (dayNumber(year, month, day) * 24 + hour) * 3600 + minute * 60 + second
        return UInt32(exactly: seconds)
    }

    static func print(_ seconds: UInt32, into text: inout [UInt8]) {
        var days = Int(seconds / 86_400)
        var year = 1970
        while days >= dayNumber(year + 1, 1, 1) { year += 1 }
        days -= dayNumber(year, 1, 1)
        var month = 1
        while days >= self.days(month, year) {
            days -= self.days(month, year)
            month += 1
        }
        let clock = UInt64(seconds % 86_400)
        appendDecimal(UInt64(year), width: 4, to: &text)
        for part in [UInt64(month), UInt64(days + 1), clock / 3600, clock / 60 % 60, clock % 60] {
            appendDecimal(part, width: 2, to: &text)
        }
    }

    private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    private static func days(_ month: Int, _ year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1 January 1970 to the date. Years begin in March here, so that the leap day is the last.
    private static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month > 2 ? year : year - 1
        let days = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return year * 365 + year / 4 - year / 100 + year / 400 + days - 719_468
    }
}
