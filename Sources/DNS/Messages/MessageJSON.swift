/// Prints messages as members of JSON objects (RFC 8427) straight from their octets, for programs that print very many.
public struct MessageJSON: Sendable {
    /// The question's name as a string of JSON.
    private var asked: [UInt8] = []
    /// Of the record that is printed: its owner, its data, and the presentation form of one of them.
    private var owner: [UInt8] = []
    private var data: [UInt8] = []
    private var text: [UInt8] = []

    public init() {}

    /// Appends the members of a message, without the braces around them, and a comma behind; `output` is as it was where
    /// the message cannot be read.
    /// - Parameter question: what was asked, which the message's own question must be, if it has one; its name is printed
    ///   as it stands here.
    /// - Returns: the response code, whose upper bits are in the OPT record.
    public mutating func print(
        _ message: Span<UInt8>, to question: Question, into output: inout [UInt8]
    ) throws(WireError) -> ResponseCode {
        let start = output.count
        do throws(WireError) {
            return try members(message, question, &output)
        } catch {
            output.removeSubrange(start...)
            throw error
        }
    }

    private mutating func members(
        _ message: Span<UInt8>, _ question: Question, _ output: inout [UInt8]
    ) throws(WireError) -> ResponseCode {
        var reader = WireReader(message)
        output.append("\"ID\":", try reader.u16())
        let flags = try reader.u16()
        output.append("\"QR\":", flags >> 15)
        output.append("\"Opcode\":", flags >> 11 & 15)
        output.append("\"AA\":", flags >> 10 & 1)
        output.append("\"TC\":", flags >> 9 & 1)
        output.append("\"RD\":", flags >> 8 & 1)
        output.append("\"RA\":", flags >> 7 & 1)
        output.append("\"AD\":", flags >> 5 & 1)
        output.append("\"CD\":", flags >> 4 & 1)
        var code = flags & 15
        output.append("\"RCODE\":", code)
        let counts = (try reader.u16(), try reader.u16(), try reader.u16(), try reader.u16())
        guard counts.0 <= 1 else { throw .badRecordData }
        let isRepeated = counts.0 == 1
        if isRepeated { try reader.skip(question.name.wire.count + 4) }
        output.append("\"QDCOUNT\":", counts.0)
        output.append("\"ANCOUNT\":", counts.1)
        output.append("\"NSCOUNT\":", counts.2)
        output.append("\"ARCOUNT\":", counts.3)
        print(question, into: &output)
        try section("\"answerRRs\":[", counts.1, &reader, isRepeated, nil, &output)
        try section("\"authorityRRs\":[", counts.2, &reader, isRepeated, nil, &output)
        if let upper = try section("\"additionalRRs\":[", counts.3, &reader, isRepeated, 0, &output) { code |= upper }
        if !reader.isAtEnd { throw .trailingOctets }
        return ResponseCode(rawValue: code)
    }

    /// Appends the members of a question alone, as `print` does.
    public mutating func print(_ question: Question, into output: inout [UInt8]) {
        text.removeAll(keepingCapacity: true)
        Name.print(question.name.wire.span, into: &text)
        asked.removeAll(keepingCapacity: true)
        asked.append(quoted: text)
        output.append("\"QNAME\":")
        output += asked
        output.append(",\"QTYPE\":", question.type.rawValue)
        output.append("\"QCLASS\":", question.recordClass.rawValue)
    }
}

// MARK: Records

