import DNS
import DNSClient
import DNSTesting
import Linux
import Testing

/// What a reply must have besides its id: the case of the question, and a cookie.
struct ForgeryTests {
    private static let serverCookie: [UInt8] = [9, 8, 7, 6, 5, 4, 3, 2]

    private static func cookie(of query: TestServer.Query) -> [UInt8]? {
        query.message.edns?.options.first { $0.code == .cookie }?.data
    }

    /// An answer with a cookie; without where it is nil.
    private static func answer(
        _ query: TestServer.Query, _ cookie: [UInt8]?, _ code: ResponseCode = .noError
    ) -> [UInt8] {
        query.response(code, answer: record) { message in
            message.edns?.options = cookie.map { [.init(.cookie, $0)] } ?? []
        }
    }

    /// The client's cookie with the server's.
    private static func right(_ query: TestServer.Query) -> [UInt8]? {
        cookie(of: query).map { Array($0.prefix(8)) + serverCookie }
    }

    // MARK: Case

    @Test func caseIsMixedAndRestored() async throws {
        let server = try TestServer { [.reply($0.response(answer: record))] }
        defer { server.stop() }
        let resolver = Resolver(configuration: .patient(server.address))
        for _ in 0..<8 {
            let reply = try await resolver.query(question)
            #expect(reply.message.questions.map(\.name.description) == ["www.example.test."])
            #expect(reply.message.answer.map(\.owner.description) == ["www.example.test."])
        }
        let names = Set(server.queries.compactMap { $0.message.questions.first?.name.wire })
        #expect(names.count > 1)
    }

    /// A server may copy the question's name instead of pointing at it.
    @Test func caseIsRestoredInACopy() async throws {
        let server = try TestServer { query in
            let octets = query.response(answer: record) { $0.edns = nil }
            let name = query.octets[12..<(12 + question.name.count)]
            // The answer's owner, which is a pointer, written out.
            return [.reply(Array(octets[..<(16 + name.count)]) + name + octets[(18 + name.count)...])]
        }
        defer { server.stop() }
        var options = QueryOptions()
        options.usesCookies = false
        let reply = try await Resolver(configuration: .patient(server.address)).query(question, options: options)
        #expect(reply.message.answer.map(\.owner.description) == ["www.example.test."])
    }

    @Test func caseCanBeLeftAlone() async throws {
        let server = try TestServer { [.reply($0.response(answer: record))] }
        defer { server.stop() }
        var options = QueryOptions()
        options.randomizesCase = false
        let asked = Question(try Name("wWw.ExAmPlE.tEsT"), .a)
        let reply = try await Resolver(configuration: .patient(server.address)).query(asked, options: options)
        #expect(server.queries.map { $0.message.questions.first?.name.wire } == [asked.name.wire])
        #expect(reply.message.answer.map(\.owner.description) == ["wWw.ExAmPlE.tEsT."])
    }

    @Test func aServerThatDoesNotEchoCaseIsAskedOverTCPOnce() async throws {
        let server = try TestServer { query in
            [
                .reply(query.response(answer: record) { $0.questions[0].name = $0.questions[0].name.lowercased }),
                .stayOpen,
            ]
        }
        defer { server.stop() }
        let resolver = Resolver(configuration: .patient(server.address))
        let asked = Question(try Name("a-long-name-with-many-letters.WWW.example.test"), .a)
        let first = try await resolver.query(asked)
        #expect(first.transport == .tcp && first.notes.map(\.reason) == [.caseNotEchoed])
        #expect(first.message.questions == [asked] && first.message.questions[0].name.wire == asked.name.wire)
        let second = try await resolver.query(asked)
        #expect(second.transport == .udp && second.attempts == 1)
        #expect(server.queries.last?.message.questions.first?.name.wire == asked.name.wire)
    }

    // MARK: Cookies

