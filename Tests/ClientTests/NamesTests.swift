import DNS
import DNSTesting
import Linux
import Synchronization
import Testing

@testable import DNSClient

/// Names that no server knows better: hosts, localhost, onion; the search list; and the order of addresses.
struct NamesTests {
    /// A resolver that fails each test that has it send a query.
    private static let mute = Resolver(configuration: ResolverConfiguration(servers: []))

    @Test func localhostIsAnsweredAndOnionDenied() async throws {
        #expect(try await Self.mute.records(.a, of: "localhost").map(\.data.description) == ["127.0.0.1"])
        #expect(try await Self.mute.records(.aaaa, of: "a.b.LocalHost.").map(\.data.description) == ["::1"])
        #expect(try await Self.mute.records(.mx, of: "localhost").isEmpty)
        #expect(
            try await Self.mute.addresses(of: "localhost", port: 9).map(\.description) == ["[::1]:9", "127.0.0.1:9"])
        for name in ["onion", "example.onion", "a.b.ONION."] {
            let reply = try await Self.mute.query(Question(Name(name), .a))
            #expect(reply.responseCode == .nameError && reply.source == .specialName && reply.attempts == 0)
        }
        var options = QueryOptions()
        options.answersSpecialNames = false
        await #expect(throws: ResolverError.self) {
            try await Self.mute.query(Question(Name("localhost"), .a), options: options)
        }
        #expect(await failure(of: Self.mute, Question(try Name("localhost.example"), .a)) != nil)
    }

    @Test func hosts() async throws {
        let hosts = Hosts(
            parsing: """
                # comment
                127.0.0.1\tlocalhost  # behind
                192.0.2.1 www.Example.test www web
                2001:db8::1 www.example.test
                192.0.2.1 www.example.test again
                192.0.2 bad
                fe80::1%lo scoped
                192.0.2.3\r
                192.0.2.4 a..b fine.test\r

                """)
        var configuration = ResolverConfiguration(servers: [])
        configuration.hosts = hosts
        let resolver = Resolver(configuration: configuration)
        let addresses = try await resolver.addresses(of: "WWW.example.test", port: 80)
        #expect(Set(addresses.map(\.description)) == ["192.0.2.1:80", "[2001:db8::1]:80"])
        #expect(hosts.addresses(of: try Name("web")).map(\.host) == ["192.0.2.1"])
        #expect(hosts.addresses(of: try Name("fine.test")).map(\.host) == ["192.0.2.4"])
        #expect(hosts.addresses(of: try Name("bad")).isEmpty)
        let address = try #require(SocketAddress(host: "192.0.2.1", port: 99))
        #expect(
            try await resolver.reverse(of: address).map(\.description) == [
                "www.Example.test.", "www.", "web.", "again.",
            ])
        #expect(try Hosts.system(path: "/dev/null/hosts") == Hosts())
    }

    /// ndots, what is typed, what is asked for.
    @Test(arguments: [
        (1, "www", "www.a.test. www.b.test. www."), (1, "www.x", "www.x. www.x.a.test. www.x.b.test."),
        (1, "www.", "www."), (2, "www.x", "www.x.a.test. www.x.b.test. www.x."),
        (0, "www", "www. www.a.test. www.b.test."),
        (1, #"www\."#, #"www\..a.test. www\..b.test. www\.."#), (1, #"www\\."#, #"www\\."#), (1, ".", "."),
        (1, "localhost", "localhost."), (1, "x.onion", "x.onion."),
    ])
    func searching(dots: Int, text: String, expected: String) throws {
        var configuration = ResolverConfiguration(servers: [])
        configuration.searchList = ["a.test", "..", "b.test.", ".", "A.test"]
        configuration.dotsOfAbsoluteNames = dots
        #expect(try configuration.names(searching: text).map(\.description).joined(separator: " ") == expected)
    }

    @Test func theSearchEndsWithTheFirstAnswer() async throws {
        let server = try await TestServer(
            zones: "a.test. 60 IN SOA a. b. 1 1 1 1 60\na.test. 60 IN NS ns.test.\nwww.a.test. 60 IN TXT x",
            "b.test. 60 IN SOA a. b. 1 1 1 1 60\nb.test. 60 IN NS ns.test.\nwww.b.test. 60 IN A 192.0.2.1",
            ". 60 IN SOA a. b. 1 1 1 1 60\n. 60 IN NS ns.test.\nfails. 60 IN NS ns.test.")
        defer { server.stop() }
        var configuration = ResolverConfiguration.patient(server.address)
        configuration.searchList = ["a.test", "b.test"]
        let resolver = Resolver(configuration: configuration)
        #expect(try await resolver.search("www", .a).message.questions[0].name.description == "www.b.test.")
        #expect(try await resolver.search("www", .txt).message.questions[0].name.description == "www.a.test.")
        let nothing = try await resolver.search("nothing", .a)
        #expect(nothing.responseCode == .nameError && nothing.message.questions[0].name.description == "nothing.")
        server.react { _ in [.responseCode(.serverFailure)] }
        #expect(try await resolver.search("www", .a).message.questions[0].name.description == "www.a.test.")
        await #expect(throws: ResolverError.self) { try await resolver.search("a..b", .a) }
    }

    /// Destinations, each with the source it would have (- for none), and their order (RFC 6724 §10.2).
    @Test(arguments: [
        ("2001:db8:1::1<2001:db8:1::2 198.51.100.121<169.254.13.78", "2001:db8:1::1 198.51.100.121"),
        ("2001:db8:1::1<fe80::1 198.51.100.121<198.51.100.117", "198.51.100.121 2001:db8:1::1"),
        ("2001:db8:1::1<2001:db8:1::2 10.1.2.3<10.1.2.4", "2001:db8:1::1 10.1.2.3"),
        ("2001:db8:1::1<2001:db8:1::2 fe80::1<fe80::2", "fe80::1 2001:db8:1::1"),
        ("2001:db8:1::1<2001:db8:3f44::2 2001:db8:3ffe::1<2001:db8:3f44::2", "2001:db8:3ffe::1 2001:db8:1::1"),
        ("2002:c633:6401::1<2002:c633:6401::2 2001:db8:1::1<2002:c633:6401::2", "2002:c633:6401::1 2001:db8:1::1"),
        ("2001:db8:1::1<- 192.0.2.1<192.0.2.2", "192.0.2.1 2001:db8:1::1"),
        ("192.0.2.9<192.0.2.2 192.0.2.1<192.0.2.2", "192.0.2.9 192.0.2.1"),
        ("fc00::1<fc00::2 2001:db8::1<2001:db8::2", "2001:db8::1 fc00::1"),
        ("::1<::1 127.0.0.1<127.0.0.1", "::1 127.0.0.1"),
    ])
    func addressesAreInOrder(text: String, expected: String) throws {
        let pairs = text.split(separator: " ").map { $0.split(separator: "<").map { SocketAddress(host: $0, port: 0) } }
        let addresses = pairs.compactMap { $0[0] }
        let sorted = AddressOrder.sorted(addresses) { address in
            pairs.first { $0[0] == address }.flatMap { $0.count > 1 ? $0[1] : nil }
        }
        #expect(sorted.map(\.host).joined(separator: " ") == expected && addresses.count == pairs.count)
    }
}
