import DNS
import DNSClient
import Linux
import Synchronization
import TestSupport
import Testing

struct ResolverTests {
    private static let zone = """
        $TTL 300
        @ SOA ns hostmaster 1 3600 600 86400 60
        @ NS ns
        ns A 192.0.2.1
        www A 192.0.2.80
        www AAAA 2001:db8::80
        web CNAME shop
        shop CNAME www
        out CNAME elsewhere.invalid.
        @ MX 10 mail
        mail A 192.0.2.25
        *.many TXT "text"

        """

    private static func server() throws -> RunningServer { try RunningServer(origin: "example.test", zone) }

    @Test func recordsAndAddresses() async throws {
        let server = try Self.server()
        // As on a machine with both families.
        var surroundings = Surroundings.system
        surroundings.source = { $0 }
        let resolver = Resolver(configuration: .patient(server.address), surroundings: surroundings)
        let exchangers = try await resolver.records(.mx, of: "example.test")
        #expect(exchangers.map(\.description) == ["example.test. 300 IN MX 10 mail.example.test."])
        #expect(
            try await resolver.addresses(of: "www.example.test", port: 80).map(\.description)
                == ["[2001:db8::80]:80", "192.0.2.80:80"])
        #expect(try await resolver.addresses(of: "web.example.test").map(\.host) == ["2001:db8::80", "192.0.2.80"])
        #expect(try await resolver.addresses(of: "out.example.test").isEmpty)
        #expect(try await resolver.addresses(of: "mail.example.test").map(\.host) == ["192.0.2.25"])
        #expect(try await resolver.records(.a, of: "example.test").isEmpty)
        #expect(try await resolver.addresses(of: "192.0.2.9", port: 1).map(\.description) == ["192.0.2.9:1"])
    }

    /// One family is silent, or has none: the other is enough, and is not waited for long.
    @Test(arguments: [RecordType.aaaa, .a])
    func aFamilyThatIsLateIsLeftOut(late: RecordType) async throws {
        let answers = ["www.example.test. 60 IN A 192.0.2.1", "www.example.test. 60 IN AAAA 2001:db8::1"]
        let server = try FakeServer { query in
            let type = query.message.questions.first?.type
            return type == late ? [] : [.reply(query.response(answer: answers[type == .a ? 0 : 1]))]
        }
        defer { server.stop() }
        var configuration = ResolverConfiguration.patient(server.address)
        configuration.familyDelay = .milliseconds(20)
        configuration.timeout = .seconds(20)
        configuration.deadline = .seconds(20)
        let start = Clock.milliseconds
        let resolver = Resolver(configuration: configuration)
        let addresses = try await resolver.addresses(of: "www.example.test")
        #expect(addresses.map(\.host) == [late == .a ? "2001:db8::1" : "192.0.2.1"])
        #expect(Clock.milliseconds - start < 15_000)
        let impatient = Task { try await resolver.addresses(of: "www.example.test") }
        impatient.cancel()
        _ = await impatient.result
        #expect(Clock.milliseconds - start < 15_000)
    }

    /// One family fails, and the other has none: nobody knows whether there are any.
    @Test(arguments: [RecordType.aaaa, .a])
    func addressesThatCannotBeKnownAreAnError(failing: RecordType) async throws {
        let server = try FakeServer { query in
            [.reply(query.response(query.message.questions.first?.type == failing ? .serverFailure : .noError))]
        }
        defer { server.stop() }
        let resolver = Resolver(configuration: .patient(server.address))
        await #expect(throws: ResolverError.self) { try await resolver.addresses(of: "www.example.test") }
    }

    @Test func whatIsNotThereIsAnError() async throws {
        let server = try Self.server()
        let resolver = Resolver(configuration: .patient(server.address))
        for name in ["nothing.example.test", "a..b", "other.test"] {
            await #expect(throws: ResolverError.self) { try await resolver.addresses(of: name) }
        }
        await #expect(throws: ResolverError.self) { try await resolver.reverse(of: .loopback(.ipv4, port: 0)) }
    }

    @Test func reverse() async throws {
        let zone = "@ 60 SOA ns.a. h.a. 1 1 1 1 1\n@ 60 NS ns.a.\n80 60 PTR www.example.test.\n"
        let server = try RunningServer(origin: "2.0.192.in-addr.arpa", zone)
        let resolver = Resolver(configuration: .patient(server.address))
        let address = try #require(SocketAddress(host: "192.0.2.80", port: 0))
        #expect(try await resolver.reverse(of: address).map(\.description) == ["www.example.test."])
        let six = try #require(SocketAddress(host: "2001:db8::567:89ab", port: 0))
        #expect(
            "\(Name(reverseOf: six))"
                == "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.")
    }

    @Test func provenance() async throws {
        let server = try Self.server()
        let reply = try await Resolver(configuration: .patient(server.address))
            .query(Question(try Name("WWW.example.test"), .a))
        #expect(reply.server == server.address && reply.transport == .udp && reply.attempts == 1)
        #expect(reply.notes.isEmpty && reply.duration > .zero && reply.size > 12)
        #expect("\(reply.message.answer[0].owner)" == "WWW.example.test.")
        #expect(reply.message.edns != nil && reply.message.header.isAuthoritative)
    }

    @Test func thousandsAtOnce() async throws {
        let server = try Self.server()
        let resolver = Resolver(configuration: .patient(server.address))
        let count = 3_000
        let answered = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<count {
                group.addTask {
                    let name = "n\(number).many.example.test"
                    let records = try await resolver.records(.txt, of: name)
                    return records.map(\.owner.description) == ["\(name)."]
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(answered == count)
    }

    @Test func cancellationIsHonoured() async throws {
        let server = try FakeServer { _ in [] }
        defer { server.stop() }
        var configuration = ResolverConfiguration.patient(server.address)
        configuration.timeout = .seconds(60)
        configuration.deadline = .seconds(60)
        let resolver = Resolver(configuration: configuration)
        let start = Clock.milliseconds
        let tasks = (0..<20).map { _ in Task { await failure(of: resolver) } }
        while server.queries.count < 10 && Clock.milliseconds - start < 10_000 { await Task.yield() }
        for task in tasks { task.cancel() }
        for task in tasks {
            guard case .cancelled = await task.value else {
                Issue.record("not cancelled")
                continue
            }
        }
        #expect(Clock.milliseconds - start < 20_000)
    }

    @Test func clockAndChanceAreInjected() async throws {
        let server = try FakeServer { [.reply($0.response(answer: record))] }
        defer { server.stop() }
        let calls = Mutex(UInt64(0))
        let surroundings = Surroundings(
            nanoseconds: Surroundings.system.nanoseconds,
            random: {
                calls.withLock { calls in
                    calls += 1
                    return 40_000 + calls
                }
            })
        let resolver = Resolver(configuration: .patient(server.address), surroundings: surroundings)
        _ = try await resolver.query(question)
        _ = try await resolver.query(question)
        #expect(calls.withLock { $0 } >= 4)
        #expect(server.queries.map { word($0.octets, 0) > 40_000 } == [true, true])
    }

    @Test func aQueryThatFitsNoMessageIsAnError() async throws {
        var options = QueryOptions()
        options.edns?.options = [.init(.padding, [UInt8](repeating: 0, count: 70_000))]
        let resolver = Resolver(configuration: .test(.loopback(.ipv4, port: 9)))
        await #expect(throws: ResolverError.self) { try await resolver.query(question, options: options) }
    }
}
