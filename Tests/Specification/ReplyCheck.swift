import DNS

/// Holds one reply against the specification, and against what is true of every reply whatever it says.
struct ReplyCheck {
    private let octets: [UInt8]
    private let question: Question
    private let way: Way
    private let findings = Findings()
    var explanations: [String] { findings.explanations }

    init(_ octets: [UInt8], to question: Question, _ way: Way) {
        self.octets = octets
        self.question = question
        self.way = way
    }

    func run(_ specification: Specification) {
        guard octets.count >= Header.count else { return findings.explanations.append("no reply") }
        let message: Message
        do {
            message = try Message(decoding: octets.span)
        } catch {
            return findings.explanations.append("the reply does not decode: \(error)")
        }
        let wanted = specification.reply(
            to: question, over: way.transport, dnssecOK: way.edns?.dnssecOK ?? false)
        checkHeader(message, wanted)
        checkNames()
        checkSpelling(message)
        if message.header.isTruncated {
            checkTruncation(message, wanted)
        } else {
            checkSections(message, wanted)
        }
    }

    private func expect(_ condition: Bool, _ explanation: @autoclosure () -> String) {
        if !condition { findings.explanations.append(explanation()) }
    }

    /// What was found to be wrong, so that an explanation is made only where there is something to explain.
    private final class Findings {
        var explanations: [String] = []
    }

    // MARK: Header, question, OPT

    private func checkHeader(_ message: Message, _ wanted: Specification.Reply) {
        let header = message.header
        expect(octets.count <= way.limit, "\(octets.count) octets are more than \(way.limit)")
        expect(header.id == 0x1234 && header.isResponse && header.opcode == .query, "id, QR or opcode is wrong")
        let isPlain = !header.recursionDesired && !header.recursionAvailable && !header.authenticData
        expect(isPlain && !header.checkingDisabled && octets[3] & 0x40 == 0, "a flag is set that the query has not")
        // A chain of aliases that did not fit was not followed to its end, whose code it would be (RFC 6604 §3).
        let isOpen = header.isTruncated && message.answer.isEmpty && wanted.answer.contains { $0.type == .cname }
        expect(
            header.responseCode == wanted.code || isOpen && header.responseCode == .noError,
            "rcode is \(header.responseCode), must be \(wanted.code)")
        expect(
            header.isAuthoritative == wanted.isAuthoritative,
            "AA is \(header.isAuthoritative), must be \(wanted.isAuthoritative)")
        // RFC 1035 §4.1.2: the question, octet for octet.
        let query = (try? way.query(question)) ?? []
        let end = Header.count + question.name.count + 4
        expect(
            octets[4...5] == [0, 1] && octets.prefix(end).dropFirst(12) == query.prefix(end).dropFirst(12), "question")
        let errors = message.edns?.extendedErrors.map(\.code) ?? []
        expect((message.edns == nil) == (way.edns == nil), "OPT is there, or is not")
        if let edns = way.edns {
            expect(message.edns?.dnssecOK == edns.dnssecOK && message.edns?.version == 0, "DO or version of OPT")
            expect(
                errors == (wanted.error.map { [$0] } ?? []),
                "extended errors are \(errors), must be \(wanted.error as Any)")
        }
    }

    // MARK: Sections

    private func checkSections(_ message: Message, _ wanted: Specification.Reply) {
        compare("answer", message.answer, wanted.answer)
        compare("authority", message.authority, wanted.authority)
        // RFC 2181 §9: what is only helpful may be left out where it does not fit.
        let isWhole = way.transport == .tcp || message.additional.count == wanted.additional.count
        if isWhole {
            compare("additional", message.additional, wanted.additional)
        } else {
            checkSubset("additional", message.additional, wanted.additional)
            for record in missing(wanted.additional, from: message.additional) where isRequired(record, wanted) {
                findings.explanations.append("additional lacks \(record) (RFC 9471), without TC")
            }
            expect(leastSize(wanted) > way.limit, "additional records are left out that would fit")
        }
    }

