import DNS

/// What the reply to a query must be, the whole of it.
public struct ExpectedReply: Sendable {
    public var isSilence = false
    var code = "NOERROR"
    var flags: Set<String> = []
    /// The words behind `edns`; nil where there must be no OPT.
    var edns: Set<String>?
    var hasQuestion = true
    var sections: [String: [String]] = [:]
    private var section = ""

    public init() {}

    mutating func add(_ line: String, _ place: String) throws {
        let words = line.split(separator: " ").map(String.init)
        switch (words[0], words.count) {
        case ("silence", 1): isSilence = true
        case ("rcode", 2): code = words[1]
        case ("flags", _): flags = Set(words.dropFirst())
        case ("edns", _): edns = Set(words.dropFirst())
        case ("question", 2): hasQuestion = words[1] != "none"
        case ("id", 2), ("opcode", 2): break
        case ("answer", 1), ("authority", 1), ("additional", 1): section = words[0]
        default:
            guard !section.isEmpty else { throw Scenario.BadLine(place: place, line: line) }
            sections[section, default: []].append(line)
        }
    }

    /// In what the reply to `query` is not what it must be; nothing where it is.
    public func differences(from reply: [UInt8]?, to query: [UInt8]) -> [String] {
        guard let reply else { return isSilence ? [] : ["no reply"] }
        if isSilence { return ["a reply: \(reply.hex)"] }
        let message: Message
        do { message = try Message(decoding: reply.span) } catch { return ["does not decode (\(error)): \(reply.hex)"] }
        var differences: [String] = []
        func compare<Value: Equatable>(_ what: String, _ value: Value, _ wanted: Value) {
            if value != wanted { differences.append("\(what) is \(value), must be \(wanted)") }
        }
        compare("id", reply.prefix(2), query.prefix(2))
        compare("opcode", reply[2] >> 3 & 0xF, query[2] >> 3 & 0xF)
        compare("Z", reply[3] & 0x40, 0)
        compare("rcode", message.header.responseCode.description, code)
        compare("flags", Self.flags(of: message.header).sorted(), flags.sorted())
        compare("EDNS", message.edns.map { Self.words(of: $0).sorted() }, edns?.sorted())
        compare("question count", message.questions.count, hasQuestion ? 1 : 0)
        if hasQuestion, let end = Self.questionEnd(reply) {
            compare("question", Array(reply[12..<end]), Array(query.dropFirst(12).prefix(end - 12)))
        }
        if let signature = message.additional.last(where: { $0.type == .tsig }) {
            // RFC 8945 §5.1: behind every other record, the OPT record too.
            compare("the end", Array(reply.suffix(signature.data.octets.count)).hex, signature.data.octets.hex)
        }
        for (name, records) in [
            ("answer", message.answer), ("authority", message.authority), ("additional", message.additional),
        ] {
            differences += Self.differences(in: name, records, sections[name] ?? [])
        }
        return differences
    }

    private static func flags(of header: Header) -> [String] {
        [
            header.isAuthoritative ? "aa" : nil, header.isTruncated ? "tc" : nil,
            header.recursionDesired ? "rd" : nil, header.recursionAvailable ? "ra" : nil,
            header.authenticData ? "ad" : nil, header.checkingDisabled ? "cd" : nil,
        ].compactMap { $0 } + (header.isResponse ? [] : ["no-qr"])
    }

    private static func words(of edns: EDNS) -> [String] {
        ["version=\(edns.version)", "udp=\(edns.udpPayloadSize)"] + (edns.dnssecOK ? ["do"] : [])
            + edns.extendedErrors.map { "ede=\($0.code.rawValue)" }
            + edns.options.filter { $0.code != .extendedError }.map { "option=\($0.code.rawValue):\($0.data.hex)" }
            + (edns.otherFlags == 0 ? [] : ["flags=\(edns.otherFlags)"])
    }

    private static func questionEnd(_ message: [UInt8]) -> Int? {
        var offset = 12
        while offset < message.count, message[offset] != 0 { offset += Int(message[offset]) + 1 }
        return offset + 5 <= message.count ? offset + 5 : nil
    }

    /// As sets of records: owner and data octet for octet.
    private static func differences(in section: String, _ records: [Record], _ lines: [String]) -> [String] {
        var left = records.map(ExactRecord.init)
        var differences: [String] = []
        for line in lines {
            do {
                let wanted = ExactRecord(try Record(line))
                if let index = left.firstIndex(of: wanted) {
                    left.remove(at: index)
                } else {
                    differences.append("\(section) lacks \(line)")
                }
            } catch {
                differences.append("the expectation is not a record (\(error)): \(line)")
            }
        }
        return differences + left.map { "\(section) has \($0.record)" }
    }

    /// A record that only equals one with the same case in its owner's name.
    private struct ExactRecord: Equatable {
        var record: Record
        init(_ record: Record) { self.record = record }

        static func == (left: ExactRecord, right: ExactRecord) -> Bool {
            left.record == right.record && left.record.owner.wire == right.record.owner.wire
        }
    }
}
