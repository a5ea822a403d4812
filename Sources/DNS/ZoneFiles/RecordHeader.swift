/// What stands between the owner of a record and its data: TTL and class, in either order or not at all, and the
/// type (RFC 1035 §5.1).
struct RecordHeader {
    var line = RecordGrammar.Line(type: RecordType(0), fields: 0..<0)
    /// Nil where it is left out.
    var ttl: UInt32?

    /// Parses from `first` on, up to and including the type.
    mutating func parse(
        _ scanner: inout Scanner, _ first: Token, _ grammar: RecordGrammar
    ) throws(SyntaxError) {
        var token = first
        var hasClass = false
        while true {
            guard token.kind != .end else { throw RecordHeader.noType(token) }
            let text = scanner.text
            if token.count > 0, ASCII.isDigit(text.u8(token.start)) {
                if ttl != nil { throw RecordHeader.secondTTL(text, token) }
                ttl = try RecordHeader.ttl(text, token)
            } else if RecordHeader.isInternet(text, token) {
                if hasClass { throw RecordHeader.secondClass(token) }
                hasClass = true
            } else {
                line = try RecordHeader.line(text, token, grammar)
                return
            }
            token = try scanner.next()
        }
    }

    /// Whether a word is the class IN, also as CLASS1.
    @inline(__always)
    static func isInternet(_ text: Octets, _ token: Token) -> Bool {
        if token.count == 2 { return text.u16(token.start) | 0x2020 == 0x696E }
        return token.count > 5 && text.u8(token.start) | 0x20 == 0x63 && RecordClass(shown(text, token)) == .internet
    }

    /// An address where a type must be tells which one was forgotten.
    private static func forgottenType(_ text: Octets, _ token: Token) -> SyntaxError? {
        if IPv4Address.value(text, token.range) != nil {
            return SyntaxError("a type must stand before the data: A before an IPv4 address", token.range)
        }
        if IPv6Address.value(text, token.range) != nil {
            return SyntaxError("a type must stand before the data: AAAA before an IPv6 address", token.range)
        }
        return nil
    }

    @inline(never)
    private static func noType(_ token: Token) -> SyntaxError {
        SyntaxError("a record type such as A or MX must follow", token.start..<token.start)
    }

    @inline(never)
    private static func secondClass(_ token: Token) -> SyntaxError {
        SyntaxError("a record has one class; this is a second one", token.range)
    }

    @inline(never)
    private static func secondTTL(_ text: Octets, _ token: Token) -> SyntaxError {
        forgottenType(text, token) ?? SyntaxError("a record has one TTL; this is a second one", token.range)
    }

    /// A TTL, where a word begins with a digit or where one must be.
    static func ttl(_ text: Octets, _ token: Token) throws(SyntaxError) -> UInt32 {
        guard let seconds = text.seconds(token.range), seconds <= TTL.maximum else {
            throw forgottenType(text, token)
                ?? SyntaxError(
                    "TTL must be seconds from 0 to \(TTL.maximum), also written as in 1h30m", token.range)
        }
        return seconds
    }

    @inline(__always)
    private static func line(
        _ text: Octets, _ token: Token, _ grammar: RecordGrammar
    ) throws(SyntaxError) -> RecordGrammar.Line {
        guard let line = grammar.line(text, token.start, token.end) else { throw unknownType(text, token) }
        if line.type.isMeta { throw meta(line.type, token) }
        return line
    }

    @inline(never)
    private static func meta(_ type: RecordType, _ token: Token) -> SyntaxError {
        SyntaxError("\(type) is a type of questions or messages and cannot be in a zone", token.range)
    }

    @inline(never)
    private static func unknownType(_ text: Octets, _ token: Token) -> SyntaxError {
        let word = shown(text, token)
        // No type is the mnemonic of a class but ANY, whose message as a type helps more.
        if RecordClass(word) != nil { return SyntaxError("class must be IN, not \(word)", token.range) }
        let number = word.uppercased()
        if number.hasPrefix("TYPE"), number.utf8.count > 4, number.utf8.dropFirst(4).allSatisfy(ASCII.isDigit) {
            return SyntaxError("the number of a type must be from 0 to 65535", token.range)
        }
        if number.hasPrefix("CLASS"), number.utf8.count > 5, number.utf8.dropFirst(5).allSatisfy(ASCII.isDigit) {
            return SyntaxError("class must be IN, not \(word)", token.range)
        }
        if let forgotten = forgottenType(text, token) { return forgotten }
        let candidates = RecordRegistry.formats.filter { $0.flags.isDisjoint(with: [.meta, .dataless, .obsolete]) }
        let suggestion = Suggestion.text(for: word, among: candidates.map(\.mnemonic))
        return SyntaxError("\(word) is not a record type\(suggestion)", token.range, .unknownType)
    }
}

extension PlainWords {
    /// The same of plain words: the type, behind a TTL and the class if they are there, in this order.
    @inline(__always)
    mutating func header(_ grammar: RecordGrammar) -> RecordHeader? {
        guard var token = next() else { return nil }
        var header = RecordHeader()
        if ASCII.isDigit(text.u8(token.start)) {
            guard token.count <= 8, let ttl = text.digits(token.start, token.count), let behind = next() else {
                return nil
            }
            header.ttl = UInt32(truncatingIfNeeded: ttl)
            token = behind
        }
        if token.count == 2, RecordHeader.isInternet(text, token) {
            guard let behind = next() else { return nil }
            token = behind
        }
        guard let line = grammar.line(text, token.start, token.end), !line.type.isMeta else { return nil }
        header.line = line
        return header
    }
}

/// A word of a file as it is shown in a message: not too long.
func shown(_ text: Octets, _ token: Token) -> String {
    text.string(token.start..<(token.start + min(token.count, 40))) + (token.count > 40 ? "…" : "")
}
