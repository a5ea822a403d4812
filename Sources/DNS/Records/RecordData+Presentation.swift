extension RecordData {
    /// Data from its presentation form, or from `\# n hex` (RFC 3597 §5). Relative names get `origin` added.
    public init(_ type: RecordType, _ text: String, origin: Name = .root) throws(SyntaxError) {
        let text = Array(text.utf8)
        var scanner = Scanner(text.span)
        var octets = GrowingOctets()
        let line = RecordRegistry.grammar.line(of: type)
        try RecordRegistry.grammar.parseData(line, &scanner, origin: GrowingOctets(origin.wire), into: &octets)
        try scanner.expectTextEnd()
        self.init(validated: octets.array, type: type)
    }

    /// Data from its uncompressed wire format.
    public init(type: RecordType, octets: Span<UInt8>) throws(WireError) {
        var copy: [UInt8] = []
        var reader = WireReader(octets, allowsPointers: false)
        try RecordRegistry.format(of: type).decode(&reader, count: octets.count, into: &copy)
        self.init(validated: copy, type: type)
    }

    /// Data from its uncompressed wire format.
    public init(type: RecordType, octets: [UInt8]) throws(WireError) {
        try self.init(type: type, octets: octets.span)
    }

    /// The canonical form (RFC 4034 §6.2).
    public var canonical: [UInt8] {
        var canonical: [UInt8] = []
        RecordRegistry.format(of: type).appendCanonical(octets.span, to: &canonical)
        return canonical
    }

    /// The fields of its type, each with its value in presentation form.
    public var fields: [(name: String, text: String)] {
        RecordRegistry.format(of: type).fields(of: octets.span)
    }

    func print(into text: inout [UInt8]) {
        RecordRegistry.format(of: type).print(octets.span, into: &text)
    }
}

extension RecordData: CustomStringConvertible {
    /// Presentation form.
    public var description: String {
        String(printing: print)
    }

    /// The form that every type has: `\# n hex` (RFC 3597 §5).
    public var genericDescription: String {
        String(printing: { OctetText.printGeneric(Octets(octets.span), into: &$0) })
    }
}

extension Record: CustomStringConvertible {
    /// Owner, TTL, class, type and data, with a blank between them.
    public var description: String {
        let text = data.description
        return "\(owner) \(ttl) \(recordClass) \(type)" + (text.isEmpty ? "" : " " + text)
    }

    /// A record from one line: owner, then TTL and class in either order or left out, type, data.
    public init(_ line: String, origin: Name = .root, defaultTTL: TTL = 3600) throws(SyntaxError) {
        let text = Array(line.utf8)
        var scanner = Scanner(text.span)
        let owner = try scanner.owner(origin: origin)
        var ttl: TTL?
        var recordClass: RecordClass?
        var type: RecordType?
        while type == nil {
            let token = try scanner.next()
            let word = scanner.text.string(token.range)
            if ttl == nil, let seconds = scanner.text.seconds(token.range) {
                ttl = TTL(seconds)
            } else if recordClass == nil, let named = RecordClass(word) {
                recordClass = named
            } else if let named = RecordType(word) {
                type = named
            } else {
                throw SyntaxError("a TTL, a class or the mnemonic of a type must stand here", token.range)
            }
        }
        var octets = GrowingOctets()
        let line = RecordRegistry.grammar.line(of: type ?? .any)
        try RecordRegistry.grammar.parseData(line, &scanner, origin: GrowingOctets(origin.wire), into: &octets)
        try scanner.expectTextEnd()
        self.init(
            owner: owner, recordClass: recordClass ?? .internet, ttl: ttl ?? defaultTTL,
            data: RecordData(validated: octets.array, type: type ?? .any))
    }
}

extension Scanner {
    fileprivate mutating func owner(origin: Name) throws(SyntaxError) -> Name {
        let token = try next()
        var wire = GrowingOctets(capacity: Name.maximumCount)
        do throws(NameError) {
            try Name.parse(text, token.range, origin: GrowingOctets(origin.wire), into: &wire)
        } catch {
            throw SyntaxError("the owner must be a name: \(error)", token.range)
        }
        return Name(validatedWire: wire.array)
    }

    /// Throws where another entry follows.
    fileprivate mutating func expectTextEnd() throws(SyntaxError) {
        if beginEntry() != nil { throw SyntaxError("only one record may stand here", position..<text.count) }
    }
}

extension Octets {
    func string(_ range: Range<Int>) -> String {
        String(printing: { for offset in range { $0.append(u8(offset)) } })
    }
}
