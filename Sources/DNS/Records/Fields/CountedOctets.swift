/// Octets whose number stands in the data: right before them, or apart.
enum CountedOctets {
    /// A length octet and octets, or `-` where there are none and that is lawful (RFC 5155 §3.3).
    static func parse(
        _ form: OctetText, _ scanner: inout Scanner, _ place: FieldPlace, dash: Bool, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        let token = try scanner.required(place)
        let start = output.count
        output.append(0)
        if dash, scanner.text.equals("-", token.range) { return }
        try form.parse(token, scanner.text, place, into: &output)
        try setCount(at: start, size: 1, output.count - start - 1, place, token, in: &output)
    }

    /// The count is `size` octets at `countAt` in the data.
    static func parseApart(
        _ form: OctetText, _ scanner: inout Scanner, _ place: FieldPlace, countAt: Int, size: Int,
        into output: inout GrowingOctets
    ) throws(SyntaxError) {
        let token = try scanner.required(place)
        let start = output.count
        try form.parse(token, scanner.text, place, into: &output)
        try setCount(at: place.start + countAt, size: size, output.count - start, place, token, in: &output)
    }

    private static func setCount(
        at offset: Int, size: Int, _ count: Int, _ place: FieldPlace, _ token: Token, in output: inout GrowingOctets
    ) throws(SyntaxError) {
        let maximum = size == 1 ? 255 : 65_535
        if count > maximum { throw place.must("have at most \(maximum) octets", token.range) }
        for index in 0..<size {
            output[offset + index] = UInt8(truncatingIfNeeded: count &>> ((size - 1 - index) * 8))
        }
    }

    /// A number of two octets and as many octets in base64, which are one token where there are any.
    static func parseSized(
        _ scanner: inout Scanner, _ place: FieldPlace, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        let start = output.count
        try scanner.number(size: 2, place, into: &output)
        let count = Int(output.octets(from: start).u16(0))
        if count == 0 { return }
        let token = try scanner.required(place)
        try OctetText.base64.parse(token, scanner.text, place, into: &output)
        if output.count - start - 2 != count { throw place.must("have \(count) octets", token.range) }
    }

    static func printSized(_ octets: Octets, into text: inout [UInt8]) {
        appendDecimal(UInt64(octets.u16(0)), to: &text)
        if octets.count > 2 { text.append(0x20) }
        OctetText.base64.print(octets, from: 2, into: &text)
    }

    /// Octets in base64 up to the end of the entry, or `-` for none.
    static func parseDashed(
        _ scanner: inout Scanner, _ place: FieldPlace, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        let first = try scanner.required(place)
        if scanner.text.equals("-", first.range) { return }
        scanner.putBack(first)
        try OctetText.base64.parseRest(&scanner, place, minimum: 1, into: &output)
    }

    /// Prints the octets from `start` on, or `-` where there are none.
    static func printDashed(_ form: OctetText, _ octets: Octets, from start: Int, into text: inout [UInt8]) {
        if octets.count <= start { text.append(0x2D) }
        form.print(octets, from: start, into: &text)
    }
}