    /// RFC 9471 §3.1: addresses below the cut.
    private func isRequired(_ record: Record, _ wanted: Specification.Reply) -> Bool {
        wanted.authority.contains { $0.type == .ns && record.owner.isSubdomain(of: $0.owner) }
    }

    private func compare(_ section: String, _ records: [Record], _ wanted: [Record]) {
        for record in missing(wanted, from: records) { findings.explanations.append("\(section) lacks \(record)") }
        for record in missing(records, from: wanted) { findings.explanations.append("\(section) has \(record)") }
        expect(
            records.count == wanted.count, "\(section) has \(records.count) records, must have \(wanted.count)")
    }

    private func missing(_ records: [Record], from others: [Record]) -> [Record] {
        if records.isEmpty { return [] }
        let there = Set(others.map(Key.init))
        return records.filter { !there.contains(Key($0)) }
    }

    /// RFC 4343 §4.1: names may come in another case where they are compressed; all else is as in the file.
    private struct Key: Hashable {
        let owner: [UInt8]
        let data: [UInt8]
        let numbers: [UInt32]

        init(_ record: Record) {
            owner = record.owner.lowercased.wire
            data = record.data.canonical
            numbers = [UInt32(record.type.rawValue), UInt32(record.recordClass.rawValue), record.ttl.seconds]
        }
    }

    // MARK: Truncation

    private func checkTruncation(_ message: Message, _ wanted: Specification.Reply) {
        expect(way.transport == .udp, "TC over TCP")
        for (section, records, all) in [
            ("answer", message.answer, wanted.answer), ("authority", message.authority, wanted.authority),
            ("additional", message.additional, wanted.additional),
        ] { checkSubset(section, records, all) }
        // RFC 2181 §9: TC only where something required does not fit. Fully compressed, it would take at least this.
        var required = wanted
        required.additional = wanted.additional.filter { isRequired($0, wanted) }
        let size = leastSize(required)
        expect(size > way.limit, "TC, but \(size) octets would fit \(way.limit)")
        // PROTOCOL 11: an answer section that does not fit is left out, and with it all that would follow.
        let isCut = message.answer.count < wanted.answer.count
        expect(!isCut || message.answer.isEmpty, "the answer section is cut off in the middle")
        expect(
            !isCut || message.authority.isEmpty && message.additional.isEmpty, "records behind an answer that is cut")
    }

    /// RFC 2181 §5.1: what is there is there in whole sets.
    private func checkSubset(_ section: String, _ records: [Record], _ all: [Record]) {
        for record in missing(records, from: all) { findings.explanations.append("\(section) has \(record)") }
        for record in missing(all, from: records) {
            expect(
                !records.contains { $0.isInSet(of: record) }, "\(section) has a part of the set of \(record)")
        }
    }

    /// The octets of the whole reply with all its names compressed as far as they can be, but for those of the CNAME
    /// records that stand for a DNAME.
    private func leastSize(_ wanted: Specification.Reply) -> Int {
        let redirections = wanted.answer.filter { $0.type == .dname }.map(\.owner)
        let synthesized = wanted.answer.filter { alias in
            alias.type == .cname && redirections.contains { alias.owner != $0 && alias.owner.isSubdomain(of: $0) }
        }
        var message = Message(id: 0, question: questionForSize(wanted), edns: way.edns)
        message.answer = wanted.answer
        message.authority = wanted.authority
        message.additional = wanted.additional
        guard isLowercase(wanted), let encoded = try? message.encoded() else { return Message.maximumCount + 1 }
        return encoded.count + synthesized.reduce(0) { $0 + $1.data.octets.count }
    }

    /// The question, without what nobody need point at: labels below the deepest owner, which data may share by chance.
    private func questionForSize(_ wanted: Specification.Reply) -> Question {
        let owners = (wanted.answer + wanted.authority).map(\.owner).filter { question.name.isSubdomain(of: $0) }
        var name = question.name.suffix(labels: owners.map(\.labelCount).max() ?? 0)
        for label in question.name.labels.dropLast(name.labelCount).reversed() {
            name = Label(label.octets.map { _ in 0xFE }).flatMap { name.prepending($0) } ?? name
        }
        return Question(name, question.type)
    }

