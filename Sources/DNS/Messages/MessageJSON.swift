/// Prints messages as members of JSON objects (RFC 8427) straight from their octets, for programs that print very many.
public struct MessageJSON: ~Copyable {
    private var text = GrowingOctets(capacity: 4_096)
    /// The question's name as a string of JSON.
    private var asked = GrowingOctets()
    /// Of the record that is printed: its owner, its data, and the presentation form of one of them.
    private var owner: [UInt8] = []
    private var data: [UInt8] = []
    private var presentation: [UInt8] = []
    private let words = JSONWords()

    public init() {}

    /// Appends the members of a message, without the braces around them, and a comma behind; `output` is as it was where
    /// the message cannot be read.
    /// - Parameters:
    ///   - question: what was asked, which the message's own question must be, if it has one; its name is printed as it
    ///     stands here.
    /// - Returns: the response code, whose upper bits are in the OPT record.
    public mutating func print(
        _ message: Span<UInt8>, to question: Question, into output: inout [UInt8]
    ) throws(WireError) -> ResponseCode {
        text.truncate(to: 0)
        var reader = WireReader(message)
        let id = try reader.u16()
        let flags = try reader.u16()
        member(words.id, UInt64(id))
        member(words.response, UInt64(flags >> 15))
        member(words.opcode, UInt64(flags >> 11 & 15))
        // AA is bit 10; Z stands between RA and AD.
        for (index, bit) in ([10, 9, 8, 7, 5, 4] as [UInt16]).enumerated() {
            member(words.flags[index], UInt64(flags >> bit & 1))
        }
        member(words.code, UInt64(flags & 15))
        let counts = (try reader.u16(), try reader.u16(), try reader.u16(), try reader.u16())
        guard counts.0 <= 1 else { throw .badRecordData }
        if counts.0 == 1 { try reader.skip(question.name.wire.count + 4) }
        member(words.counts[0], UInt64(counts.0))
        member(words.counts[1], UInt64(counts.1))
        member(words.counts[2], UInt64(counts.2))
        member(words.counts[3], UInt64(counts.3))
        appendQuestion(question)
        var code = flags & 15
        let isRepeated = counts.0 == 1
        try section(words.answer, counts.1, &reader, isRepeated, &code)
        try section(words.authority, counts.2, &reader, isRepeated, &code)
        try section(words.additional, counts.3, &reader, isRepeated, &code, mayHaveOPT: true)
        if !reader.isAtEnd { throw .trailingOctets }
        text.append(to: &output)
        return ResponseCode(rawValue: code)
    }

    /// Appends the members of a question alone, as `print` does.
    public mutating func print(_ question: Question, into output: inout [UInt8]) {
        text.truncate(to: 0)
        appendQuestion(question)
        text.append(to: &output)
    }

    private mutating func appendQuestion(_ question: Question) {
        asked.truncate(to: 0)
        Self.append(name: question.name.wire, to: &asked, &presentation)
        text.append(words.name)
        text.append(asked)
        text.append(0x2C)
        member(words.type, UInt64(question.type.rawValue))
        member(words.recordClass, UInt64(question.recordClass.rawValue))
    }

    private mutating func member(_ word: [UInt8], _ value: UInt64) {
        text.append(word)
        text.append(decimal: value)
        text.append(0x2C)
    }

    /// Appends a name in quotes; `presentation` is working memory.
    private static func append(name wire: [UInt8], to text: inout GrowingOctets, _ presentation: inout [UInt8]) {
        presentation.removeAll(keepingCapacity: true)
        Name.print(wire.span, into: &presentation)
        text.append(quoted: presentation)
    }
}

// MARK: Records

extension MessageJSON {
    /// - Parameters:
    ///   - isRepeated: whether a pointer to the 12th octet is the question's name.
    ///   - code: gets the upper bits that an OPT record has.
    private mutating func section(
        _ word: [UInt8], _ count: UInt16, _ reader: inout WireReader, _ isRepeated: Bool, _ code: inout UInt16,
        mayHaveOPT: Bool = false
    ) throws(WireError) {
        if count == 0 { return }
        text.append(word)
        var hasOPT = false
        for number in 0..<count {
            if number > 0 { text.append(0x2C) }
            owner.removeAll(keepingCapacity: true)
            text.append(words.owner)
            if isRepeated, reader.isAtPointer(to: Header.count) {
                try reader.skip(2)
                text.append(asked)
            } else {
                try reader.name(into: &owner)
                Self.append(name: owner, to: &text, &presentation)
            }
            text.append(0x2C)
            let type = RecordType(try reader.u16())
            if mayHaveOPT, type == .opt {
                guard owner.count == 1, !hasOPT else { throw .badOption }
                hasOPT = true
                try option(&reader, &code)
            } else {
                try record(type, &reader)
            }
        }
        text.append(words.sectionEnd)
    }

