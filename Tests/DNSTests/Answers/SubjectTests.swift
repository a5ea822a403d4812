import DNS
import TestSupport
import Testing

/// What counts as one answer where answers are limited.
@Suite struct SubjectTests {
    private static let zone = """
        @ 3600 IN SOA ns hostmaster 1 3600 600 86400 60
        @ 3600 IN NS ns
        ns A 192.0.2.1
        ns AAAA 2001:db8::1
        www CNAME ns
        *.wild A 192.0.2.2
        sub NS ns.sub
        ns.sub A 192.0.2.3
        moved DNAME ns
        """

    private static func database() throws -> Database {
        let zones = try ["example.test", "second.test"].map { origin in
            try #require(
                ZoneLoader.load(path: "zone", origin: try Name(origin), seed: 1) { _ in .success(Array(zone.utf8)) }
                    .zone)
        }
        return Database(zones: zones, unavailable: [try Name("broken.test"), try Name("worse.test")], seed: 1)
    }

    /// The responses to the questions on each side count as one, or do not.
    @Test(arguments: [
        ("ns.example.test 1", "NS.Example.Test 1", true),
        ("ns.example.test 1", "ns.example.test 28", false),
        ("ns.example.test 1", "ns.second.test 1", false),
        // No such name: by zone
        ("a.example.test 1", "b.c.example.test 28", true),
        ("a.example.test 1", "a.second.test 1", false),
        ("a.example.test 1", "example.test 6", false),
        // No data: by name
        ("ns.example.test 15", "ns.example.test 16", true),
        ("ns.example.test 15", "example.test 15", false),
        // Aliases by name; wildcards, delegations and redirections by where they are
        ("www.example.test 1", "www.example.test 28", true),
        ("www.example.test 1", "ns.example.test 1", false),
        ("a.wild.example.test 1", "b.c.wild.example.test 1", true),
        ("a.wild.example.test 1", "a.wild.example.test 15", false),
        ("a.wild.example.test 15", "b.wild.example.test 16", true),
        ("a.sub.example.test 1", "b.c.sub.example.test 16", true),
        ("a.sub.example.test 1", "a.example.test 1", false),
        ("a.moved.example.test 1", "b.moved.example.test 28", true),
        // Errors: by kind, and by zone where there is one
        ("a.elsewhere.test 1", "b.nowhere.test 28", true),
        ("a.broken.test 1", "b.broken.test 1", true),
        ("a.broken.test 1", "a.worse.test 1", false),
        ("a.broken.test 1", "a.elsewhere.test 1", false),
    ])
    func counts(_ left: String, _ right: String, _ areOne: Bool) throws {
        let database = try Self.database()
        func subject(_ question: String) throws -> UInt64 {
            let words = question.split(separator: " ")
            var responder = Responder()
            var room = [UInt8](repeating: 0, count: Message.maximumCount)
            var span = room.mutableSpan
            let query = Sample.query(String(words[0]), type: try #require(UInt16(words[1])))
            #expect(responder.respond(to: query.span, over: .udp, from: database, into: &span) > 0)
            return responder.subject
        }
        let subjects = (try subject(left), try subject(right))
        #expect(subjects.0 != 0 && subjects.1 != 0)
        #expect((subjects.0 == subjects.1) == areOne)
    }

    /// A limited client gets the question back, and what EDNS wants.
    @Test(arguments: try Scenario.all())
    func limitedRepliesHoldNothing(_ scenario: Scenario) throws {
        for group in scenario.groups {
            let database = try group.database()
            for step in group.steps {
                var responder = Responder(scenario.options)
                var room = [UInt8](repeating: 0, count: Responder.largestUDPResponse)
                var span = room.mutableSpan
                let count = responder.respond(toLimited: step.query.span, from: database, for: Client(), into: &span)
                let full = respond(to: step.query, over: .udp, from: database, scenario.options)
                #expect((count == 0) == (full == nil), "\(step.place)")
                guard let full, count > 0 else { continue }
                let message = try Message(decoding: room.span.extracting(0..<count))
                #expect(message.header.isTruncated && message.answer.isEmpty && message.authority.isEmpty)
                #expect(count <= full.count, "\(step.place)")
            }
        }
    }
}
