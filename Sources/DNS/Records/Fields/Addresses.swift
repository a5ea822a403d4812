/// Four octets in decimal (RFC 1035 §3.4.1).
enum IPv4Address {
    static let requirement = "an IPv4 address, as in 192.0.2.1"

    static func parse(_ text: Octets, _ range: Range<Int>, into output: inout GrowingOctets) -> Bool {
        guard let value = value(text, range) else { return false }
        output.append(UInt64(value), size: 4)
        return true
    }

    static func value(_ text: Octets, _ range: Range<Int>) -> UInt32? {
        7...15 ~= range.count ? text.ipv4(range.lowerBound, count: range.count) : nil
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

    static func parse(_ text: Octets, _ range: Range<Int>, into output: inout GrowingOctets) -> Bool {
        guard let value = value(text, range) else { return false }
        output.append(UInt64(truncatingIfNeeded: value &>> 64), size: 8)
        output.append(UInt64(truncatingIfNeeded: value), size: 8)
        return true
    }

    static func value(_ text: Octets, _ range: Range<Int>) -> UInt128? {
        var value: UInt128 = 0
        /// Groups so far, and how many of them stood before `::`.
        var groups = 0
        var gap: Int?
        var offset = range.lowerBound
        let end = range.upperBound
        if end - offset >= 2, text.u8(offset) == 0x3A, text.u8(offset + 1) == 0x3A {
            gap = 0
            offset += 2
        }
        while offset < end {
            if groups == 8 { return nil }
            let start = offset
            var group: UInt32 = 0
            while offset < end {
                let digit = Hex.value(text.u8(offset))
                if digit > 15 || offset &- start == 4 { break }
                group = group &<< 4 | UInt32(digit)
                offset &+= 1
            }
            if offset < end, text.u8(offset) == 0x2E {
                guard groups <= 6, let last = IPv4Address.value(text, start..<end) else { return nil }
                value = value &<< 32 | UInt128(last)
                groups += 2
                break
            }
            if offset == start { return nil }
            value = value &<< 16 | UInt128(truncatingIfNeeded: group)
            groups &+= 1
            if offset == end { break }
            guard text.u8(offset) == 0x3A, offset &+ 1 < end else { return nil }
            offset &+= 1
            if text.u8(offset) == 0x3A {
                guard gap == nil else { return nil }
                gap = groups
                offset += 1
            }
        }
        return filled(value, groups, gap)
    }

    /// The value with zeros in the place of `::`, which stands for one group at least.
    private static func filled(_ value: UInt128, _ groups: Int, _ gap: Int?) -> UInt128? {
        guard let gap else { return groups == 8 ? value : nil }
        if groups == 8 { return nil }
        let behind = UInt128(groups - gap) * 16
        let tail = value & ((1 &<< behind) &- 1)
        // Shifted twice, since all 128 bits at once would be no shift.
        let head = ((value &>> behind) &<< (UInt128(7 - gap) * 16)) &<< 16
        return head | tail
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
    static func parse(
        _ scanner: inout Scanner, _ place: FieldPlace, count: Int, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        let requirement =
            count == 6 ? "six octets, as in 00-00-5e-00-53-2a" : "eight octets, as in 00-00-5e-ef-10-00-00-2a"
        try scanner.word(place, requirement, into: &output) { text, range, output in
            guard range.count == count * 3 - 1 else { return false }
            for offset in stride(from: range.lowerBound, to: range.upperBound, by: 3) {
                guard let high = Hex.digit(text.u8(offset)), let low = Hex.digit(text.u8(offset + 1)),
                    offset + 2 == range.upperBound || text.u8(offset + 2) == 0x2D
                else { return false }
                output.append(high &<< 4 | low)
            }
            return true
        }
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

    static func parse(_ text: Octets, _ range: Range<Int>, into output: inout GrowingOctets) -> Bool {
        let start = output.count
        var value: UInt64 = 0
        var digits = 0
        for offset in range {
            if let digit = Hex.digit(text.u8(offset)), digits < 4 {
                value = value &<< 4 | UInt64(digit)
                digits += 1
            } else {
                guard text.u8(offset) == 0x3A, digits > 0, output.count - start < 6 else { return false }
                output.append(value, size: 2)
                (value, digits) = (0, 0)
            }
        }
        guard digits > 0, output.count - start == 6 else { return false }
        output.append(value, size: 2)
        return true
    }

    static func print(_ octets: Octets, into text: inout [UInt8]) {
        for group in 0..<4 {
            if group > 0 { text.append(0x3A) }
            IPv6Address.printGroup(octets.u16(group * 2), into: &text)
        }
    }
}
