/// Where something stands on Earth (RFC 1876 §2 and §3).
///
///     octet  0        1     2           3         4         8          12
///            version  size  horizontal  vertical  latitude  longitude  altitude
///                           precision   precision
///
/// Angles are thousandths of a second of arc from 2^31 on, the altitude is in centimetres above 100,000 m below
/// the surface, and sizes are a digit and a power of ten of centimetres.
enum Location {
    private static let origin = 0x8000_0000
    private static let altitudeOrigin = 10_000_000
    private static let degree = 3_600_000

    static func parse(
        _ scanner: inout Scanner, _ place: FieldPlace, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        let latitude = try angle(&scanner, place.of("latitude"), limit: 90, letters: ("N", "S"))
        let longitude = try angle(&scanner, place.of("longitude"), limit: 180, letters: ("E", "W"))
        let altitude = try altitude(&scanner, place.of("altitude"))
        output.append(0)
        output.append(try size(&scanner, place.of("size"), default: 0x12))
        output.append(try size(&scanner, place.of("horizontal precision"), default: 0x16))
        output.append(try size(&scanner, place.of("vertical precision"), default: 0x13))
        for value in [latitude, longitude, Int(altitude)] { output.append(UInt64(value), size: 4) }
    }

    /// Degrees, then minutes and seconds where they are given, then a letter that says which side.
    private static func angle(
        _ scanner: inout Scanner, _ place: FieldPlace, limit: Int,
        letters: (positive: StaticString, negative: StaticString)
    ) throws(SyntaxError) -> Int {
        let limits = [limit, 59, 59_999]
        let units = [degree, 60_000, 1]
        let requirement =
            "degrees from 0 to \(limit), minutes, seconds, and \(letters.positive) or \(letters.negative), "
            + "as in 52 22 23.000 \(letters.positive)"
        var total = 0
        var part = 0
        while true {
            let token = try scanner.required(place)
            if part > 0, scanner.text.equals(letters.positive, token.range) { return origin + total }
            if part > 0, scanner.text.equals(letters.negative, token.range) { return origin - total }
            guard part < 3, let value = scanner.text.decimal(token.range, decimals: part == 2 ? 3 : 0),
                value <= limits[part]
            else { throw place.mustBe(requirement, token) }
            total += value * units[part]
            if total > limit * degree { throw place.mustBe(requirement, token) }
            part += 1
        }
    }

    private static func altitude(_ scanner: inout Scanner, _ place: FieldPlace) throws(SyntaxError) -> UInt32 {
        let token = try scanner.required(place)
        let isNegative = token.count > 0 && scanner.text.u8(token.start) == 0x2D
        let start = token.start + (isNegative ? 1 : 0)
        guard let metres = metres(scanner.text, start..<token.end),
            let altitude = UInt32(exactly: altitudeOrigin + (isNegative ? -metres : metres))
        else { throw place.mustBe("metres from -100000.00 to 42849672.95, as in 10m", token) }
        return altitude
    }

    private static func size(
        _ scanner: inout Scanner, _ place: FieldPlace, default missing: UInt8
    ) throws(SyntaxError) -> UInt8 {
        guard let token = try scanner.optional() else { return missing }
        guard var digit = metres(scanner.text, token.range), digit <= 9_000_000_000 else {
            throw place.mustBe("metres from 0 to 90000000.00, as in 10m", token)
        }
        var power = 0
        while digit > 9 {
            digit /= 10
            power += 1
        }
        return UInt8(digit * 16 + power)
    }

    /// In centimetres.
    private static func metres(_ text: Octets, _ range: Range<Int>) -> Int? {
        var end = range.upperBound
        if range.count > 1, ASCII.folded(text.u8(end - 1)) == 0x6D { end -= 1 }
        return text.decimal(range.lowerBound..<end, decimals: 2)
    }

    static func isLawful(_ octets: Octets) -> Bool {
        guard octets.count == 16, octets.u8(0) == 0 else { return false }
        for offset in 1...3 {
            let digit = octets.u8(offset) &>> 4
            guard digit < 10, octets.u8(offset) & 15 < 10, digit > 0 || octets.u8(offset) == 0 else { return false }
        }
        return abs(Int(octets.u32(4)) - origin) <= 90 * degree && abs(Int(octets.u32(8)) - origin) <= 180 * degree
    }

    static func print(_ octets: Octets, into text: inout [UInt8]) {
        guard octets.count == 16 else { return }
        printAngle(Int(octets.u32(4)) - origin, letters: (0x4E, 0x53), into: &text)
        printAngle(Int(octets.u32(8)) - origin, letters: (0x45, 0x57), into: &text)
        let altitude = Int(octets.u32(12)) - altitudeOrigin
        if altitude < 0 { text.append(0x2D) }
        printMetres(abs(altitude), isShort: false, into: &text)
        for offset in 1...3 {
            text.append(0x20)
            var size = Int(octets.u8(offset) &>> 4)
            for _ in 0..<(octets.u8(offset) & 15) { size *= 10 }
            printMetres(size, isShort: true, into: &text)
        }
    }

    private static func printAngle(_ angle: Int, letters: (UInt8, UInt8), into text: inout [UInt8]) {
        let size = UInt64(abs(angle))
        appendDecimal(size / 3_600_000, to: &text)
        text.append(0x20)
        appendDecimal(size / 60_000 % 60, to: &text)
        text.append(0x20)
        appendDecimal(size / 1000 % 60, to: &text)
        text.append(0x2E)
        appendDecimal(size % 1000, width: 3, to: &text)
        text.append(0x20)
        text.append(angle < 0 ? letters.1 : letters.0)
        text.append(0x20)
    }

    private static func printMetres(_ centimetres: Int, isShort: Bool, into text: inout [UInt8]) {
        appendDecimal(UInt64(centimetres / 100), to: &text)
        if !isShort || centimetres < 100 {
            text.append(0x2E)
            appendDecimal(UInt64(centimetres % 100), width: 2, to: &text)
        }
        text.append(0x6D)
    }
}

extension Octets {
    /// A number with up to `decimals` digits behind its point, times ten to the power of `decimals`.
    fileprivate func decimal(_ range: Range<Int>, decimals: Int) -> Int? {
        let point = range.first { u8($0) == 0x2E } ?? range.upperBound
        guard let whole = decimal(range.lowerBound..<point, maximum: 1_000_000_000) else { return nil }
        var value = Int(whole)
        var digits = 0
        for offset in min(point + 1, range.upperBound)..<range.upperBound {
            guard ASCII.isDigit(u8(offset)), digits < decimals else { return nil }
            value = value * 10 + Int(u8(offset) &- 0x30)
            digits += 1
        }
        if point < range.upperBound && digits == 0 { return nil }
        for _ in digits..<decimals { value *= 10 }
        return value
    }
}
