import DNS
import DNSClient

/// A reply as its reader sees it: records as lines of a zone file, the rest as comments.
struct ReplyView {
    let question: Question
    let reply: Reply
    let style: Style

    /// What the answer's values are, one a line, as `dig +short` does it.
    var short: String {
        reply.message.answer.map { style.paint("\($0.data)", .plain) + "\n" }.joined()
    }

    var full: String {
        let message = reply.message
        var lines = [headline]
        lines += message.edns?.extendedErrors.map { style.comment(Self.text(of: $0), .bad) } ?? []
        let widths = self.widths
        for (name, records) in [
            ("answer", message.answer), ("authority", message.authority), ("additional", message.additional),
        ] where !records.isEmpty {
            lines.append(style.comment("\(name):"))
            lines += records.map { line(of: $0, widths) }
        }
        lines += reply.notes.map { style.comment("\($0)") }
        lines += provenance.map { style.comment($0) }
        return lines.map { $0 + "\n" }.joined()
    }

    static func text(of question: Question) -> String {
        "\(question.name) \(question.recordClass) \(question.type)"
    }
}

// MARK: Comments

extension ReplyView {
    private var headline: String {
        let outcome = Outcome(of: reply.message, to: question)
        let text = ([Self.text(of: question) + ": " + outcome.text] + flags).joined(separator: ", ")
        return style.comment(text, outcome.status == .answer ? .comment : .bad)
    }

    private var flags: [String] {
        let header = reply.message.header
        let lacksRecursion = header.recursionDesired && !header.recursionAvailable && !header.isAuthoritative
        return [
            header.isAuthoritative ? "authoritative" : nil,
            header.authenticData ? "authenticated" : nil,
            header.checkingDisabled ? "checking disabled" : nil,
            lacksRecursion ? "recursion not available" : nil,
        ].compactMap { $0 }
    }

    private var provenance: [String] {
        let edns = reply.message.edns.map { edns in
            "; EDNS \(edns.version), \(edns.udpPayloadSize) octets" + (edns.dnssecOK ? ", DNSSEC" : "")
        }
        let tries = reply.attempts > 1 ? " to query \(reply.attempts)" : ""
        var lines = [
            "\(reply.server) answered\(tries) over \(reply.transport) in \(Self.text(of: reply.duration)), "
                + "\(reply.size) octets\(edns ?? "")"
        ]
        for option in reply.message.edns?.options ?? [] where option.code != .extendedError {
            lines.append("EDNS option \(option.code.rawValue): \(Self.hex(option.data))")
        }
        return lines
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

    private static func hex(_ octets: [UInt8]) -> String {
        octets.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}

// MARK: Records

extension ReplyView {
    private typealias Widths = (owner: Int, ttl: Int, recordClass: Int, type: Int)

    private var widths: Widths {
        guard style.aligns else { return (0, 0, 0, 0) }
        let all = reply.message.answer + reply.message.authority + reply.message.additional
        func widest(_ text: (Record) -> String) -> Int { all.map { text($0).utf8.count }.max() ?? 0 }
        // One very long name must not push all others out of sight.
        return (
            min(40, widest { "\($0.owner)" }), widest { Self.text(of: $0.ttl) }, widest { "\($0.recordClass)" },
            widest { "\($0.type)" }
        )
    }

    private func line(of record: Record, _ widths: Widths) -> String {
        let data = "\(record.data)"
        return [
            style.paint(Self.padded("\(record.owner)", widths.owner), .owner),
            style.paint(Self.padded(Self.text(of: record.ttl), widths.ttl), .plain),
            style.paint(Self.padded("\(record.recordClass)", widths.recordClass), .plain),
            style.paint(Self.padded("\(record.type)", data.isEmpty ? 0 : widths.type), .type),
        ].joined(separator: " ") + (data.isEmpty ? "" : " " + style.paint(data, .plain))
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.utf8.count))
    }

    /// `1h30m`, which zone files understand.
    static func text(of ttl: TTL) -> String {
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
