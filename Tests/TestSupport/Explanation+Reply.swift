public import DNS

extension Explanation {
    /// In what the reply to the question, asked over TCP, is not what was explained.
    public func differences(from octets: [UInt8]) -> [String] {
        guard let reply = try? Message(decoding: octets.span) else { return ["the reply cannot be read"] }
        var differences: [String] = []
        func expect(_ isSame: Bool, _ what: String) { if !isSame { differences.append("\(question): \(what)") } }
        expect(reply.header.responseCode == responseCode, "\(reply.header.responseCode), explained as \(responseCode)")
        expect(reply.header.isAuthoritative == isAuthoritative, "AA is not \(isAuthoritative)")
        let aliases = steps.compactMap { step -> (Name, Name)? in
            switch step.finding {
            case .alias(let target), .aliasElsewhere(let target): (step.name, target)
            default: nil
            }
        }
        for (name, target) in aliases {
            let isThere = reply.answer.contains {
                $0.type == .cname && $0.owner == name && (try? Name(wire: $0.data.octets.span)) == target
            }
            expect(isThere, "no alias \(name) in the reply")
        }
        if question.type != .any && question.type != .cname {
            expect(reply.answer.count { $0.type == .cname } == aliases.count, "not \(aliases.count) aliases")
        }
        guard let last = steps.last else { return differences + ["no step"] }
        let found = reply.answer.filter { $0.type == question.type && $0.owner == last.name }
        switch last.finding {
        case .answer where question.type == .any || question.type == .rrsig:
            expect(!reply.answer.isEmpty, "nothing at \(last.name)")
        case .answer: expect(!found.isEmpty, "no answer at \(last.name)")
        case .noData, .nameError:
            expect(found.isEmpty, "data at \(last.name)")
            expect(reply.authority.contains { $0.type == .soa }, "no SOA record")
        case .referral: expect(reply.authority.contains { $0.type == .ns && $0.owner == last.name }, "no NS records")
        case .refused, .notImplemented, .unavailableZone: expect(reply.answer.isEmpty, "an answer")
        case .alias, .aliasElsewhere, .aliasLoop, .nameTooLong: expect(!reply.answer.isEmpty, "no alias")
        default: expect(false, "explained as \(last.finding)")
        }
        return differences
    }
}
