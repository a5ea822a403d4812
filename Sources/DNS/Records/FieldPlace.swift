/// Which field is being parsed: what its messages say, and where the record's data begins in the output.
struct FieldPlace {
    let type: RecordType
    let label: StaticString
    let start: Int

    /// A part of the field that has a name of its own.
    func of(_ label: StaticString) -> FieldPlace { FieldPlace(type: type, label: label, start: start) }

    /// "MX preference must be a number from 0 to 65535".
    @inline(never)
    func mustBe(_ requirement: String, _ token: Token) -> SyntaxError { mustBe(requirement, token.range) }

    @inline(never)
    func mustBe(_ requirement: String, _ range: Range<Int>) -> SyntaxError {
        SyntaxError("\(type) \(label) must be \(requirement)", range, .badData)
    }

    @inline(never)
    func must(_ requirement: String, _ range: Range<Int>) -> SyntaxError {
        SyntaxError("\(type) \(label) must \(requirement)", range, .badData)
    }

    /// "MX needs an exchange".
    @inline(never)
    func isMissing(at token: Token) -> SyntaxError {
        let name = label.description
        let isPlural = name.hasSuffix("data") || name.hasSuffix("s") && !name.hasSuffix("ss")
        let article = isPlural ? "" : "aeiouO".contains(name.prefix(1)) ? "an " : "a "
        return SyntaxError("\(type) needs \(article)\(name)", token.range, .badData)
    }

    func isOpaque(at token: Token) -> SyntaxError {
        SyntaxError(
            "\(type) data must be written as \\#, the number of octets, and the octets in hexadecimal", token.range,
            .badData)
    }

    /// Throws where a field that goes up to the end has fewer octets than it must.
    func expect(_ minimum: Int, _ count: Int, _ range: Range<Int>) throws(SyntaxError) {
        if count >= minimum { return }
        if count == 0 { throw isMissing(at: Token(kind: .end, start: range.lowerBound, end: range.upperBound)) }
        throw must("have at least \(minimum) octets", range)
    }
}

extension Scanner {
    /// The next token; an error where the entry ends instead.
    @inline(__always)
    mutating func required(_ place: FieldPlace) throws(SyntaxError) -> Token {
        let token = try next()
        if token.kind == .end { throw place.isMissing(at: token) }
        return token
    }

    /// The next token, or nil where the entry ends.
    mutating func optional() throws(SyntaxError) -> Token? {
        let token = try next()
        return token.kind == .end ? nil : token
    }

    /// A number that fits `size` octets, up to `maximum`.
    @inline(__always)
    mutating func number(
        size: Int, maximum: UInt64 = .max, _ place: FieldPlace, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        let token = try required(place)
        let maximum = min(UInt64.max &>> UInt64(64 - size * 8), maximum)
        guard let value = text.decimal(token.range, maximum: maximum) else {
            throw place.mustBe("a number from 0 to \(maximum)", token)
        }
        output.append(value, size: size)
    }

    /// One token that `parse` understands; it appends the octets, or nothing and says false.
    @inline(__always)
    mutating func word(
        _ place: FieldPlace, _ requirement: String, into output: inout GrowingOctets,
        _ parse: (Octets, Range<Int>, inout GrowingOctets) -> Bool
    ) throws(SyntaxError) {
        let token = try required(place)
        if !parse(text, token.range, &output) { throw place.mustBe(requirement, token) }
    }

    @inline(__always)
    mutating func name(
        _ place: FieldPlace, origin: borrowing GrowingOctets, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        try name(required(place), place, origin: origin, into: &output)
    }

    /// The name that a token is.
    @inline(__always)
    mutating func name(
        _ token: Token, _ place: FieldPlace, origin: borrowing GrowingOctets, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        do throws(NameError) {
            try Name.parse(text, token.range, origin: origin, into: &output)
        } catch {
            throw place.mustBe("a name: \(error)", token)
        }
    }

    /// Names up to the end of the entry.
    mutating func names(
        _ place: FieldPlace, origin: borrowing GrowingOctets, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        while let token = try optional() { try name(token, place, origin: origin, into: &output) }
    }
}
