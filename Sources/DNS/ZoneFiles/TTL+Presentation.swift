extension TTL {
    /// What a word in the place of a TTL says.
    enum Parsed {
        case seconds(UInt32)
        /// Over 2^31 − 1 seconds (RFC 2181 §8).
        case tooLong
        case malformed
    }

    /// From seconds (`3600`), or from numbers with the units w, d, h, m and s in any case (`1h30m`).
    static func parse(_ text: Span<UInt8>) -> Parsed {
        var total: UInt64 = 0
        var number: UInt64 = 0
        var hasDigits = false
        var hasUnits = false
        for index in 0..<text.count {
            let octet = text[index]
            if ASCII.isDigit(octet) {
                // Longer numbers are too long, however long they are.
                number = min(number &* 10 &+ UInt64(octet &- 0x30), 1 << 33)
                hasDigits = true
            } else {
                guard hasDigits, let unit = secondsOfUnit(octet) else { return .malformed }
                total = min(total + number * unit, 1 << 33)
                number = 0
                hasDigits = false
                hasUnits = true
            }
        }
        if hasDigits == hasUnits { return .malformed }
        total += number
        return total > UInt64(maximum) ? .tooLong : .seconds(UInt32(total))
    }

    private static func secondsOfUnit(_ octet: UInt8) -> UInt64? {
        switch octet | 0x20 {
        case 0x73: 1  // s
        case 0x6D: 60  // m
        case 0x68: 3_600  // h
        case 0x64: 86_400  // d
        case 0x77: 604_800  // w
        default: nil
        }
    }
}
