import DNS
import DNSClient
import DNSTesting
import Linux
import Synchronization
import Testing

/// A cache keeps what it may, as long as it may.
struct CacheTests {
    /// Time that passes when a test says so.
    private final class Watch: Sendable {
        let offset = Atomic(0)

        var surroundings: Surroundings {
            Surroundings(
                nanoseconds: { [self] in Surroundings.system.nanoseconds() + offset.load(ordering: .relaxed) },
                random: Surroundings.system.random)
        }

        func pass(seconds: Int) { offset.add(seconds * 1_000_000_000, ordering: .relaxed) }
    }

    private static let zone = """
        $ORIGIN example.test.
        @       3600 IN SOA ns hostmaster 1 3600 600 86400 60
        @       3600 IN NS  ns
        ns      3600 IN A   192.0.2.1
        www      300 IN A   192.0.2.80
        brief      0 IN A   192.0.2.81
        web      100 IN CNAME www
        lost     100 IN CNAME nothing
        far       50 IN CNAME www.elsewhere.test.
        old   9999999 IN A  192.0.2.82
        big      300 IN TXT "\(String(repeating: "x", count: 200))"
        *.wild   300 IN A   192.0.2.83
        """

    private static func source(_ resolver: Resolver, _ name: String, _ type: RecordType = .a) async throws
        -> Reply.Source
    {
        try await resolver.query(Question(Name(name), type)).source
    }

    /// name, type, whether it may be kept, for how many seconds: a name is asked, and again shortly before and after.
    @Test(arguments: [
        ("www", "A", 300), ("WWW", "A", 300), ("web", "A", 100), ("brief", "A", 0), ("www", "MX", 60),
        ("nothing", "A", 60), ("lost", "A", 60), ("far", "A", 0), ("old", "A", 604_800), ("www", "ANY", 0),
    ])
    func keeps(name: String, type: String, seconds: Int) async throws {
        let server = try await TestServer(zones: Self.zone)
        defer { server.stop() }
        let watch = Watch()
        let resolver = Resolver(
            configuration: .patient(server.address), cache: Cache(), surroundings: watch.surroundings)
        let question = Question(try Name("\(name).example.test"), try #require(RecordType(type)))
        let first = try await resolver.query(question)
        if seconds > 0 {
            watch.pass(seconds: seconds - 30)
            let second = try await resolver.query(question)
            #expect(second.source == .cache && second.responseCode == first.responseCode)
            #expect(second.message.questions[0].name.wire == question.name.wire)
            let records = zip(
                first.message.answer + first.message.authority, second.message.answer + second.message.authority)
            for (one, other) in records {
                let age = one.ttl.seconds - other.ttl.seconds
                #expect(Int(age) >= seconds - 30 && Int(age) < seconds)
            }
            watch.pass(seconds: 31)
        }
        #expect(try await resolver.query(question).source == .server)
    }

    @Test func nothingIsBelowANameThatDoesNotExist() async throws {
        let server = try await TestServer(zones: Self.zone)
        defer { server.stop() }
        let resolver = Resolver(configuration: .patient(server.address), cache: Cache())
        #expect(try await Self.source(resolver, "nothing.example.test") == .server)
        #expect(try await Self.source(resolver, "nothing.example.test", .mx) == .cache)
        #expect(try await Self.source(resolver, "a.b.Nothing.example.test") == .cache)
        #expect(try await Self.source(resolver, "nothing2.example.test") == .server)
        #expect(try await resolver.query(Question(Name("b.nothing.example.test"), .a)).responseCode == .nameError)
        // An alias whose end does not exist is there itself, and so may be what is below.
        #expect(try await Self.source(resolver, "lost.example.test") == .server)
        #expect(try await Self.source(resolver, "a.lost.example.test") == .server)
    }

    @Test func anotherQueryIsAnotherAnswer() async throws {
        let server = try await TestServer(zones: Self.zone)
        defer { server.stop() }
        let resolver = Resolver(configuration: .patient(server.address), cache: Cache())
        let question = Question(try Name("www.example.test"), .a)
        let changes: [(inout QueryOptions) -> Void] = [
            { _ in }, { $0.edns?.dnssecOK = true }, { $0.checkingDisabled = true }, { $0.recursionDesired = false },
            { $0.authenticData = true }, { $0.usesCache = false }, { $0.edns?.options = [.nameServerIdentifier] },
        ]
        for change in changes {
            var options = QueryOptions()
            change(&options)
            #expect(try await resolver.query(question, options: options).source == .server)
        }
        #expect(try await resolver.query(question).source == .cache)
    }

    @Test(arguments: ["truncated", "SERVFAIL", "REFUSED", "wrong id", "garbage", "no SOA", "zero minimum"])
    func whatIsNoAnswerIsNotKept(kind: String) async throws {
        let server = try TestServer { query in
            switch kind {
            case "truncated": [.truncated]
            case "SERVFAIL": [.responseCode(.serverFailure)]
            case "REFUSED": [.responseCode(.refused)]
            case "wrong id": [.reply(query.response(answer: record) { $0.header.id ^= 1 })]
            case "garbage": [.garbage]
            case "no SOA": [.responseCode(.nameError)]
            default:
                [
                    .reply(
                        query.response(.nameError) {
                            $0.authority = [try! Record("test. 60 IN SOA a. b. 1 1 1 1 0")]
                        })
                ]
            }
        }
        defer { server.stop() }
        let cache = Cache()
        let resolver = Resolver(configuration: .test(server.address), cache: cache)
        _ = await failure(of: resolver)
        #expect(cache.count == 0 && !server.queries.isEmpty)
    }

    @Test func sizeIsBounded() async throws {
        let server = try await TestServer(zones: Self.zone)
        defer { server.stop() }
        let cache = Cache(limit: 20_000)
        let resolver = Resolver(configuration: .patient(server.address), cache: cache)
        for number in 0..<100 {
            _ = try await resolver.query(Question(Name("\(number).wild.example.test"), .a))
            // What is used stays.
            _ = try await Self.source(resolver, "www.example.test")
        }
        #expect(5...20 ~= cache.count)
        #expect(server.queries.count <= 103)
        cache.removeAll()
        #expect(cache.count == 0)
        // One that is larger than all the room is not kept, and nothing goes for it.
        let tiny = Cache(limit: 2_000)
        let other = Resolver(configuration: .patient(server.address), cache: tiny)
        for (name, type) in [("www", RecordType.a), ("big", .txt)] {
            _ = try await Self.source(other, "\(name).example.test", type)
        }
        #expect(tiny.count == 1)
    }

    @Test func aHerdAsksOnce() async throws {
        let server = try TestServer { query in [.wait(milliseconds: 200), .reply(query.response(answer: record))] }
        defer { server.stop() }
        let resolver = Resolver(configuration: .patient(server.address), cache: Cache())
        let tasks = (0..<100).map { _ in Task { try await resolver.query(question) } }
        // Whoever asked first goes away: the others do not care.
        tasks[0].cancel()
        for task in tasks[1...] { #expect(try await task.value.records.count == 1) }
        #expect(server.queries.count == 1)
        let last = Task { await failure(of: resolver, Question(question.name, .txt)) }
        while server.queries.count < 2 { await Task.yield() }
        last.cancel()
        guard case .cancelled = await last.value else {
            Issue.record("not cancelled")
            return
        }
    }
}
