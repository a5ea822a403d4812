/// The options of OPT (RFC 6891 §6.1.2): number, length and octets each.
///
/// No RFC gives them a presentation form; ours is the number, `=` and the octets in hexadecimal.
enum Options {
    static let requirement = "the number of an option, = and hexadecimal digits, as in 10=0011223344556677"

    static func parseRest(
        _ scanner: inout Scanner, _ place: FieldPlace, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        while let token = try scanner.optional() {
            let text = scanner.text
            guard let equals = token.range.first(where: { text.u8($0) == 0x3D }),
                let number = text.decimal(token.start..<equals, maximum: 65_535)
            else { throw place.mustBe(requirement, token) }
            output.append(number, size: 2)
            let start = output.count
            output.append(0, size: 2)
            if equals + 1 < token.end {
                try Hex.parse(Token(kind: .word, start: equals + 1, end: token.end), text, place, into: &output)
            }
            let count = output.count - start - 2
            if count > RecordData.maximumCount { throw place.must("have at most 65535 octets", token.range) }
            output[start] = UInt8(truncatingIfNeeded: count &>> 8)
            output[start + 1] = UInt8(truncatingIfNeeded: count)
        }
    }

    static func isLawful(_ octets: Octets) -> Bool {
        var offset = 0
        while octets.count - offset >= 4 { offset += 4 + Int(octets.u16(offset + 2)) }
        return offset == octets.count
    }

    static func print(_ octets: Octets, into text: inout [UInt8]) {
        var offset = 0
        while octets.count - offset >= 4 {
            if offset > 0 { text.append(0x20) }
            appendDecimal(UInt64(octets.u16(offset)), to: &text)
            text.append(0x3D)
            let count = min(Int(octets.u16(offset + 2)), octets.count - offset - 4)
            Hex.print(Octets(octets.span(offset + 4, count)), into: &text)
            offset += 4 + count
        }
    }
}
