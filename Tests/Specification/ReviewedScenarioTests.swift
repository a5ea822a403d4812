import DNS
import TestSupport
import Testing

/// The specification itself, held against the scenarios, whose replies people have reviewed.
@Suite struct ReviewedScenarioTests {
    @Test func specificationGivesTheRepliesOfTheScenarios() throws {
        var compared = 0
        // What a server says of itself is not in any zone.
        for scenario in try Scenario.all() where scenario.identity == nil {
            for group in scenario.groups {
                let specification = try Specification(group)
                for step in group.steps {
                    for transport in step.transports {
                        guard let reply = specification.reply(to: step.query, over: transport) else { continue }
                        compared += 1
                        for difference in step.reply.differences(from: reply, to: step.query) {
                            Issue.record("\(step.place) over \(transport): \(difference)")
                        }
                    }
                }
            }
        }
        #expect(compared > 1500)
    }
}

extension Specification {
    init(_ group: Scenario.Group) throws {
        zones = try group.zones.map { origin, text in
            let parsed = ZoneParser.parse(path: origin, origin: try Name(origin)) { _ in .success(text) }.zone
            return Zone(origin: parsed.origin, records: (0..<parsed.recordCount).map { parsed[$0] })
        }
        unavailable = try group.broken.map { try Name($0) }
    }

    /// The reply as octets; nil where the query is none that the specification speaks of, or the reply must be cut.
    fileprivate func reply(to query: [UInt8], over transport: Transport) -> [UInt8]? {
        guard let asked = try? Message(decoding: query.span), asked.header.opcode == .query, asked.questions.count == 1,
            !asked.header.isResponse, asked.edns?.version ?? 0 == 0, asked.edns?.options ?? [] == [],
            (asked.answer + asked.authority + asked.additional).isEmpty, (try? asked.encoded()) == query
        else { return nil }
        let question = asked.questions[0]
        guard ![.axfr, .ixfr].contains(question.type) || transport == .udp else { return nil }
        let isSigned = asked.edns?.dnssecOK ?? false
        let said = reply(to: question, over: transport, dnssecOK: isSigned)
        var message = Message(id: asked.header.id, question: question)
        message.header.isResponse = true
        message.header.recursionDesired = asked.header.recursionDesired
        message.header.checkingDisabled = asked.header.checkingDisabled
        message.header.isAuthoritative = said.isAuthoritative
        message.header.responseCode = said.code
        (message.answer, message.authority, message.additional) = (said.answer, said.authority, said.additional)
        message.edns = asked.edns.map { _ in EDNS(dnssecOK: isSigned) }
        if let error = said.error { message.edns?.append(ExtendedError(error)) }
        guard let octets = try? message.encoded() else { return nil }
        return octets.count <= Way(transport, asked.edns).limit ? octets : nil
    }
}
