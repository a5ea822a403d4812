/// Octets whose number stands in the data: right before them, or apart.
enum CountedOctets {
    /// Hexadecimal digits, or `-` for none (RFC 5155 §3.3).
    static func parseSalt(
        _ scanner: inout Scanner, _ place: FieldPlace, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        let token = try scanner.required(place)
        let start = output.count
        output.append(0)
        if scanner.text.equals("-", token.range) { return }
        try Hex.parse(token, scanner.text, place, into: &output)
        try setCount(at: start, size: 1, output.count - start - 1, place, token, in: &output)
    }

    static func parseHash(
        _ scanner: inout Scanner, _ place: FieldPlace, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        let token = try scanner.required(place)
        let start = output.count
        output.append(0)
        try Base32.parse(token, scanner.text, place, into: &output)
        try setCount(at: start, size: 1, output.count - start - 1, place, token, in: &output)
    }

    /// The count is one octet at `countAt` in the data.
    static func parseHex(
        _ scanner: inout Scanner, _ place: FieldPlace, countAt: Int, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        let token = try scanner.required(place)
        let start = output.count
        try Hex.parse(token, scanner.text, place, into: &output)
        try setCount(at: place.start + countAt, size: 1, output.count - start, place, token, in: &output)
    }

    /// The count is two octets at `countAt` in the data.
    static func parseBase64(
        _ scanner: inout Scanner, _ place: FieldPlace, countAt: Int, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        let token = try scanner.required(place)
        let start = output.count
        try Base64.parse(token, scanner.text, place, into: &output)
        if output.count == start { throw place.mustBe(Base64.requirement, token) }
        try setCount(at: place.start + countAt, size: 2, output.count - start, place, token, in: &output)
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

    static func printSalt(_ octets: Octets, into text: inout [UInt8]) {
        if octets.count <= 1 { text.append(0x2D) }
        Hex.print(octets, from: 1, into: &text)
    }
}