    private mutating func record(_ type: RecordType, _ reader: inout WireReader) throws(WireError) {
        try head(type, &reader)
        let count = Int(try reader.u16())
        let format = RecordRegistry.format(of: type)
        data.removeAll(keepingCapacity: true)
        try format.decode(&reader, count: count, into: &data)
        appendData()
        text.append(words.data)
        presentation.removeAll(keepingCapacity: true)
        type.print(into: &presentation)
        text.append(presentation)
        text.append(words.quoteColon)
        Self.append(data: data, format, to: &text, &presentation)
        text.append(0x7D)
    }

    private static func append(
        data: [UInt8], _ format: RecordFormat, to text: inout GrowingOctets, _ presentation: inout [UInt8]
    ) {
        presentation.removeAll(keepingCapacity: true)
        format.print(data.span, into: &presentation)
        text.append(quoted: presentation)
    }

    /// The OPT record (RFC 6891 §6.1.2), whose class and TTL are something else.
    private mutating func option(_ reader: inout WireReader, _ code: inout UInt16) throws(WireError) {
        let ttl = try head(.opt, &reader)
        code |= UInt16(ttl >> 24) << 4
        let count = Int(try reader.u16())
        data.removeAll(keepingCapacity: true)
        var options = reader
        _ = try EDNS.options(from: &options, count: count)
        try reader.octets(count, into: &data)
        appendData()
        text.append(0x7D)
    }

    @discardableResult
    private mutating func head(_ type: RecordType, _ reader: inout WireReader) throws(WireError) -> UInt32 {
        member(words.recordType, UInt64(type.rawValue))
        member(words.class, UInt64(try reader.u16()))
        let ttl = try reader.u32()
        // Of other records a TTL with the highest bit is 0 (RFC 2181 §8).
        member(words.ttl, UInt64(type == .opt ? ttl : TTL(ttl).seconds))
        return ttl
    }

    private mutating func appendData() {
        member(words.count, UInt64(data.count))
        text.append(words.hex)
        text.append(hexOf: data)
        text.append(0x22)
    }
}

/// What stands before values.
private struct JSONWords {
    let id = Array("\"ID\":".utf8)
    let response = Array("\"QR\":".utf8)
    let opcode = Array("\"Opcode\":".utf8)
    let flags = ["AA", "TC", "RD", "RA", "AD", "CD"].map { Array("\"\($0)\":".utf8) }
    let code = Array("\"RCODE\":".utf8)
    let counts = ["QD", "AN", "NS", "AR"].map { Array("\"\($0)COUNT\":".utf8) }
    let name = Array("\"QNAME\":".utf8)
    let type = Array("\"QTYPE\":".utf8)
    let recordClass = Array("\"QCLASS\":".utf8)
    let answer = Array("\"answerRRs\":[".utf8)
    let authority = Array("\"authorityRRs\":[".utf8)
    let additional = Array("\"additionalRRs\":[".utf8)
    let owner = Array("{\"NAME\":".utf8)
    let recordType = Array("\"TYPE\":".utf8)
    let `class` = Array("\"CLASS\":".utf8)
    let ttl = Array("\"TTL\":".utf8)
    let count = Array("\"RDLENGTH\":".utf8)
    let hex = Array("\"RDATAHEX\":\"".utf8)
    let data = Array(",\"rdata".utf8)
    let quoteColon = Array("\":".utf8)
    let sectionEnd = Array("],".utf8)
}

extension WireReader {
    fileprivate func isAtPointer(to target: Int) -> Bool {
        remaining >= 2 && Int(octets.u16(offset)) == 0xC000 | target
    }
}

extension GrowingOctets {
    fileprivate mutating func append(decimal value: UInt64) {
        if value < 10 { return append(0x30 + UInt8(truncatingIfNeeded: value)) }
        append(decimal: value / 10)
        append(0x30 + UInt8(truncatingIfNeeded: value % 10))
    }

    fileprivate mutating func append(hexOf octets: [UInt8]) {
        for octet in octets {
            let (high, low) = (octet >> 4, octet & 15)
            append(high < 10 ? 0x30 + high : 0x37 + high)
            append(low < 10 ? 0x30 + low : 0x37 + low)
        }
    }

    /// A text of printing ASCII as a string of JSON.
    fileprivate mutating func append(quoted text: [UInt8]) {
        append(0x22)
        let octets = Octets(text.span)
        var start = 0
        for offset in text.indices where text[offset] == 0x22 || text[offset] == 0x5C {
            append(octets, start, count: offset - start)
            append(0x5C)
            start = offset
        }
        append(octets, start, count: octets.count - start)
        append(0x22)
    }
}
