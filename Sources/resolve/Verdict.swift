import DNS
import DNSClient
import Linux

extension Trace.Verdict {
    /// - Parameter port: of servers that glue names, since glue has none.
    init(of finding: Finding, in level: Trace.Level, port: UInt16) {
        guard let message = finding.message else {
            self = .useless("no reply")
            return
        }
        let code = message.header.responseCode
        guard code == .noError || code == .nameError else {
            self = .useless("lame: \(code)")
            return
        }
        let end = Self.endOfAliases(message, finding.question, level)
        let isAnswer =
            level.maySpeak(of: end) && message.answer.contains { $0.owner == end && Self.fits($0, finding.question) }
        let hasAuthority = message.header.isAuthoritative || level.isChosen
        if isAnswer || code == .nameError {
            self = hasAuthority ? .useful(.final) : .useless("lame: it answers without authority")
        } else if end != finding.question.name {
            self = hasAuthority ? .useful(.alias(to: end)) : .useless("lame: it answers without authority")
        } else {
            self = Self.withoutAnswer(message, finding.question.name, level, port)
        }
    }

    private static func fits(_ record: Record, _ question: Question) -> Bool {
        record.recordClass == question.recordClass && (record.type == question.type || question.type == .any)
    }

    /// Where the aliases of the answer lead, as far as the server may speak of them.
    private static func endOfAliases(_ message: Message, _ question: Question, _ level: Trace.Level) -> Name {
        var name = question.name
        guard question.type != .cname, question.type != .any else { return name }
        for _ in 0..<Trace.Bound.aliases where level.maySpeak(of: name) {
            let alias = message.answer.first { $0.owner == name && $0.type == .cname }
            guard let alias, let target = try? Name(wire: alias.data.octets.span) else { break }
            name = target
        }
        return name
    }

    /// No data, a referral, or neither.
    private static func withoutAnswer(_ message: Message, _ name: Name, _ level: Trace.Level, _ port: UInt16) -> Self {
        if message.authority.contains(where: { $0.type == .soa }) {
            return message.header.isAuthoritative || level.isChosen
                ? .useful(.final) : .useless("lame: it denies without authority")
        }
        let servers = message.authority.filter { $0.type == .ns }
        guard let cut = servers.first?.owner else {
            return message.header.isAuthoritative ? .useful(.final) : .useless("lame: neither an answer nor a referral")
        }
        guard name.isSubdomain(of: cut), cut.isSubdomain(of: level.zone), cut != level.zone || level.isChosen else {
            return .useless("lame: it refers to \(cut), which leads nowhere below \(level.zone)")
        }
        // Glue is believed where the server that gives it may speak of the name.
        let glue = message.additional.filter { $0.owner.isSubdomain(of: level.zone) }
        let level = Trace.Level(
            zone: cut,
            servers: servers.filter { $0.owner == cut }.compactMap { record in
                guard let name = try? Name(wire: record.data.octets.span) else { return nil }
                let addresses = glue.filter { $0.owner == name && ($0.type == .a || $0.type == .aaaa) }
                    .compactMap { SocketAddress(octets: $0.data.octets, port: port) }
                return Trace.NameServer(name: name, addresses: addresses)
            })
        return .useful(.referral(level))
    }
}
