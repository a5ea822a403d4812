import DNS
import DNSClient

/// Findings with the members of RFC 8427; `resolve` is the member of our own. Text is printing ASCII: the rest is
/// `\DDD`, as in a zone file.
enum MessageJSON {
    static func object(of finding: Finding, _ more: [JSON.Member] = []) -> JSON {
        var members: [JSON.Member]
        var own: [JSON.Member]
        switch finding.result {
        case .failure(let error):
            members = asked(finding.question)
            own = [.init("error", text("\(error)")), .init("notes", notes(error.notes, finding.remarks))]
        case .success(let reply):
            members = self.members(of: reply.message)
            let isServers = reply.source == .server
            own = [
                .init("server", isServers ? text("\(reply.server)") : .null),
                .init("transport", isServers ? text("\(reply.transport)") : .null),
                .init("milliseconds", .thousandths(Int(reply.duration / .microseconds(1)))),
                .init("tries", .number(reply.attempts)), .init("code", text("\(reply.responseCode)")),
                .init("notes", notes(reply.notes, finding.remarks)),
            ]
            let errors = reply.message.edns?.extendedErrors ?? []
            if !errors.isEmpty { own.append(.init("errors", .array(errors.map { text(ReplyView.text(of: $0)) }))) }
        }
        return .object(members + [.init("resolve", .object(more + own))])
    }

    static func text(_ text: String) -> JSON { .string(Style.escaped(text)) }

    private static func notes(_ notes: [Note], _ remarks: [String]) -> JSON {
        .array(notes.map { text("\($0)") } + remarks.map(text))
    }

    private static func asked(_ question: Question) -> [JSON.Member] {
        [
            .init("QNAME", text("\(question.name)")), .init("QTYPE", .number(Int(question.type.rawValue))),
            .init("QTYPEname", text("\(question.type)")),
            .init("QCLASS", .number(Int(question.recordClass.rawValue))),
            .init("QCLASSname", text("\(question.recordClass)")),
        ]
    }

    private static func members(of message: Message) -> [JSON.Member] {
        let header = message.header
        let additional = message.additional.map(record) + (message.edns.map { [option(of: $0, header)] } ?? [])
        let numbers: [(String, Int)] = [
            ("ID", Int(header.id)), ("QR", header.isResponse ? 1 : 0), ("Opcode", Int(header.opcode.rawValue)),
            ("AA", header.isAuthoritative ? 1 : 0), ("TC", header.isTruncated ? 1 : 0),
            ("RD", header.recursionDesired ? 1 : 0), ("RA", header.recursionAvailable ? 1 : 0),
            ("AD", header.authenticData ? 1 : 0), ("CD", header.checkingDisabled ? 1 : 0),
            // Four bits; the upper ones stand in the OPT record.
            ("RCODE", Int(header.responseCode.rawValue & 0xF)), ("QDCOUNT", message.questions.count),
            ("ANCOUNT", message.answer.count), ("NSCOUNT", message.authority.count), ("ARCOUNT", additional.count),
        ]
        let sections = [
            ("answerRRs", message.answer.map(record)), ("authorityRRs", message.authority.map(record)),
            ("additionalRRs", additional),
        ]
        return numbers.map { .init($0.0, .number($0.1)) } + (message.questions.first.map(asked) ?? [])
            + sections.filter { !$0.1.isEmpty }.map { .init($0.0, .array($0.1)) }
    }

    static func record(_ record: Record) -> JSON {
        let data = record.data.octets
        return .object([
            .init("NAME", text("\(record.owner)")), .init("TYPE", .number(Int(record.type.rawValue))),
            .init("TYPEname", text("\(record.type)")), .init("CLASS", .number(Int(record.recordClass.rawValue))),
            .init("CLASSname", text("\(record.recordClass)")), .init("TTL", .number(Int(record.ttl.seconds))),
            .init("RDLENGTH", .number(data.count)), .init("RDATAHEX", text(Hexadecimal.text(data).uppercased())),
            .init("rdata\(record.type)", text("\(record.data)")),
        ])
    }

    /// The OPT record, whose class and TTL have other meanings (RFC 6891 §6.1.3).
    private static func option(of edns: EDNS, _ header: Header) -> JSON {
        let data = edns.options.flatMap { option in
            let (code, count) = (option.code.rawValue, UInt16(truncatingIfNeeded: option.data.count))
            return [UInt8(code >> 8), UInt8(code & 0xFF), UInt8(count >> 8), UInt8(count & 0xFF)] + option.data
        }
        let flags = Int(edns.otherFlags & 0x7FFF) | (edns.dnssecOK ? 0x8000 : 0)
        let ttl = Int(header.responseCode.rawValue >> 4) << 24 | Int(edns.version) << 16 | flags
        return .object([
            .init("NAME", "."), .init("TYPE", .number(41)), .init("TYPEname", "OPT"),
            .init("CLASS", .number(Int(edns.udpPayloadSize))), .init("TTL", .number(ttl)),
            .init("RDLENGTH", .number(data.count)), .init("RDATAHEX", text(Hexadecimal.text(data).uppercased())),
        ])
    }
}
