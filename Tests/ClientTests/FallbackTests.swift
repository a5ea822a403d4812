import DNS
import DNSClient
import Linux
import TestSupport
import Testing

/// From server to server, from UDP to TCP, from EDNS to none.
struct FallbackTests {
    private static func truncated(_ query: FakeServer.Query) -> FakeServer.Reaction {
        .reply(query.response { $0.header.isTruncated = true })
    }

    private static func good(_ query: FakeServer.Query) -> FakeServer.Reaction {
        .reply(query.response(answer: record))
    }

    @Test func truncationGoesToTCP() async throws {
        let server = try FakeServer { $0.isStream ? [Self.good($0)] : [Self.truncated($0)] }
        defer { server.stop() }
        let reply = try await Resolver(configuration: .patient(server.address)).query(question)
        #expect(reply.transport == .tcp && reply.attempts == 2 && reply.records.count == 1)
        #expect(reply.notes.map(\.reason) == [.truncated])
    }

    @Test func whatIsCutInARecordIsTruncated() async throws {
        let server = try FakeServer { query in
            let cut = query.response(answer: record) { $0.header.isTruncated = true }.dropLast(9)
            return query.isStream ? [Self.good(query)] : [.reply(Array(cut))]
        }
        defer { server.stop() }
        #expect(try await Resolver(configuration: .patient(server.address)).query(question).transport == .tcp)
    }

    @Test func tcpAlone() async throws {
        let server = try FakeServer { [Self.good($0)] }
        defer { server.stop() }
        var options = QueryOptions()
        options.transport = .tcp
        let reply = try await Resolver(configuration: .patient(server.address)).query(question, options: options)
        #expect(reply.transport == .tcp && reply.attempts == 1)
        #expect(server.queries.map(\.isStream) == [true])
    }

    @Test func aReplyInPiecesIsPutTogether() async throws {
        let server = try FakeServer { query in
            let frame = StreamClient.frame(query.response(answer: record))
            return frame.flatMap { [.octets([$0]), .wait(milliseconds: 1)] }
        }
        defer { server.stop() }
        var configuration = ResolverConfiguration.patient(server.address)
        configuration.options.transport = .tcp
        #expect(try await Resolver(configuration: configuration).query(question).records.count == 1)
    }

    @Test(arguments: [
        "truncated again", "wrong id", "wrong question", "closed", "early end", "endless", "silent", "garbage",
        "length of zero",
    ])
    func whatFailsOverTCP(kind: String) async throws {
        let server = try FakeServer { query in
            guard query.isStream else { return [Self.truncated(query)] }
            return Self.reactions(to: query, kind)
        }
        defer { server.stop() }
        // That there is an error at all is what counts: how long it takes to get here is up to the machine.
        let error = await failure(of: Resolver(configuration: .test(server.address)))
        #expect(error != nil && server.queries.contains(where: { $0.isStream }), "\(error?.notes ?? [])")
    }

    private static func reactions(to query: FakeServer.Query, _ kind: String) -> [FakeServer.Reaction] {
        switch kind {
        case "truncated again": [truncated(query)]
        case "wrong id": [.reply(query.response(answer: record) { $0.header.id ^= 1 }), .stayOpen]
        case "wrong question": [.reply(query.response { $0.questions[0].type = .mx }), .stayOpen]
        case "early end": [.octets(StreamClient.frame(query.response(answer: record)).dropLast(1))]
        case "endless": [.endless(milliseconds: 5)]
        case "silent": [.stayOpen]
        case "garbage":
            [.octets([0, 20] + Array(query.octets.prefix(2)) + Array(repeating: 0xFF, count: 18)), .stayOpen]
        case "length of zero": [.octets([0, 0]), .stayOpen]
        default: []
        }
    }

    @Test(arguments: [ResponseCode.formatError, .notImplemented])
    func withoutEDNS(code: ResponseCode) async throws {
        let server = try FakeServer { query in
            query.message.edns == nil ? [Self.good(query)] : [.reply(query.response(code) { $0.edns = nil })]
        }
        defer { server.stop() }
        let reply = try await Resolver(configuration: .patient(server.address)).query(question)
        #expect(reply.notes.map(\.reason) == [.ednsRefused(code)])
        #expect(reply.attempts == 2 && reply.records.count == 1)
    }

    @Test(arguments: [ResponseCode.serverFailure, .refused, .notImplemented])
    func theNextServerMayDoBetter(code: ResponseCode) async throws {
        let bad = try FakeServer { [.reply($0.response(code))] }
        let good = try FakeServer { [Self.good($0)] }
        defer {
            bad.stop()
            good.stop()
        }
        let reply = try await Resolver(configuration: .patient(bad.address, good.address)).query(question)
        #expect(reply.server == good.address && reply.responseCode == .noError)
        #expect(reply.notes.last?.reason == .responseCode(code))
    }

    @Test func anErrorCodeIsTheResultWhereNobodyDoesBetter() async throws {
        let bad = try FakeServer { [.reply($0.response(.serverFailure))] }
        let silent = try FakeServer { _ in [] }
        defer {
            bad.stop()
            silent.stop()
        }
        let reply = try await Resolver(configuration: .test(bad.address, silent.address)).query(question)
        #expect(reply.responseCode == .serverFailure && reply.server == bad.address)
        #expect(!silent.queries.isEmpty)
    }

    @Test func anNXDOMAINIsAnAnswer() async throws {
        let first = try FakeServer { [.reply($0.response(.nameError))] }
        let second = try FakeServer { [Self.good($0)] }
        defer {
            first.stop()
            second.stop()
        }
        let resolver = Resolver(configuration: .patient(first.address, second.address))
        #expect(try await resolver.query(question).responseCode == .nameError)
        #expect(second.queries.isEmpty)
        await #expect(throws: ResolverError.self) { try await resolver.records(.a, of: "www.example.test") }
    }

    @Test func rotationSpreadsTheQueries() async throws {
        let first = try FakeServer { [Self.good($0)] }
        let second = try FakeServer { [Self.good($0)] }
        defer {
            first.stop()
            second.stop()
        }
        var configuration = ResolverConfiguration.patient(first.address, second.address)
        configuration.rotates = true
        let resolver = Resolver(configuration: configuration)
        for _ in 0..<30 { _ = try await resolver.query(question) }
        #expect(!first.queries.isEmpty && !second.queries.isEmpty)
    }
}
