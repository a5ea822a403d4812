import DNS
import DNSClient
import DNSServer
import Linux
import Synchronization
import TestSupport
import Testing

/// Bulk lookups: every question has one result, whatever servers do.
struct BulkTests {
    private struct Result: Sendable {
        var text: String
        var attempts: Int
        var transport: DNSClient.Reply.Transport
        var notes: [Note]
    }

    /// What became of each name.
    private static func ask(
        _ names: [String], _ configuration: ResolverConfiguration, _ surroundings: Surroundings = .system
    ) throws -> [Result] {
        let questions = try names.map { Question(try Name($0), .a) }
        let resolver = try BulkResolver(configuration: configuration, surroundings: surroundings)
        var results: [Result?] = Array(repeating: nil, count: questions.count)
        var next = 0
        try resolver.run {
            guard next < questions.count else { return .end }
            next += 1
            return .question(questions[next - 1])
        } result: { result, octets throws(WireError) in
            var text = "none"
            if !octets.isEmpty {
                let message = try Message(decoding: octets)
                text = message.answer.first.map { "\($0.data)" } ?? "\(message.header.responseCode)"
            }
            #expect(results[result.number] == nil && result.question == questions[result.number])
            results[result.number] = Result(
                text: text, attempts: result.provenance.attempts, transport: result.provenance.transport,
                notes: result.provenance.notes)
        }
        return try results.map { try #require($0) }
    }

    private static func answer(_ query: FakeServer.Query) -> [UInt8] {
        let name = query.message.questions.first?.name ?? .root
        return query.response(answer: "\(name) 60 IN A 192.0.2.1")
    }

    private static func react(_ seen: borrowing Mutex<[String: Int]>, to query: FakeServer.Query) -> [FakeServer
        .Reaction]
    {
        let name = query.message.questions.first?.name.lowercased ?? .root
        let times = seen.withLock { seen in
            seen["\(name)", default: 0] += 1
            return seen["\(name)"] ?? 0
        }
        switch name.labels.first?.description {
        case "silent": return []
        case "once": return times == 1 ? [] : [.reply(answer(query))]
        case "servfail": return [.reply(query.response(.serverFailure))]
        case "formerr":
            return [.reply(query.message.edns != nil ? query.response(.formatError) { $0.edns = nil } : answer(query))]
        // Over TCP the connection ends behind each reply, whoever else waits on it.
        case "tc": return [.reply(query.isStream ? answer(query) : query.response { $0.header.isTruncated = true })]
        case "tcagain": return [.reply(query.response { $0.header.isTruncated = true })]
        case "garbage":
            return [
                .reply(Array(query.octets.prefix(2)) + [0x84, 0, 0, 1, 0, 9, 0, 0, 0, 0] + query.octets.dropFirst(12))
            ]
        case "wrong":
            var id = query.octets
            id[1] ^= 1
            let others = [
                query.response { $0.questions[0].name = .root }, query.response { $0.questions[0].type = .aaaa },
                query.response { $0.header.isResponse = false }, query.response { $0.questions = [] }, [], [1, 2, 3],
                query.response { $0.questions.append($0.questions[0]) }, id,
            ]
            return others.map { .reply($0) } + [.reply(answer(query))]
        case "elsewhere": return [.replyFromElsewhere(query.response(.nameError)), .reply(answer(query))]
        default: return [.reply(answer(query))]
        }
    }

    @Test func everyQuestionHasItsResult() throws {
        let seen = Shared()
        let server = try FakeServer { Self.react(seen.names, to: $0) }
        defer { server.stop() }
        let kinds = [
            "plain", "silent", "once", "servfail", "formerr", "tc", "tcagain", "garbage", "wrong", "elsewhere",
        ]
        let names = (0..<20).flatMap { number in kinds.map { "\($0).n\(number).test" } }
        var configuration = ResolverConfiguration.test(server.address)
        configuration.timeout = .milliseconds(700)
        for (name, result) in zip(names, try Self.ask(names, configuration)) {
            let kind = name.split(separator: ".")[0]
            switch kind {
            case "silent", "tcagain", "garbage": #expect(result.text == "none" && result.notes.count >= 2, "\(name)")
            case "servfail": #expect(result.text == "SERVFAIL" && result.notes.isEmpty)
            default: #expect(result.text == "192.0.2.1", "\(name) \(result)")
            }
            #expect((result.transport == .tcp) == kind.hasPrefix("tc"))
        }
    }

    private final class Shared: Sendable { let names = Mutex<[String: Int]>([:]) }

    @Test func lossCostsNoTry() throws {
        let seen = Shared()
        let server = try FakeServer { query in
            let isFirst = seen.names.withLock {
                $0.updateValue(1, forKey: "\(query.message.questions.map(\.name.lowercased))") == nil
            }
            return isFirst && query.number % 7 == 0 ? [] : [.reply(Self.answer(query))]
        }
        defer { server.stop() }
        let names = (0..<1_000).map { "n\($0).test" }
        let start = Clock.milliseconds
        let results = try Self.ask(names, .patient(server.address))
        #expect(results.allSatisfy { $0.text == "192.0.2.1" })
        #expect(results.count { $0.attempts == 1 } > 900 && Clock.milliseconds - start < 15_000)
    }

    // MARK: Forgery

    @Test func aServerThatChangesCaseIsAskedOverTCPAndGetsPlainNamesThen() throws {
        let server = try FakeServer { query in
            let lowered = query.response(answer: "www.example.test. 60 IN A 192.0.2.1") { response in
                response.questions[0].name = response.questions[0].name.lowercased
            }
            return [.reply(lowered), .stayOpen]
        }
        defer { server.stop() }
        let names = (0..<500).map { "long-name-with-letters-\($0).example.test" }
        let results = try Self.ask(names, .patient(server.address))
        #expect(results.allSatisfy { $0.text == "192.0.2.1" })
        let (mixed, plain) = (results.filter { $0.transport == .tcp }, results.filter { $0.transport == .udp })
        #expect(!mixed.isEmpty && mixed.allSatisfy { $0.notes.map(\.reason) == [.caseNotEchoed] })
        #expect(!plain.isEmpty && plain.allSatisfy(\.notes.isEmpty))
    }

    @Test func repliesHaveTheCaseThatWasTyped() throws {
        let server = try FakeServer { [.reply($0.response(.nameError))] }
        defer { server.stop() }
        let names = (0..<50).map { "TyPed-\($0).Example.test" }
        let resolver = try BulkResolver(configuration: .patient(server.address))
        var next = names.makeIterator()
        try resolver.run {
            next.next().flatMap { try? Name($0) }.map { .question(Question($0, .a)) } ?? .end
        } result: { result, octets throws(WireError) in
            #expect(try Message(decoding: octets).questions.first?.name.wire == result.question.name.wire)
        }
        let sent = server.queries.compactMap { $0.message.questions.first?.name }
        #expect(!sent.allSatisfy { name in names.contains { "\($0)." == "\(name)" } })
    }

    @Test func whoeverGaveACookieMustSendIt() throws {
        @Sendable func answer(
            _ query: FakeServer.Query, _ cookie: [UInt8]?, _ code: ResponseCode = .noError
        ) -> FakeServer.Reaction {
            .reply(
                query.response(code, answer: "www.example.test. 60 IN A 192.0.2.\(cookie == nil ? 2 : 1)") { message in
                    message.edns?.options = cookie.map { [.init(.cookie, $0)] } ?? []
                })
        }
        let server = try FakeServer { query in
            let own = query.message.edns?.options.first { $0.code == .cookie }?.data ?? []
            let right = Array(own.prefix(8)) + [9, 8, 7, 6, 5, 4, 3, 2]
            switch query.message.questions.first?.name.lowercased.labels.first?.description {
            case "wrong": return [answer(query, right.map { $0 ^ 1 }), answer(query, right)]
            case "bad" where own.count == 8: return [answer(query, right, .badCookie)]
            case "forged" where own.count > 8 && !query.isStream: return [answer(query, nil), answer(query, right)]
            default: return [answer(query, right)]
            }
        }
        defer { server.stop() }
        let names = (0..<400).map { "\(["wrong", "bad", "forged", "plain"][$0 % 4]).n\($0).test" }
        let results = try Self.ask(names, .patient(server.address))
        #expect(results.allSatisfy { $0.text == "192.0.2.1" })
        #expect(results.contains { $0.notes.contains { $0.reason == .cookieMissing } && $0.transport == .tcp })
        #expect(results.contains { $0.notes.contains { $0.reason == .badCookie } })
    }

    @Test func otherServersAreAskedWhereOneFails() throws {
        let silent = try FakeServer { _ in [] }
        let failing = try FakeServer { [.reply($0.response(.refused))] }
        let good = try FakeServer { [.reply(Self.answer($0))] }
        defer { for server in [silent, failing, good] { server.stop() } }
        let names = (0..<30).map { "n\($0).test" }
        var results = try Self.ask(names, .test(silent.address, failing.address, good.address))
        #expect(results.allSatisfy { $0.text == "192.0.2.1" && $0.notes.count == 2 })
        results = try Self.ask(names, .test(failing.address, silent.address, tries: 1))
        #expect(results.allSatisfy { $0.text == "REFUSED" })
        #expect(throws: ResolverError.self) { try Self.ask(names, ResolverConfiguration(servers: [])) }
    }

    @Test func aServerThatCannotBeReachedLeavesTheOthers() throws {
        let good = try FakeServer { [.reply(Self.answer($0))] }
        defer { good.stop() }
        var surroundings = Surroundings.system
        surroundings.localAddress = .loopback(.ipv4, port: 0)
        // Sockets of the other family have no such address.
        let servers = [SocketAddress.loopback(.ipv6, port: 53), good.address]
        var configuration = ResolverConfiguration.patient(servers[0])
        configuration.servers = servers
        let results = try Self.ask((0..<2_000).map { "n\($0).test" }, configuration, surroundings)
        #expect(results.allSatisfy { $0.text == "192.0.2.1" })
        #expect(!results[0].notes.isEmpty && results.contains(where: \.notes.isEmpty))
    }

    @Test func portsAndIdsAreMany() throws {
        let socket = try Socket(.udp, .ipv4)
        try socket.setReceiveBuffer(octets: 4 << 20)
        try socket.bind(.loopback(.ipv4, port: 0))
        var configuration = ResolverConfiguration.test(try socket.localAddress(), tries: 1)
        configuration.timeout = .milliseconds(20)
        let results = try Self.ask((0..<6_000).map { "n\($0).test" }, configuration)
        #expect(results.allSatisfy { $0.text == "none" })
        var batch = try DatagramBatch(slots: 64)
        var peers: Set<SocketAddress> = []
        var ids: Set<UInt16> = []
        while case let count = try batch.receive(from: socket.descriptor), count > 0 {
            for index in 0..<count {
                if let peer = batch.queries.peer(index) { peers.insert(peer) }
                let octets = batch.queries.octets(index)
                ids.insert(UInt16(octets[0]) << 8 | UInt16(octets[1]))
            }
        }
        #expect((9...16).contains(peers.count) && ids.count > 1_000)
    }

    @Test func aServerAnswersManyNames() throws {
        let server = try RunningServer(
            origin: "example.test", Sample.zone(serial: 1) + "$GENERATE 0-19999 n$ 60 A 192.0.2.1\n")
        let names = (0..<20_000).map { "N\($0).example.test" }
        let results = try Self.ask(names, .patient(server.address))
        #expect(results.allSatisfy { $0.text == "192.0.2.1" })
    }
}