    @Test func cookiesAreSentAndRemembered() async throws {
        let server = try TestServer { query in
            [.reply(Self.answer(query, Self.right(query)))]
        }
        defer { server.stop() }
        let resolver = Resolver(configuration: .patient(server.address))
        for _ in 0..<3 { #expect(try await resolver.query(question).attempts == 1) }
        let cookies = server.queries.map { Self.cookie(of: $0) ?? [] }
        #expect(cookies.map(\.count) == [8, 16, 16] && Set(cookies.map { $0.prefix(8) }).count == 1)
        #expect(cookies[1].dropFirst(8).elementsEqual(Self.serverCookie))
        // Each resolver and each server has another one.
        _ = try await Resolver(configuration: .patient(server.address)).query(question)
        #expect(Self.cookie(of: server.queries[3])?.prefix(8) != cookies[0].prefix(8))
    }

    @Test(arguments: ["another client's", "too short", "too long"])
    func aWrongCookieIsPassedOver(kind: String) async throws {
        let server = try TestServer { query in
            let right = Self.cookie(of: query) ?? []
            let wrong: [UInt8] =
                switch kind {
                case "too short": Array(right.prefix(8)) + [1]
                case "too long": Array(right.prefix(8)) + [UInt8](repeating: 1, count: 33)
                default: right.map { $0 ^ 1 }
                }
            return [.reply(Self.answer(query, wrong, .nameError)), .reply(Self.answer(query, right))]
        }
        defer { server.stop() }
        let reply = try await Resolver(configuration: .patient(server.address)).query(question)
        #expect(reply.responseCode == .noError && reply.attempts == 1)
    }

    @Test func whoeverGaveACookieMustSendIt() async throws {
        let server = try TestServer { query in
            let right = Self.right(query)
            // A forged reply comes first, from the second query on.
            let forged = TestServer.Reaction.reply(Self.answer(query, nil, .nameError))
            return (query.number == 2 ? [forged] : []) + [.reply(Self.answer(query, right))]
        }
        defer { server.stop() }
        let resolver = Resolver(configuration: .patient(server.address))
        #expect(try await resolver.query(question).transport == .udp)
        let reply = try await resolver.query(question)
        #expect(reply.responseCode == .noError && reply.transport == .tcp)
        #expect(reply.notes.map(\.reason) == [.cookieMissing])
    }

    @Test func aServerThatForgotItsCookieIsAskedOverTCP() async throws {
        let server = try TestServer { query in
            let right = Self.right(query)
            return [.reply(Self.answer(query, query.number == 1 ? right : nil))]
        }
        defer { server.stop() }
        let resolver = Resolver(configuration: .patient(server.address))
        _ = try await resolver.query(question)
        let reply = try await resolver.query(question)
        #expect(reply.transport == .tcp)
        #expect(try await resolver.query(question).transport == .udp)
    }

    @Test(arguments: [1, 2, 100])
    func badCookie(times: Int) async throws {
        let server = try TestServer { query in
            let cookie = Self.right(query)
            return [.reply(Self.answer(query, cookie, query.number <= times ? .badCookie : .noError))]
        }
        defer { server.stop() }
        let reply = try await Resolver(configuration: .patient(server.address)).query(question)
        #expect(reply.responseCode == (times == 100 ? .badCookie : .noError))
        #expect(reply.transport == (times == 1 ? .udp : .tcp) && server.queries.count == min(times + 1, 3))
        #expect(Self.cookie(of: server.queries[1])?.dropFirst(8).elementsEqual(Self.serverCookie) == true)
    }

    /// UDP alone stays so, whatever is doubtful there.
    @Test(arguments: [ResponseCode.noError, .badCookie])
    func udpAlone(code: ResponseCode) async throws {
        let server = try TestServer { query in
            var changed = query.message
            changed.header.isResponse = true
            changed.header.responseCode = code
            changed.questions[0].name = changed.questions[0].name.lowercased
            changed.edns?.options = query.number == 1 ? [.init(.cookie, Self.right(query) ?? [])] : []
            return [.reply((try? changed.encoded()) ?? [])]
        }
        defer { server.stop() }
        var options = QueryOptions()
        options.transport = .udp
        let resolver = Resolver(configuration: .patient(server.address))
        for _ in 0..<3 {
            let reply = try await resolver.query(question, options: options)
            #expect(reply.responseCode == code && reply.transport == .udp)
        }
        #expect(server.queries.count { $0.isStream } == 0)
    }

    @Test func cookiesCanBeLeftOut() async throws {
        let server = try TestServer { [.reply($0.response(answer: record))] }
        defer { server.stop() }
        var options = QueryOptions()
        options.usesCookies = false
        let resolver = Resolver(configuration: .patient(server.address))
        _ = try await resolver.query(question, options: options)
        // One of the asker's own goes as it is.
        options.usesCookies = true
        options.edns?.options = [.init(.cookie, [1, 2, 3])]
        _ = try await resolver.query(question, options: options)
        #expect(server.queries.map { Self.cookie(of: $0) } == [nil, [1, 2, 3]])
    }
}
