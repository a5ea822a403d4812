/// Four octets in decimal (RFC 1035 §3.4.1).
enum IPv4Address {
    static let requirement = "an IPv4 address, as in 192.0.2.1"

    static func parse(_ text: Octets, _ range: Range<Int>, into output: inout [UInt8]) -> Bool {
        guard let value = value(text, range) else { return false }
        append(UInt64(value), size: 4, to: &output)
        return true
    }

    static func value(_ text: Octets, _ range: Range<Int>) -> UInt32? {
        var value: UInt32 = 0
        var part: UInt32 = 0
        var digits = 0
        var dots = 0
        for offset in range {
            let octet = text.u8(offset)
            if octet == 0x2E {
                guard digits > 0, dots < 3 else { return nil }
                value = value &<< 8 | part
                (part, digits, dots) = (0, 0, dots + 1)
                continue
            }
            guard ASCII.isDigit(octet), digits == 0 || part > 0 else { return nil }
            part = part * 10 + UInt32(octet &- 0x30)
            digits += 1
            if part > 255 { return nil }
        }
        return dots == 3 && digits > 0 ? value &<< 8 | part : nil
    }

    static func print(_ octets: Octets, _ start: Int = 0, into text: inout [UInt8]) {
        for offset in start..<(start + 4) {
            if offset > start { text.append(0x2E) }
            appendDecimal(UInt64(octets.u8(offset)), to: &text)
        }
    }
}

/// Eight groups of hexadecimal digits (RFC 4291 §2.2), printed as RFC 5952 §4 says.
enum IPv6Address {
    static let requirement = "an IPv6 address, as in 2001:db8::1"

    static func parse(_ text: Octets, _ range: Range<Int>, into output: inout [UInt8]) -> Bool {
        let start = output.count
        guard let gap = parseGroups(text, range, start: start, into: &output) else {
            output.removeSubrange(start...)
            return false
        }
        let missing = 16 - (output.count - start)
        let isWhole = gap == nil ? missing == 0 : missing >= 2
        if isWhole, let gap {
            output.insert(contentsOf: repeatElement(0, count: missing), at: gap)
        } else if !isWhole {
            output.removeSubrange(start...)
        }
        return isWhole
    }

    /// Appends the groups; the result is nil where they are unlawful, and else where `::` stands, if it does.
    private static func parseGroups(
        _ text: Octets, _ range: Range<Int>, start: Int, into output: inout [UInt8]
    ) -> Int?? {
        var gap: Int?
        var offset = range.lowerBound
        let end = range.upperBound
        if end - offset >= 2, text.u8(offset) == 0x3A, text.u8(offset + 1) == 0x3A {
            gap = output.count
            offset += 2
        }
        while offset < end {
            if output.count - start >= 16 { return nil }
            let group = offset
            var value: UInt64 = 0
            while offset < end, offset - group < 4, let digit = Hex.digit(text.u8(offset)) {
                value = value &<< 4 | UInt64(digit)
                offset += 1
            }
            if offset < end, text.u8(offset) == 0x2E {
                guard output.count - start <= 12 else { return nil }
                return IPv4Address.parse(text, group..<end, into: &output) ? .some(gap) : nil
            }
            if offset == group { return nil }
            append(value, size: 2, to: &output)
            if offset == end { break }
            guard text.u8(offset) == 0x3A, offset + 1 < end else { return nil }
            offset += 1
            if text.u8(offset) == 0x3A {
                guard gap == nil else { return nil }
                gap = output.count
                offset += 1
            }
        }
        return .some(gap)
    }

    static func print(_ octets: Octets, _ start: Int = 0, into text: inout [UInt8]) {
        let isMapped = octets.word(start, count: 8) == 0 && octets.u32(start + 8) == 0xFFFF
        if isMapped {
            text.append(contentsOf: "::ffff:".utf8)
            return IPv4Address.print(octets, start + 12, into: &text)
        }
        let zeros = longestZeros(octets, start)
        var group = 0
        while group < 8 {
            if group == zeros.lowerBound && zeros.count > 1 {
                text.append(0x3A)
                text.append(0x3A)
                group = zeros.upperBound
                continue
            }
            if group > 0 && group != zeros.upperBound || group > 0 && zeros.count < 2 { text.append(0x3A) }
            printGroup(octets.u16(start + group * 2), into: &text)
            group += 1
        }
    }

    static func printGroup(_ value: UInt16, into text: inout [UInt8]) {
        var shift = 12
        while shift > 0, value &>> UInt16(shift) == 0 { shift -= 4 }
        while shift >= 0 {
            text.append(Hex.character(UInt8(truncatingIfNeeded: value &>> UInt16(shift)) & 15))
            shift -= 4
        }
    }

    private static func longestZeros(_ octets: Octets, _ start: Int) -> Range<Int> {
        var longest = 0..<0
        var first = 0
        for group in 0...8 where group == 8 || octets.u16(start + group * 2) != 0 {
            if group - first > longest.count { longest = first..<group }
            first = group + 1
        }
        return longest
    }
}

/// Octets in hexadecimal with hyphens (RFC 7043 §3.2 and §4.2).
enum HyphenatedAddress {
    static let requirement48 = "six octets, as in 00-00-5e-00-53-2a"
    static let requirement64 = "eight octets, as in 00-00-5e-ef-10-00-00-2a"

    static func parse48(_ text: Octets, _ range: Range<Int>, into output: inout [UInt8]) -> Bool {
        parse(text, range, size: 6, into: &output)
    }

    static func parse64(_ text: Octets, _ range: Range<Int>, into output: inout [UInt8]) -> Bool {
        parse(text, range, size: 8, into: &output)
    }

    private static func parse(_ text: Octets, _ range: Range<Int>, size: Int, into output: inout [UInt8]) -> Bool {
        guard range.count == size * 3 - 1 else { return false }
        let start = output.count
        for index in 0..<size {
            let offset = range.lowerBound + index * 3
            guard let high = Hex.digit(text.u8(offset)), let low = Hex.digit(text.u8(offset + 1)),
                index == size - 1 || text.u8(offset + 2) == 0x2D
            else {
                output.removeSubrange(start...)
                return false
            }
            output.append(high &<< 4 | low)
        }
        return true
    }

    static func print(_ octets: Octets, into text: inout [UInt8]) {
        for offset in 0..<octets.count {
            if offset > 0 { text.append(0x2D) }
            Hex.print(octets.u8(offset), into: &text)
        }
    }
}

/// 64 bits as four groups of up to four hexadecimal digits (RFC 6742 §2.1.2).
enum Locator {
    static let requirement = "four groups of hexadecimal digits, as in 2001:db8:1140:1000"

    static func parse(_ text: Octets, _ range: Range<Int>, into output: inout [UInt8]) -> Bool {
        let start = output.count
        var value: UInt64 = 0
        var digits = 0
        for offset in range {
            if let digit = Hex.digit(text.u8(offset)), digits < 4 {
                value = value &<< 4 | UInt64(digit)
                digits += 1
            } else {
                guard text.u8(offset) == 0x3A, digits > 0, output.count - start < 6 else { return false }
                append(value, size: 2, to: &output)
                (value, digits) = (0, 0)
            }
        }
        guard digits > 0, output.count - start == 6 else { return false }
        append(value, size: 2, to: &output)
        return true
    }

    static func print(_ octets: Octets, into text: inout [UInt8]) {
        for group in 0..<4 {
            if group > 0 { text.append(0x3A) }
            IPv6Address.printGroup(octets.u16(group * 2), into: &text)
        }
    }
}
