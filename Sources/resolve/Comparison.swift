import DNS
import DNSClient
import Linux

extension Session {
    /// Asks every server each question, and shows where they differ.
    func compare() async throws(Failure) -> ExitStatus {
        let resolvers = configuration.servers.map { configuration.resolver(asking: $0) }
        var status = ExitStatus.answer
        for question in plan.targets.flatMap(plan.questions) {
            let tasks = resolvers.map { resolver in Task { await self.find(question, resolver) } }
            var findings: [Finding] = []
            for task in tasks { findings.append(await task.value) }
            let comparison = Comparison(
                question: question, servers: configuration.servers.map { $0.first.map { "\($0)" } ?? "no server" },
                findings: findings, printer.shown, comparesTTLs: plan.comparesTTLs)
            try show(comparison)
            if !comparison.isEqual { status = .notMet }
            status = max(status, findings.contains { $0.status == .localFailure } ? .localFailure : status)
        }
        return status
    }

    private func show(_ comparison: Comparison) throws(Failure) {
        switch printer.format {
        case .full, .short: try printer.write(comparison.text(printer.style), isApart: printer.format == .full)
        case .json, .zone, .raw, .wire:
            for finding in comparison.findings {
                try printer.show(finding, members: [.init("same", .bool(comparison.isEqual))])
            }
        }
    }
}

/// What several servers say to one question, set by set.
struct Comparison {
    let question: Question
    let servers: [String]
    let findings: [Finding]
    /// The sets that are not the same everywhere, in the order in which they were seen.
    private let differences: [Key]
    private let sets: [[Key: [Record]]]

    /// A set of records in a section.
    private struct Key: Hashable {
        let section: String
        let owner: Name
        let type: RecordType
        let recordClass: RecordClass
    }

    init(question: Question, servers: [String], findings: [Finding], _ shown: Shown, comparesTTLs: Bool) {
        self.question = question
        self.servers = servers
        self.findings = findings
        var order: [Key] = []
        sets = findings.map { finding in
            var sets: [Key: [Record]] = [:]
            guard let message = finding.message else { return sets }
            for (section, records) in shown.sections(of: message) {
                for record in records {
                    let key = Key(
                        section: section, owner: record.owner, type: record.type, recordClass: record.recordClass)
                    if !order.contains(key) { order.append(key) }
                    sets[key, default: []].append(record)
                }
            }
            return sets
        }
        let forms = sets.map { $0.mapValues { Set($0.map { Form($0, comparesTTLs) }) } }
        differences = order.filter { key in forms.contains { $0[key] != forms.first?[key] } }
    }

    /// What of a record counts: its data in canonical form, and the TTL where that is wanted.
    private struct Form: Hashable {
        let data: [UInt8]
        let ttl: TTL?

        init(_ record: Record, _ hasTTL: Bool) {
            data = record.data.canonical
            ttl = hasTTL ? record.ttl : nil
        }
    }

    /// One that is silent differs.
    var isEqual: Bool {
        findings.allSatisfy { $0.message != nil } && differences.isEmpty
            && Set(findings.map { $0.message?.header.responseCode }).count == 1
    }

    func text(_ style: Style) -> String {
        var lines = [
            style.comment("\(question.text): \(isEqual ? "no difference" : "different")", isEqual ? .comment : .bad)
        ]
        let width = self.servers.map(\.count).max() ?? 0
        let servers = self.servers.map { $0 + String(repeating: " ", count: width - $0.count) }
        for (server, finding) in zip(servers, findings) {
            lines.append(style.comment(server + " " + Self.summary(of: finding)))
        }
        for key in differences {
            lines.append(style.comment("\(key.section): \(key.owner) \(key.recordClass) \(key.type)"))
            for (index, server) in servers.enumerated() where findings[index].message != nil {
                let records = sets[index][key] ?? []
                if records.isEmpty { lines.append(style.comment(server + " has none", .bad)) }
                for record in records.sorted(by: { $0.data.canonical.lexicographicallyPrecedes($1.data.canonical) }) {
                    lines.append(
                        "  " + style.paint(server, .owner) + " " + style.paint("\(record)", .plain))
                }
            }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func summary(of finding: Finding) -> String {
        switch finding.result {
        case .failure(let error): ([("\(error)")] + error.notes.map { "\($0.reason)" }).joined(separator: "; ")
        case .success(let reply):
            "\(reply.responseCode), answer \(reply.message.answer.count), authority "
                + "\(reply.message.authority.count), additional \(reply.message.additional.count), "
                + "in \(ReplyView.text(of: reply.duration))"
        }
    }
}
