/// A whole message (RFC 1035 §4.1), for clients, tools and tests. The server's path of a query does not make one.
public struct Message: Hashable, Sendable {
    /// No message is longer, over whatever transport.
    public static let maximumCount = 65_535

    public var header: Header
    public var questions: [Question] = []
    public var answer: [Record] = []
    public var authority: [Record] = []
    /// Without the OPT record, which is `edns`.
    public var additional: [Record] = []
    public var edns: EDNS?

    public init(header: Header) { self.header = header }

    /// A query for `question`.
    public init(id: UInt16, question: Question, recursionDesired: Bool = false, edns: EDNS? = nil) {
        header = Header(id: id)
        header.recursionDesired = recursionDesired
        questions = [question]
        self.edns = edns
    }
}

extension Message {
    /// Reads a whole message. Record data of known types must have their format; names may be compressed.
    public init(decoding octets: Span<UInt8>) throws(WireError) {
        var reader = WireReader(octets)
        header = Header(id: try reader.u16(), flags: try reader.u16())
        let questionCount = try reader.u16()
        let counts = (try reader.u16(), try reader.u16(), try reader.u16())
        for _ in 0..<questionCount {
            let name = try reader.name()
            let type = RecordType(rawValue: try reader.u16())
            questions.append(Question(name, type, RecordClass(rawValue: try reader.u16())))
        }
        for _ in 0..<counts.0 { answer.append(try Message.record(from: &reader)) }
        for _ in 0..<counts.1 { authority.append(try Message.record(from: &reader)) }
        for _ in 0..<counts.2 { try decodeAdditional(from: &reader) }
        if !reader.isAtEnd { throw .trailingOctets }
    }

    static func record(from reader: inout WireReader) throws(WireError) -> Record {
        let owner = try reader.name()
        return try record(owner: owner, type: RecordType(rawValue: try reader.u16()), from: &reader)
    }

    /// The rest of a record behind its type.
    private static func record(
        owner: Name, type: RecordType, from reader: inout WireReader
    ) throws(WireError) -> Record {
        let recordClass = RecordClass(rawValue: try reader.u16())
        let ttl = TTL(try reader.u32())
        let count = Int(try reader.u16())
        var data: [UInt8] = []
        try RecordRegistry.format(of: type).decode(&reader, count: count, into: &data)
        return Record(owner: owner, recordClass: recordClass, ttl: ttl, data: RecordData(validated: data, type: type))
    }

    private mutating func decodeAdditional(from reader: inout WireReader) throws(WireError) {
        let owner = try reader.name()
        let type = RecordType(rawValue: try reader.u16())
        guard type == .opt else {
            return additional.append(try Message.record(owner: owner, type: type, from: &reader))
        }
        guard owner.isRoot, edns == nil else { throw .badOption }
        var edns = EDNS(udpPayloadSize: try reader.u16())
        let upperCode = UInt16(try reader.u8())
        edns.version = try reader.u8()
        let flags = try reader.u16()
        edns.dnssecOK = flags & EDNS.dnssecOKFlag != 0
        edns.otherFlags = flags & ~EDNS.dnssecOKFlag
        edns.options = try EDNS.options(from: &reader, count: Int(try reader.u16()))
        header.responseCode = ResponseCode(rawValue: upperCode << 4 | header.responseCode.rawValue)
        self.edns = edns
    }
}

extension Message {
    /// Writes the message at the start of `writer`, names compressed.
    @_lifetime(writer: copy writer)
    public func encode(to writer: inout WireWriter, compressor: inout NameCompressor) throws(WireError) {
        let additionalCount = additional.count + (edns == nil ? 0 : 1)
        try writer.append(header.id)
        try writer.append(header.flags)
        for count in [questions.count, answer.count, authority.count, additionalCount] {
            guard let count = UInt16(exactly: count) else { throw .noRoom }
            try writer.append(count)
        }
        for question in questions {
            try writer.append(name: question.name.wire.span, compressor: &compressor)
            try writer.append(question.type.rawValue)
            try writer.append(question.recordClass.rawValue)
        }
        for section in [answer, authority, additional] {
            for record in section { try record.encode(to: &writer, compressor: &compressor) }
        }
        if let edns { try encode(edns, to: &writer) }
    }

    /// The message's octets.
    public func encoded() throws(WireError) -> [UInt8] {
        // Most messages are queries, and making room for the longest would cost more than they do.
        if let octets = try? encoded(room: Int(EDNS.leastPayloadSize)) { return octets }
        return try encoded(room: Message.maximumCount)
    }

    private func encoded(room count: Int) throws(WireError) -> [UInt8] {
        var room = [UInt8](repeating: 0, count: count)
        var compressor = NameCompressor()
        var span = room.mutableSpan
        var writer = WireWriter(&span)
        try encode(to: &writer, compressor: &compressor)
        let count = writer.count
        room.removeSubrange(count...)
        return room
    }

    @_lifetime(writer: copy writer)
    private func encode(_ edns: EDNS, to writer: inout WireWriter) throws(WireError) {
        try writer.append(UInt8(0))
        try writer.append(RecordType.opt.rawValue)
        try writer.append(edns.udpPayloadSize)
        try writer.append(UInt8(header.responseCode.rawValue >> 4))
        try writer.append(edns.version)
        try writer.append(edns.otherFlags & ~EDNS.dnssecOKFlag | (edns.dnssecOK ? EDNS.dnssecOKFlag : 0))
        let count = edns.options.reduce(0) { $0 + 4 + $1.data.count }
        guard let count = UInt16(exactly: count) else { throw .noRoom }
        try writer.append(count)
        for option in edns.options {
            try writer.append(option.code.rawValue)
            try writer.append(UInt16(option.data.count))
            try writer.append(option.data.span)
        }
    }
}

extension Record {
    /// Writes the record, its owner and what RFC 3597 §4 allows of its data compressed.
    @_lifetime(writer: copy writer)
    public func encode(to writer: inout WireWriter, compressor: inout NameCompressor) throws(WireError) {
        try writer.append(name: owner.wire.span, compressor: &compressor)
        try writer.append(type.rawValue)
        try writer.append(recordClass.rawValue)
        try writer.append(ttl.seconds)
        let lengthOffset = writer.count
        try writer.append(UInt16(0))
        try RecordRegistry.format(of: type).encode(data.octets.span, to: &writer, compressor: &compressor)
        guard let length = UInt16(exactly: writer.count - lengthOffset - 2) else { throw .noRoom }
        writer.overwrite(length, at: lengthOffset)
    }
}
