import DNS
import DNSClient
import Linux

/// A reply as its reader sees it: records as lines of a zone file, the rest as comments.
struct ReplyView {
    let finding: Finding
    let reply: Reply
    let style: Style
    let shown: Shown
    let query: QueryOptions?

    private var message: Message { reply.message }

    var text: String {
        var lines = query.map { [style.comment(Self.text(of: $0))] } ?? []
        if shown.headline { lines.append(headline) }
        if shown.comments {
            lines += message.edns?.extendedErrors.map { style.comment(OptionText.text(of: $0), .bad) } ?? []
        }
        let sections = shown.sections(of: message)
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
        let data = shown.lines(of: record.data)
        let hasData = data != [""]
        var cells = [style.paint("\(record.owner)", .owner, width: widths.owner)]
        if shown.showTTL { cells.append(style.paint(Self.text(of: record.ttl, shown), .plain, width: widths.ttl)) }
        if shown.showClass { cells.append(style.paint("\(record.recordClass)", .plain, width: widths.recordClass)) }
        cells.append(style.paint("\(record.type)", .type, width: hasData ? widths.type : 0))
        if hasData { cells.append(data.map { style.paint($0, .plain) }.joined(separator: "\n")) }
        return cells.joined(separator: " ")
    }

    /// `1h30m`, which zone files understand.
    private static func text(of ttl: TTL, _ shown: Shown) -> String {
        shown.seconds || ttl.seconds == 0 ? "\(ttl)" : ttl.textWithUnits
    }
}
