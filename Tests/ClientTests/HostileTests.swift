import DNS
import DNSClient
import DNSTesting
import Linux
import TestSupport
import Testing

/// Servers and strangers that mean harm: an error within the deadline, and nothing in the cache.
struct HostileTests {
    private typealias Reaction = TestServer.Reaction

    /// What each does to a query over UDP, and over TCP where nothing else is said.
    private static let attacks: [String: @Sendable (TestServer.Query) -> [Reaction]] = [
        "silence": { _ in [] },
        "another id": { query in (0..<100).map { _ in .reply(query.response(answer: record) { $0.header.id &+= 1 }) } },
        "another question": { [.reply($0.response(answer: record) { $0.questions[0].name = .root })] },
        "another type": { [.reply($0.response(answer: record) { $0.questions[0].type = .txt })] },
        "from another port": { [.replyFromElsewhere($0.response(answer: record))] },
        "no response": { [.reply($0.octets)] },
        "no answer without a question": { [.reply($0.response { $0.questions = [] })] },
        "a question of pointers": { query in
            [.reply(query.response(answer: record).replacing(12..<14, with: [0xC0, 0x0C]))]
        },
        "a loop of pointers": { query in
            // The record's owner points at itself.
            let owner = query.octets.questionEnd
            return [.reply(query.response(answer: record).replacing(owner..<(owner + 2), with: [0xC0, UInt8(owner)]))]
        },
        "a pointer ahead": { query in
            let owner = query.octets.questionEnd
            return [.reply(query.response(answer: record).replacing(owner..<(owner + 2), with: [0xC0, 0xFF]))]
        },
        "data beyond the end": { query in
            let octets = query.response(answer: record) { $0.edns = nil }
            return [.reply(octets.replacing((octets.count - 6)..<(octets.count - 4), with: [0xFF, 0xFF]))]
        },
        "more records than there are": { query in
            [.reply(query.response(answer: record).replacing(6..<12, with: [UInt8](repeating: 0xFF, count: 6)))]
        },
        "64 KB of options": { query in
            [.reply(query.response { $0.edns?.options = (0..<16_000).map { .init(.init(rawValue: $0)) } })]
        },
        "64 KB of zeros": { query in [.reply(query.octets.prefix(2) + [UInt8](repeating: 0, count: 65_000))] },
        "two OPT records": { query in
            let octets = query.response()
            let opt = octets[query.octets.questionEnd...]
            return [.reply(octets.replacing(10..<12, with: [0, 2]) + opt)]
        },
        "garbage": { _ in [.garbage] },
        "TC over TCP": { _ in [.truncated] },
        "TC, then silence": { $0.isStream ? [.stayOpen] : [.truncated] },
        "TC, then no end": { $0.isStream ? [.endless(milliseconds: 1)] : [.truncated] },
        "TC, then other messages": { query in
            let other = StreamClient.frame(query.response { $0.header.id &+= 1 })
            return query.isStream ? (0..<100).map { _ in .octets(other) } + [.stayOpen] : [.truncated]
        },
        "TC, then a half": { query in
            let half = StreamClient.frame(query.response(answer: record)).dropLast(10)
            return query.isStream ? [.octets(Array(half)), .stayOpen] : [.truncated]
        },
        "TC, then the end": { $0.isStream ? [] : [.truncated] },
        "another case for ever": { query in
            guard query.isStream else {
                return [.caseNotEchoed, .reply(query.response { $0.questions[0].name = other })]
            }
            return [.stayOpen]
        },
        "FORMERR for ever": { [.reply($0.response(.formatError) { $0.questions = [] })] },
        "BADVERS for ever": { [.reply($0.response(.badVersion))] },
        "BADCOOKIE for ever": { [.reply($0.response(.badCookie))] },
    ]

    private static let other = try! Name("WWW.EXAMPLE.TEST")

    @Test(arguments: attacks.keys.sorted())
    func isLivedThrough(attack: String) async throws {
        let attacker = try TestServer(try #require(Self.attacks[attack]))
        defer { attacker.stop() }
        var configuration = ResolverConfiguration.test(attacker.address)
        configuration.deadline = .seconds(2)
        configuration.options.edns?.version = attack == "BADVERS for ever" ? 1 : 0
        let cache = Cache()
        let start = Clock.milliseconds
        let resolver = Resolver(configuration: configuration, cache: cache)
        await #expect(throws: ResolverError.self) { try await resolver.records(.a, of: "www.example.test") }
        // The deadline, and patience with a busy machine.
        #expect(Clock.milliseconds - start < 10_000)
        #expect(cache.count == 0 && attacker.queries.count <= 12)
        // The resolver is as good as before.
        attacker.react { [.reply($0.response(answer: record)), .stayOpen] }
        // A busy machine may need a few tries.
        for _ in 0..<20 where await failure(of: resolver) == nil { return }
        Issue.record("the resolver does not recover")
    }
}

extension [UInt8] {
    /// Where the question of a message ends that has one, and no pointer in it.
    fileprivate var questionEnd: Int {
        var offset = 12
        while self[offset] != 0 { offset += Int(self[offset]) + 1 }
        return offset + 5
    }

    fileprivate func replacing(_ range: Range<Int>, with octets: [UInt8]) -> [UInt8] {
        Array(self[..<range.lowerBound]) + octets + Array(self[range.upperBound...])
    }
}
