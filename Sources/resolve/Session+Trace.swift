import DNS
import DNSClient
import Linux

extension Session {
    /// Follows the referrals to each question's answer, and shows every step.
    func trace() async throws(Failure) -> ExitStatus {
        var status = ExitStatus.answer
        for question in plan.targets.flatMap(plan.questions) {
            var trace = Trace(
                from: start, configuration, configuration.completing(plan.options),
                show: { (step: Trace.Step) throws(Failure) in try show(step) },
                remark: { (text: String, depth: Int) throws(Failure) in try remark(text, depth) })
            switch try await trace.follow(question) {
            case .found(let finding):
                // What came was shown as JSON and octets at once.
                if [.full, .short, .zone].contains(printer.format) || finding.reply?.source == .specialName {
                    try printer.show(finding)
                }
                status = max(status, finding.status)
            case .deadEnd(let reason):
                Main.complain(["error: \(question.text): a dead end: \(reason)"])
                status = max(status, .noReply)
            }
        }
        return status
    }

    private var start: Trace.Level {
        if configuration.isSystem {
            return Trace.Level(zone: .root, servers: RootServers.all(port: configuration.port, configuration.family))
        }
        let servers = configuration.servers.map { Trace.NameServer(name: nil, addresses: $0) }
        return Trace.Level(zone: .root, servers: servers, isChosen: true)
    }

    private func show(_ step: Trace.Step) throws(Failure) {
        switch printer.format {
        case .short, .zone:
            if step.depth == 0, case .useful(.alias) = step.verdict { try printer.show(step.finding) }
        case .full: try printer.write(step.lines(printer.style, printer.shown), isApart: true)
        case .json, .raw, .wire:
            try printer.show(
                step.finding,
                members: [
                    .init("zone", FindingJSON.text("\(step.level)")),
                    .init("name", step.server.map { FindingJSON.text("\($0)") } ?? .null),
                    .init("address", FindingJSON.text("\(step.address)")),
                    .init("verdict", FindingJSON.text(step.text)), .init("depth", .number(step.depth)),
                ])
        }
    }

    private func remark(_ text: String, _ depth: Int) throws(Failure) {
        guard printer.format == .full else { return }
        try printer.write(printer.style.comment(Trace.indented(text, depth)) + "\n", isApart: true)
    }
}

extension Trace {
    fileprivate static func indented(_ text: String, _ depth: Int) -> String {
        String(repeating: "  ", count: depth) + text
    }
}

extension Trace.Step {
    /// What it is worth, in words.
    fileprivate var text: String {
        switch verdict {
        case .useful(.final) where finding.status == .nameError: "NXDOMAIN"
        case .useful(.final) where finding.status == .noData: "no data"
        case .useful(.final): "an answer"
        case .useful(.referral(let level)): "a referral to \(level.zone)"
        case .useful(.alias(let target)): "an alias of \(target)"
        case .useless(let reason): reason
        }
    }

    /// Who said what in how long, and a referral's records.
    fileprivate func lines(_ style: Style, _ shown: Shown) -> String {
        let who = [server.map { "\($0)" }, "\(address)"].compactMap { $0 }.joined(separator: " at ")
        var text = "\(level): \(who): \(text)"
        if depth > 0 { text += " (for \(finding.question.name) \(finding.question.type))" }
        switch finding.result {
        case .failure(let error):
            text += error.notes.map { ": \($0.reason)" }.joined()
            if error.notes.isEmpty { text += ": \(error)" }
        case .success(let reply): text += ", in \(ReplyView.text(of: reply.duration)) over \(reply.transport)"
        }
        let paint: Style.Paint = if case .useless = verdict { .bad } else { .comment }
        var lines = [style.comment(Trace.indented(text, depth), paint)]
        if case .useful(.referral(let next)) = verdict, let message = finding.message {
            let servers = message.authority.filter { $0.owner == next.zone && $0.type == .ns }
            let glue = message.additional.filter { record in next.servers.contains { $0.name == record.owner } }
            let columns = Columns(servers + glue, style, shown)
            lines += servers.map(columns.line)
            if !glue.isEmpty { lines.append(style.comment(Trace.indented("glue:", depth))) }
            lines += glue.map(columns.line)
        }
        if case .useful(.alias) = verdict, let answer = finding.message?.answer {
            lines += answer.map(Columns(answer, style, shown).line)
        }
        return lines.map { $0 + "\n" }.joined()
    }
}

/// The servers of the root (https://www.iana.org/domains/root/servers).
enum RootServers {
    private static let table = [
        ("a", "198.41.0.4", "2001:503:ba3e::2:30"), ("b", "170.247.170.2", "2801:1b8:10::b"),
        ("c", "192.33.4.12", "2001:500:2::c"), ("d", "199.7.91.13", "2001:500:2d::d"),
        ("e", "192.203.230.10", "2001:500:a8::e"), ("f", "192.5.5.241", "2001:500:2f::f"),
        ("g", "192.112.36.4", "2001:500:12::d0d"), ("h", "198.97.190.53", "2001:500:1::53"),
        ("i", "192.36.148.17", "2001:7fe::53"), ("j", "192.58.128.30", "2001:503:c27::2:30"),
        ("k", "193.0.14.129", "2001:7fd::1"), ("l", "199.7.83.42", "2001:500:9f::42"),
        ("m", "202.12.27.33", "2001:dc3::35"),
    ]

    static func all(port: UInt16, _ family: SocketAddress.Family?) -> [Trace.NameServer] {
        table.map { letter, four, six in
            let addresses = [four, six].compactMap { SocketAddress(host: $0, port: port) }
            return Trace.NameServer(
                name: try? Name("\(letter).root-servers.net."),
                addresses: addresses.filter { family == nil || $0.family == family })
        }
    }
}
