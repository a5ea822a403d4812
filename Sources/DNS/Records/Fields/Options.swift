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
                try OctetText.hex.parse(
                    Token(kind: .word, start: equals + 1, end: token.end), text, place, into: &output)
            }
            let count = output.count - start - 2
            if count > RecordData.maximumCount { throw place.must("have at most 65535 octets", token.range) }
            output[start] = UInt8(truncatingIfNeeded: count &>> 8)
            output[start + 1] = UInt8(truncatingIfNeeded: count)
        }
    }

    static func isLawful(_ octets: Octets) -> Bool { octets.forEachParameter { _, _ in true } }

    static func print(_ octets: Octets, into text: inout [UInt8]) {
        _ = octets.forEachParameter { number, value in
            if value.lowerBound > 4 { text.append(0x20) }
            appendDecimal(UInt64(number), to: &text)
            text.append(0x3D)
            OctetText.hex.print(Octets(octets.span(value.lowerBound, value.count)), into: &text)
            return true
        }
    }
}

extension Octets {
    /// Calls `body` for number, length and value that stand one behind the other, with where the value stands, as long as
    /// it says true. Says whether it always did and the last of them is whole.
    func forEachParameter(_ body: (_ number: UInt16, _ value: Range<Int>) -> Bool) -> Bool {
        var offset = 0
        while offset < count {
            guard count - offset >= 4 else { return false }
            let end = offset + 4 + Int(u16(offset + 2))
            guard end <= count, body(u16(offset), (offset + 4)..<end) else { return false }
            offset = end
        }
        return true
    }
}
