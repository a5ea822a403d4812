import DNS
import DNSClient
import Linux

/// A reply as its reader sees it: records as lines of a zone file, the rest as comments.
struct ReplyView {
    let finding: Finding
    let reply: Reply
    let style: Style
    let shown: Shown

    private var message: Message { reply.message }

    var text: String {
        var lines = shown.query.map { [style.comment(Self.text(of: $0))] } ?? []
        if shown.headline { lines.append(headline) }
        if shown.comments {
            lines += message.edns?.extendedErrors.map { style.comment(Self.text(of: $0), .bad) } ?? []
        }
        let columns = Columns(sections.flatMap(\.records), style, shown)
        for (name, records) in sections where !records.isEmpty {
            if shown.comments { lines.append(style.comment("\(name):")) }
            lines += records.map(columns.line)
        }
        if shown.comments { lines += reply.notes.map { style.comment("\($0)") } }
        if shown.comments { lines += finding.remarks.map { style.comment($0) } }
        if shown.statistics { lines += provenance.map { style.comment($0) } }
        return lines.map { $0 + "\n" }.joined()
    }

    private var sections: [(name: String, records: [Record])] {
        [
            ("answer", shown.answer ? message.answer : []), ("authority", shown.authority ? message.authority : []),
            ("additional", shown.additional ? message.additional : []),
        ]
    }

    private var headline: String {
        let outcome = Outcome(of: message, to: finding.question)
        let text = ([finding.question.text + ": " + outcome.text] + flags).joined(separator: ", ")
        return style.comment(text, outcome.status == .answer ? .comment : .bad)
    }

    private var flags: [String] {
        let header = message.header
        let lacksRecursion = header.recursionDesired && !header.recursionAvailable && !header.isAuthoritative
        return [
            header.opcode == .query ? nil : "\(header.opcode)",
            header.isTruncated ? "truncated" : nil,
            header.isAuthoritative ? "authoritative" : nil,
            header.authenticData ? "authenticated" : nil,
            header.checkingDisabled ? "checking disabled" : nil,
            lacksRecursion && reply.source == .server ? "recursion not available" : nil,
        ].compactMap { $0 }
    }

    private var provenance: [String] {
        guard reply.source == .server else { return ["nobody was asked: the name is special (RFC 6761, RFC 7686)"] }
        let edns = message.edns.map { edns in
            "; EDNS \(edns.version), \(edns.udpPayloadSize) octets" + (edns.dnssecOK ? ", DNSSEC" : "")
        }
        let tries = reply.attempts > 1 ? " to query \(reply.attempts)" : ""
        let who =
            "\(reply.server) answered\(tries) over \(reply.transport) in \(Self.text(of: reply.duration)), "
            + "\(reply.size) octets\(edns ?? "")"
        // Cookies say nothing to people: they keep others from answering.
        let options = message.edns?.options.filter { $0.code != .extendedError && $0.code != .cookie } ?? []
        return [who] + options.map(OptionText.text)
    }

    /// What a query had, beside a cookie.
    private static func text(of options: QueryOptions) -> String {
        let other = [(0x0400, "AA"), (0x0200, "TC"), (0x0080, "RA"), (0x0040, "Z")] as [(UInt16, String)]
        let flags =
            [(options.recursionDesired, "RD"), (options.authenticData, "AD"), (options.checkingDisabled, "CD")]
            .filter(\.0).map(\.1) + other.filter { options.otherFlags & $0.0 != 0 }.map(\.1)
        let edns = options.edns.map { edns in
            ["EDNS \(edns.version)", "\(edns.udpPayloadSize) octets"] + (edns.dnssecOK ? ["DNSSEC"] : [])
                + edns.options.map(OptionText.text)
        }
        return "query: " + (["\(options.opcode)"] + flags + (edns ?? ["no EDNS"])).joined(separator: ", ")
    }

    static func text(of error: ExtendedError) -> String {
        let text = error.text.isEmpty ? "" : ": \(error.text)"
        return "extended error \(error.code.rawValue), \(error.code)\(text)"
    }

