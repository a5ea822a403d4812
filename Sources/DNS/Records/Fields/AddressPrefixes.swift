/// Lists of address prefixes (RFC 3123 §4): family, prefix length, negation and length, and the octets of the
/// address up to the last one that is not zero.
enum AddressPrefixes {
    static let requirement = "a family, a prefix and its length, as in 1:192.0.2.0/24 or !2:2001:db8::/32"

    static func parseRest(
        _ scanner: inout Scanner, _ place: FieldPlace, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        while let token = try scanner.optional() {
            if !parse(scanner.text, token.range, into: &output) { throw place.mustBe(requirement, token) }
        }
    }

    private static func parse(_ text: Octets, _ range: Range<Int>, into output: inout GrowingOctets) -> Bool {
        let isNegated = !range.isEmpty && text.u8(range.lowerBound) == 0x21
        let start = range.lowerBound + (isNegated ? 1 : 0)
        guard range.upperBound - start > 4, text.u8(start + 1) == 0x3A else { return false }
        guard let slash = range.last(where: { text.u8($0) == 0x2F }), slash > start + 2 else { return false }
        let family = text.u8(start) &- 0x30
        guard family == 1 || family == 2 else { return false }
        let maximum: UInt64 = family == 1 ? 32 : 128
        guard let prefix = text.decimal((slash + 1)..<range.upperBound, maximum: maximum) else { return false }
        output.append(UInt64(family), size: 2)
        output.append(UInt8(truncatingIfNeeded: prefix))
        output.append(0)
        let address = output.count
        let isAddress =
            family == 1
            ? IPv4Address.parse(text, (start + 2)..<slash, into: &output)
            : IPv6Address.parse(text, (start + 2)..<slash, into: &output)
        guard isAddress else { return false }
        while output.count > address, output[output.count - 1] == 0 { output.truncate(to: output.count - 1) }
        output[address - 1] = UInt8(output.count - address) | (isNegated ? 0x80 : 0)
        return true
    }

    static func isLawful(_ octets: Octets) -> Bool {
        var offset = 0
        while offset < octets.count {
            guard octets.count - offset >= 4 else { return false }
            let family = octets.u16(offset)
            let count = Int(octets.u8(offset + 3) & 0x7F)
            guard family == 1 || family == 2, octets.u8(offset + 2) <= (family == 1 ? 32 : 128) else { return false }
            guard count <= (family == 1 ? 4 : 16), count <= octets.count - offset - 4 else { return false }
            if count > 0, octets.u8(offset + 3 + count) == 0 { return false }
            offset += 4 + count
        }
        return true
    }

    static func print(_ octets: Octets, into text: inout [UInt8]) {
        var offset = 0
        while offset + 4 <= octets.count {
            if offset > 0 { text.append(0x20) }
            let isVersion4 = octets.u16(offset) == 1
            let count = min(Int(octets.u8(offset + 3) & 0x7F), octets.count - offset - 4, 16)
            if octets.u8(offset + 3) & 0x80 != 0 { text.append(0x21) }
            text.append(isVersion4 ? 0x31 : 0x32)
            text.append(0x3A)
            var address: [UInt8] = []
            for index in 0..<count { address.append(octets.u8(offset + 4 + index)) }
            address.append(contentsOf: repeatElement(0, count: 16 - count))
            if isVersion4 {
                IPv4Address.print(Octets(address.span), into: &text)
            } else {
                IPv6Address.print(Octets(address.span), into: &text)
            }
            text.append(0x2F)
            appendDecimal(UInt64(octets.u8(offset + 2)), to: &text)
            offset += 4 + count
        }
    }
}