extension MessageJSON {
    /// - Parameters:
    ///   - isRepeated: whether a pointer to the 12th octet is the question's name.
    ///   - code: nil where there may be no OPT record.
    /// - Returns: the upper bits of the response code, which the OPT record has.
    @discardableResult
    private mutating func section(
        _ title: String, _ count: UInt16, _ reader: inout WireReader, _ isRepeated: Bool, _ code: UInt16?,
        _ output: inout [UInt8]
    ) throws(WireError) -> UInt16? {
        if count == 0 { return code }
        var code = code
        var hasOPT = false
        output.append(title)
        for number in 0..<count {
            output.append(number > 0 ? ",{\"NAME\":" : "{\"NAME\":")
            owner.removeAll(keepingCapacity: true)
            if isRepeated, reader.isAtPointer(to: Header.count) {
                try reader.skip(2)
                output += asked
            } else {
                try reader.name(into: &owner)
                Self.present(owner, &text) { Name.print($0, into: &$1) }
                output.append(quoted: text)
            }
            let type = RecordType(try reader.u16())
            if code != nil, type == .opt {
                guard owner.count == 1, !hasOPT else { throw .badOption }
                hasOPT = true
                code = try option(&reader, &output)
            } else {
                try record(type, &reader, &output)
            }
        }
        output.append("],")
        return code
    }

    private mutating func record(
        _ type: RecordType, _ reader: inout WireReader, _ output: inout [UInt8]
    ) throws(WireError) {
        output.append(",\"TYPE\":", type.rawValue)
        output.append("\"CLASS\":", try reader.u16())
        output.append("\"TTL\":", TTL(try reader.u32()).seconds)
        let count = Int(try reader.u16())
        let format = RecordRegistry.format(of: type)
        data.removeAll(keepingCapacity: true)
        try format.decode(&reader, count: count, into: &data)
        appendData(to: &output)
        output.append(",\"rdata")
        type.print(into: &output)
        output.append("\":")
        Self.present(data, &text) { format.print($0, into: &$1) }
        output.append(quoted: text)
        output.append(0x7D)
    }

    /// The OPT record (RFC 6891 §6.1.2), whose class and TTL are something else.
    private mutating func option(_ reader: inout WireReader, _ output: inout [UInt8]) throws(WireError) -> UInt16 {
        output.append(",\"TYPE\":", RecordType.opt.rawValue)
        output.append("\"CLASS\":", try reader.u16())
        let ttl = try reader.u32()
        output.append("\"TTL\":", ttl)
        let count = Int(try reader.u16())
        var options = reader
        _ = try EDNS.options(from: &options, count: count)
        data.removeAll(keepingCapacity: true)
        try reader.octets(count, into: &data)
        appendData(to: &output)
        output.append(0x7D)
        return UInt16(ttl >> 24) << 4
    }

    private func appendData(to output: inout [UInt8]) {
        output.append("\"RDLENGTH\":", UInt32(data.count))
        output.append("\"RDATAHEX\":\"")
        // Base 16 has capital letters (RFC 4648 §8).
        for octet in data {
            let (high, low) = (octet >> 4, octet & 15)
            output.append(high < 10 ? 0x30 + high : 0x37 + high)
            output.append(low < 10 ? 0x30 + low : 0x37 + low)
        }
        output.append(0x22)
    }

    private static func present(_ octets: [UInt8], _ text: inout [UInt8], _ print: (Span<UInt8>, inout [UInt8]) -> Void)
    {
        text.removeAll(keepingCapacity: true)
        print(octets.span, &text)
    }
}

extension WireReader {
    fileprivate func isAtPointer(to target: Int) -> Bool {
        remaining >= 2 && Int(octets.u16(offset)) == 0xC000 | target
    }
}

extension [UInt8] {
    @inline(__always)
    fileprivate mutating func append(_ text: String) { append(contentsOf: text.utf8) }

    /// A member whose value is a number.
    @inline(__always)
    fileprivate mutating func append(_ text: String, _ value: some FixedWidthInteger) {
        append(contentsOf: text.utf8)
        appendDecimal(UInt64(value), to: &self)
        append(0x2C)
    }

    /// A text of printing ASCII as a string of JSON.
    fileprivate mutating func append(quoted text: [UInt8]) {
        append(0x22)
        for octet in text {
            if octet == 0x22 || octet == 0x5C { append(0x5C) }
            append(octet)
        }
        append(0x22)
    }
}