    /// `0.4 ms`.
    static func text(of duration: Duration) -> String {
        let tenths = duration / .microseconds(100)
        return "\(Int(tenths) / 10).\(Int(tenths) % 10) ms"
    }
}

/// Records one below the other: on a terminal in columns.
struct Columns {
    private let widths: (owner: Int, ttl: Int, recordClass: Int, type: Int)
    private let style: Style
    private let shown: Shown

    init(_ records: [Record], _ style: Style, _ shown: Shown) {
        self.style = style
        self.shown = shown
        func widest(_ text: (Record) -> String) -> Int {
            style.aligns ? records.map { text($0).count }.max() ?? 0 : 0
        }
        // One very long name must not push all others out of sight.
        widths = (
            min(40, widest { style.shown("\($0.owner)") }), widest { Self.text(of: $0.ttl, shown) },
            widest { "\($0.recordClass)" }, widest { "\($0.type)" }
        )
    }

    func line(of record: Record) -> String {
        let data = shown.text(of: record.data)
        var cells = [style.paint("\(record.owner)", .owner, width: widths.owner)]
        if shown.ttl { cells.append(style.paint(Self.text(of: record.ttl, shown), .plain, width: widths.ttl)) }
        if shown.recordClass { cells.append(style.paint("\(record.recordClass)", .plain, width: widths.recordClass)) }
        cells.append(style.paint("\(record.type)", .type, width: data.isEmpty ? 0 : widths.type))
        if !data.isEmpty { cells.append(style.paint(data, .plain)) }
        return cells.joined(separator: " ")
    }

    /// `1h30m`, which zone files understand.
    private static func text(of ttl: TTL, _ shown: Shown) -> String {
        if shown.seconds { return "\(ttl)" }
        var rest = ttl.seconds
        var text = ""
        for (unit, seconds) in [("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)] as [(String, UInt32)]
        {
            if rest >= seconds { text += "\(rest / seconds)\(unit)" }
            rest %= seconds
        }
        return text.isEmpty ? "0" : text
    }
}

/// EDNS options in words.
enum OptionText {
    static func text(of option: EDNS.Option) -> String {
        let data = option.data
        let hex = Hexadecimal.text(data)
        switch option.code {
        case .nameServerIdentifier where data.isEmpty: return "NSID"
        case .nameServerIdentifier: return "NSID: \(hex) (\(String(decoding: data, as: UTF8.self)))"
        case .clientSubnet:
            guard data.count >= 4, let network = network(data) else { break }
            return "client subnet: \(network)/\(data[2]), scope \(data[3])"
        case .cookie: return "cookie: \(hex)"
        case .expire where data.count == 4: return "expires in \(data.reduce(0) { $0 << 8 | Int($1) }) s"
        case .tcpKeepalive where data.count == 2:
            return "TCP idle time-out: \((Int(data[0]) << 8 | Int(data[1])) * 100) ms"
        case .padding: return "padding: \(data.count) octets"
        case .extendedError: return EDNS.text(ofError: option) ?? "extended error: \(hex)"
        case .zoneVersion where data.count == 6 && data[1] == 0:
            return "zone version: serial \(data[2...].reduce(0) { $0 << 8 | Int($1) }), \(data[0]) labels"
        default: break
        }
        return "EDNS option \(option.code.rawValue): \(hex)"
    }

    private static func network(_ data: [UInt8]) -> String? {
        let size = data[1] == 1 ? 4 : 16
        guard data[0] == 0, 1...2 ~= data[1], data.count - 4 <= size else { return nil }
        let octets = Array(data[4...]) + [UInt8](repeating: 0, count: size - (data.count - 4))
        return SocketAddress(octets: octets, port: 0)?.host
    }
}

extension EDNS {
    fileprivate static func text(ofError option: Option) -> String? {
        var edns = EDNS()
        edns.options = [option]
        return edns.extendedErrors.first.map(ReplyView.text(of:))
    }
}