    /// Whether spelling makes no difference to compression, which must not change the case of the file (RFC 4343 §4.1).
    private func isLowercase(_ wanted: Specification.Reply) -> Bool {
        let names = (wanted.answer + wanted.authority + wanted.additional).flatMap { [$0.owner.wire, $0.data.octets] }
        return (names + [question.name.wire]).allSatisfy { !$0.contains { (0x41...0x5A).contains($0) } }
    }

    // MARK: Names

    /// RFC 1035 §4.1.4: pointers lead back, and an owner that stands before is pointed at.
    private func checkNames() {
        var offset = Header.count + question.name.count + 4
        let counts = stride(from: 6, to: 12, by: 2).map { Int(octets[$0]) << 8 | Int(octets[$0 + 1]) }
        for index in 0..<counts.reduce(0, +) {
            let owner = offset
            guard let type = nameEnd(owner), type + 10 <= octets.count else {
                return findings.explanations.append("a name of the reply")
            }
            let data = type + 10
            // A proof's owner stands nowhere else, or behind what pointers reach; what it shares with the question does.
            let isProof =
                owner >= 0x4000
                || [.nsec, .nsec3].contains(
                    RecordType(rawValue: UInt16(octets[type]) << 8 | UInt16(octets[type + 1])))
            let isSection = index < counts[0] + counts[1]
            let isCompressed = octets[isProof ? type - 2 : owner] >= 0xC0 || type - owner == 1
            expect(!isSection || isCompressed, "the owner of record \(index) is not compressed")
            offset = data + Int(octets[data - 2]) << 8 + Int(octets[data - 1])
            switch RecordType(rawValue: UInt16(octets[type]) << 8 | UInt16(octets[type + 1])) {
            case .ns, .cname, .ptr: expect(nameEnd(data) == offset, "the name in record \(index)")
            case .mx: expect(nameEnd(data + 2) == offset, "the name in record \(index)")
            case .soa: expect(nameEnd(data).flatMap { nameEnd($0) }.map { $0 + 20 } == offset, "the names of the SOA")
            case .dname:
                expect(nameEnd(data) == offset && offset - data > 2 || octets[data] < 0xC0, "a compressed DNAME")
            default: break
            }
        }
    }

    /// Where a name ends; nil where a pointer leads forward or to itself.
    private func nameEnd(_ start: Int) -> Int? {
        var offset = start
        var end: Int?
        var last = start
        while offset < octets.count {
            let length = Int(octets[offset])
            if length >= 0xC0 {
                guard offset + 1 < octets.count else { return nil }
                end = end ?? offset + 2
                let target = (length & 0x3F) << 8 | Int(octets[offset + 1])
                guard target < last, target >= Header.count else { return nil }
                (offset, last) = (target, target)
            } else if length == 0 {
                return end ?? offset + 1
            } else {
                offset += length + 1
            }
        }
        return nil
    }

    /// An owner in answer or authority is spelled as in the question, or as in the alias that leads to it.
    private func checkSpelling(_ message: Message) {
        let sources = [question.name] + message.answer.filter { $0.type == .cname }.compactMap(\.target)
        for owner in Set((message.answer + message.authority).map(\.owner.wire)) {
            let isSpelled = sources.contains {
                $0.wire.count >= owner.count && $0.wire.suffix(owner.count).elementsEqual(owner)
            }
            // The owners of denials are the zone's.
            let isDenial = message.authority.contains {
                $0.owner.wire == owner && [.nsec, .nsec3, .rrsig].contains($0.type)
            }
            expect(isSpelled || isDenial, "an owner is spelled neither as the question nor as an alias")
        }
    }
}

extension Record {
    func isInSet(of other: Record) -> Bool {
        type == other.type && owner == other.owner && typeCovered == other.typeCovered
    }
}
