/// Character strings (RFC 1035 §3.3 and §5.1).
enum CharacterString {
    static let maximumCount = 255
    /// Appends what the token stands for, without a length.
    static func unescape(
        _ token: Token, _ text: Octets, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        if !token.hasEscape { return output.append(text, token.start, count: token.count) }
        var offset = token.start
        while offset < token.end {
            let start = offset
            do throws(NameError) {
                output.append(try Name.octet(of: text, at: &offset, before: token.end))
            } catch {
                throw SyntaxError(error.description, start..<min(start + 4, token.end))
            }
        }
    }

    /// Appends the string with its length.
    static func parse(
        _ token: Token, _ text: Octets, _ place: FieldPlace, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        let start = output.count
        output.append(0)
        try unescape(token, text, into: &output)
        guard let count = UInt8(exactly: output.count - start - 1) else {
            throw place.mustBe("a string of at most \(maximumCount) octets", token)
        }
        output[start] = count
    }

    /// Prints octets between quotation marks.
    static func print(_ octets: Octets, _ range: Range<Int>, into text: inout [UInt8]) {
        text.append(0x22)
        for offset in range { printEscaped(octets.u8(offset), into: &text) }
        text.append(0x22)
    }

    /// Prints the strings that stand one behind the other.
    static func printAll(_ octets: Octets, into text: inout [UInt8]) {
        var offset = 0
        while offset < octets.count {
            if offset > 0 { text.append(0x20) }
            let end = min(offset + 1 + Int(octets.u8(offset)), octets.count)
            print(octets, (offset + 1)..<end, into: &text)
            offset = end
        }
    }

    static func printEscaped(_ octet: UInt8, into text: inout [UInt8]) {
        switch octet {
        case 0x22, 0x5C:
            text.append(0x5C)
            text.append(octet)
        case 0x20...0x7E: text.append(octet)
        default: appendDecimalEscape(octet, to: &text)
        }
    }
}

extension Octets {
    /// Whether they are one string or more, and nothing else.
    var areStrings: Bool {
        var offset = 0
        while offset < count { offset += 1 + Int(u8(offset)) }
        return count > 0 && offset == count
    }
}

extension Scanner {
    mutating func string(_ place: FieldPlace, into output: inout GrowingOctets) throws(SyntaxError) {
        try CharacterString.parse(required(place), text, place, into: &output)
    }

    /// A string of one octet or more that is lawful; the check gets it with its length.
    mutating func string(
        _ place: FieldPlace, _ requirement: String, into output: inout GrowingOctets, _ isLawful: (Octets) -> Bool
    ) throws(SyntaxError) {
        let token = try required(place)
        let start = output.count
        try CharacterString.parse(token, text, place, into: &output)
        let octets = output.octets(from: start)
        if octets.count == 1 || !isLawful(octets) { throw place.mustBe(requirement, token) }
    }

    mutating func optionalString(_ place: FieldPlace, into output: inout GrowingOctets) throws(SyntaxError) {
        guard let token = try optional() else { return }
        try CharacterString.parse(token, text, place, into: &output)
    }

    /// One string or more, up to the end of the entry.
    mutating func strings(_ place: FieldPlace, into output: inout GrowingOctets) throws(SyntaxError) {
        try string(place, into: &output)
        while let token = try optional() { try CharacterString.parse(token, text, place, into: &output) }
    }

    /// One token as octets without a length.
    mutating func text(_ place: FieldPlace, minimum: Int, into output: inout GrowingOctets) throws(SyntaxError) {
        let token = try required(place)
        let start = output.count
        try CharacterString.unescape(token, text, into: &output)
        if output.count - start < minimum { throw place.must("not be empty", token.range) }
    }
}
