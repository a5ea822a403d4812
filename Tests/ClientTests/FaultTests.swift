import DNS
import DNSClient
import Linux
import TestSupport
import Testing

/// What servers and strangers do wrong: a reply or an error, always in time.
struct FaultTests {
    private static func reply(of query: FakeServer.Query) -> [FakeServer.Reaction] {
        [.reply(query.response(answer: record))]
    }

    @Test func silenceIsAskedAgain() async throws {
        let server = try FakeServer { $0.number < 3 ? [] : Self.reply(of: $0) }
        defer { server.stop() }
        let reply = try await Resolver(configuration: .test(server.address, tries: 20)).query(question)
        #expect(reply.attempts >= 3 && reply.notes.count == reply.attempts - 1 && reply.server == server.address)
        #expect(reply.records.map(\.description) == [record])
        // Each time another id and another port.
        #expect(Set(server.queries.map { word($0.octets, 0) }).count >= 3)
    }

    @Test func silenceForEverIsAnError() async throws {
        let server = try FakeServer { _ in [] }
        defer { server.stop() }
        let error = await failure(of: Resolver(configuration: .test(server.address)))
        #expect(error?.notes.count == 2 && server.queries.count <= 2)
    }

    @Test func theDeadlineEndsItAll() async throws {
        let server = try FakeServer { _ in [] }
        defer { server.stop() }
        var configuration = ResolverConfiguration.test(server.address, tries: 100)
        configuration.deadline = .milliseconds(400)
        #expect(await failure(of: Resolver(configuration: configuration)) != nil)
        // Of a hundred tries there was time for these.
        #expect(server.queries.count <= 4)
    }

    @Test func aLateReplyIsNotTakenForTheNext() async throws {
        let server = try FakeServer { query in
            query.number == 1 ? [.wait(milliseconds: 300)] + Self.reply(of: query) : Self.reply(of: query)
        }
        defer { server.stop() }
        let reply = try await Resolver(configuration: .test(server.address, tries: 10)).query(question)
        #expect(reply.attempts > 1 && reply.records.count == 1)
    }

    @Test(arguments: [
        "wrong id", "wrong name", "wrong type", "wrong class", "no response", "wrong opcode", "two questions", "short",
        "empty", "no question",
    ])
    func mismatchesArePassedOver(kind: String) async throws {
        let server = try FakeServer { query in
            let wrong = query.response { Self.spoil(&$0, kind) }
            return [.reply(kind == "short" ? Array(wrong.prefix(11)) : kind == "empty" ? [] : wrong)]
                + [.reply(query.response(answer: record))]
        }
        defer { server.stop() }
        let reply = try await Resolver(configuration: .patient(server.address)).query(question)
        #expect(reply.attempts == 1 && reply.records.count == 1)
    }

    private static func spoil(_ message: inout Message, _ kind: String) {
        switch kind {
        case "wrong id": message.header.id ^= 1
        case "wrong name": message.questions[0].name = .root
        case "wrong type": message.questions[0].type = .aaaa
        case "wrong class": message.questions[0].recordClass = .chaos
        case "no response": message.header.isResponse = false
        case "wrong opcode": message.header.opcode = .status
        case "two questions": message.questions.append(question)
        case "no question": message.questions = []
        default: break
        }
    }

    @Test func othersAreNotHeard() async throws {
        let server = try FakeServer { query in
            [.replyFromElsewhere(query.response(.nameError)), .wait(milliseconds: 20)] + Self.reply(of: query)
        }
        defer { server.stop() }
        let reply = try await Resolver(configuration: .patient(server.address)).query(question)
        #expect(reply.responseCode == .noError && reply.attempts == 1)
    }

    /// A network that repeats what it carries harms nobody who waits for long over the same port.
    @Test func repetitionsAreNoFlood() async throws {
        let server = try FakeServer { query in
            query.message.questions.first?.type == .txt
                ? [] : Array(repeating: .reply(query.response(answer: record)), count: 40)
        }
        defer { server.stop() }
        var configuration = ResolverConfiguration.patient(server.address)
        configuration.timeout = .seconds(60)
        configuration.deadline = .seconds(60)
        let resolver = Resolver(configuration: configuration)
        // Each on a port of its own.
        let waiting = (0..<Limits.socketsPerServer).map { _ in
            Task { await failure(of: resolver, Question(question.name, .txt)) }
        }
        defer { for task in waiting { task.cancel() } }
        while server.queries.count < waiting.count { await Task.yield() }
        for _ in 0..<600 { #expect(try await resolver.query(question).attempts == 1) }
        #expect(server.queries.count == waiting.count + 600)
    }

    @Test func aFloodOfMismatchesEndsTheTry() async throws {
        let server = try FakeServer { query in
            let wrong = FakeServer.Reaction.reply(query.response { $0.header.id ^= 1 })
            return query.number > 1
                ? Self.reply(of: query)
                : (0..<100).flatMap { _ in Array(repeating: wrong, count: 40) + [.wait(milliseconds: 2)] }
        }
        defer { server.stop() }
        let reply = try await Resolver(configuration: .patient(server.address)).query(question)
        #expect(reply.notes.map(\.reason) == [.tooManyMismatches])
    }

    @Test(arguments: ["garbage behind", "cut", "pointer loop", "counts"])
    func whatCannotBeReadFailsTheTry(kind: String) async throws {
        let server = try FakeServer { query in
            var octets = query.response(answer: record)
            switch kind {
            case "garbage behind": octets += [1, 2, 3]
            case "cut": octets.removeLast()
            // The owner of the record points at itself.
            case "pointer loop": octets[34] = UInt8(34)
            default: octets[6] = 0xFF
            }
            return [.reply(query.number == 1 ? octets : query.response(answer: record))]
        }
        defer { server.stop() }
        let reply = try await Resolver(configuration: .patient(server.address)).query(question)
        #expect(reply.attempts == 2 && reply.records.count == 1, "\(reply.notes)")
        guard case .malformed = reply.notes.first?.reason else {
            Issue.record("\(reply.notes)")
            return
        }
    }

    @Test func anErrorWithoutAQuestionIsAReply() async throws {
        let server = try FakeServer { query in [.reply(query.response(.formatError) { $0.questions = [] })] }
        defer { server.stop() }
        let reply = try await Resolver(configuration: .patient(server.address)).query(question)
        #expect(reply.responseCode == .formatError && reply.attempts == 2)
        #expect(reply.notes.map(\.reason) == [.ednsRefused(.formatError)])
    }

    @Test func nobodyListens() async throws {
        let socket = try Socket(.udp, .ipv4)
        try socket.bind(.loopback(.ipv4, port: 0))
        let address = try socket.localAddress()
        let error = await failure(of: Resolver(configuration: .test(address)))
        // The socket takes what comes and says nothing.
        #expect(error?.notes.count == 2)
        withExtendedLifetime(socket) {}
        #expect(await failure(of: Resolver(configuration: .test())) != nil)
    }
}

/// The 16 bits at an offset of a message.
func word(_ octets: [UInt8], _ offset: Int) -> UInt16 {
    octets.count > offset + 1 ? UInt16(octets[offset]) << 8 | UInt16(octets[offset + 1]) : 0
}
