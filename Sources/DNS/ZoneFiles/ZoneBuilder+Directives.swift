/// What begins with $: $ORIGIN and $INCLUDE (RFC 1035 §5.1), $TTL (RFC 2308 §4), and $GENERATE, which is BIND's.
extension ZoneBuilder {
    private static let directives = ["$ORIGIN", "$TTL", "$INCLUDE", "$GENERATE"]

    mutating func parseDirective(_ token: Token, _ scanner: inout Scanner) throws(SyntaxError) {
        if isPiece { throw SyntaxError("a directive may change what is behind it", token.range) }
        let word = shown(scanner.text, token)
        switch word.uppercased() {
        case "$ORIGIN": try parseOrigin(&scanner)
        case "$TTL": try parseDefaultTTL(&scanner)
        case "$INCLUDE": try parseInclude(&scanner)
        case "$GENERATE": try generate(&scanner, start: token.start)
        default:
            let suggestion = Suggestion.text(for: word, among: ZoneBuilder.directives)
            throw SyntaxError(
                "\(word) is not a directive"
                    + (suggestion.isEmpty ? "; there are $ORIGIN, $TTL, $INCLUDE and $GENERATE" : suggestion),
                token.range)
        }
    }

    private mutating func parseOrigin(_ scanner: inout Scanner) throws(SyntaxError) {
        let token = try operand(&scanner, "$ORIGIN must be followed by a name")
        let name = try origin(scanner.text, token)
        try expectEnd(&scanner, "$ORIGIN takes one name")
        setOrigin(name)
    }

    private mutating func parseDefaultTTL(_ scanner: inout Scanner) throws(SyntaxError) {
        let token = try operand(&scanner, "$TTL must be followed by a TTL, as in $TTL 3600")
        let ttl = try RecordHeader.ttl(scanner.text, token)
        try expectEnd(&scanner, "$TTL takes one TTL")
        defaultTTL = ttl
        noteTTL()
    }

    private mutating func parseInclude(_ scanner: inout Scanner) throws(SyntaxError) {
        let token = try operand(&scanner, "$INCLUDE must be followed by the name of a file")
        let path = try path(scanner.text, token)
        var origin = self.origin
        let second = try scanner.next()
        if second.kind != .end {
            origin = try self.origin(scanner.text, second)
            try expectEnd(&scanner, "$INCLUDE takes a file and an origin, and nothing else")
        }
        inclusion = Inclusion(path: path, origin: origin, range: token.range)
    }

    func operand(_ scanner: inout Scanner, _ message: String) throws(SyntaxError) -> Token {
        let token = try scanner.next()
        if token.kind == .end { throw SyntaxError(message, token.start..<token.start) }
        return token
    }

    private func expectEnd(_ scanner: inout Scanner, _ message: String) throws(SyntaxError) {
        let token = try scanner.next()
        if token.kind != .end { throw SyntaxError(message, token.range) }
    }

    private func origin(_ text: Octets, _ token: Token) throws(SyntaxError) -> Name {
        var wire = GrowingOctets(capacity: Name.maximumCount)
        do throws(NameError) {
            try Name.parse(text, token.range, origin: originWire, into: &wire)
        } catch {
            throw SyntaxError("origin must be a name: \(error)", token.range)
        }
        return Name(validatedWire: wire.array)
    }

    var origin: Name { Name(validatedWire: originWire.array) }

    mutating func setOrigin(_ name: Name) {
        originWire = GrowingOctets(name.wire)
        isOriginInZone = isInZone(originWire)
        // The same text may now state another owner.
        ownerToken = 0..<0
    }

    /// The path that a token means, relative to the directory of the file it stands in.
    private func path(_ text: Octets, _ token: Token) throws(SyntaxError) -> String {
        var octets: [UInt8] = []
        var position = token.start
        while position < token.end {
            do throws(NameError) {
                octets.append(try Name.octet(of: text, at: &position, before: token.end))
            } catch {
                throw SyntaxError(error.description, token.range)
            }
        }
        if octets.isEmpty || octets.contains(0) {
            throw SyntaxError("the name of a file must not be empty or have \\000 in it", token.range)
        }
        let path = String(decoding: octets, as: UTF8.self)
        let including = includingPaths.last ?? ""
        guard octets[0] != 0x2F, let slash = including.utf8.lastIndex(of: 0x2F) else { return path }
        return String(including[...slash]) + path
    }

    /// Parses the file of an $INCLUDE. Behind it, origin and owner are as they were (RFC 1035 §5.1 says so of the
    /// origin, and BIND does so with the owner); TTLs stated in it stay.
    mutating func include(_ inclusion: Inclusion, read: Read) {
        if includingPaths.contains(inclusion.path) {
            return problems.report(
                .syntax, file: file, inclusion.range,
                "\(inclusion.path) is being included already, so this would never end")
        }
        if includingPaths.count > Limits.includeDepth {
            return problems.report(
                .syntax, file: file, inclusion.range,
                "files must not be included more than \(Limits.includeDepth) deep")
        }
        if zone.files.count > Limits.includedFiles {
            return stop("a zone must not include more than \(Limits.includedFiles) files", inclusion.range)
        }
        let (including, stated) = ((file, fileStart), statedOwner)
        let origin = self.origin
        setOrigin(inclusion.origin)
        parseFile(inclusion.path, includedAt: inclusion.range, read: read)
        (file, fileStart) = including
        statedOwner = stated
        setOrigin(origin)
    }
}
