import DNS
import DNSClient
import DNSTesting
import Linux
import TestSupport
import Testing

/// BIND and Unbound on loopback, where they are installed: what they answer is read as what minidns answers.
struct PeerTests {
    private static let zone = """
        $ORIGIN example.test.
        @      3600 IN SOA ns hostmaster 1 3600 600 86400 60
        @      3600 IN NS  ns
        ns     3600 IN A   192.0.2.1
        www     300 IN A   192.0.2.80
        www     300 IN AAAA 2001:db8::80
        web     300 IN CNAME www
        @       300 IN MX  10 mail
        mail    300 IN A   192.0.2.25
        _sip._tcp 300 IN SRV 1 2 5060 mail
        text    300 IN TXT "one" "two; three"
        svc     300 IN SVCB 1 www alpn="h2,h3" port=443
        *.wild  300 IN A   192.0.2.99
        \((0..<90).map { "large 300 IN TXT \"\($0) \(String(repeating: "x", count: 200))\"" }.joined(separator: "\n"))

        """
    private static let questions = [
        "www A", "www AAAA", "WwW A", "web A", "@ MX", "_sip._tcp SRV", "text TXT", "svc SVCB", "a.wild A", "large TXT",
        "www TXT", "nothing A", "a.www A", "@ SOA", "@ NS",
    ]

    static func path(_ command: String) -> String {
        ["/usr/sbin", "/usr/bin", "/sbin"].map { "\($0)/\(command)" }
            .first { (try? File.status($0)) != nil } ?? "/usr/sbin/\(command)"
    }

    static func isThere(_ command: String) -> Bool { (try? File.status(path(command))) != nil }

    /// A port that was free a moment ago.
    static func port() throws -> UInt16 {
        let socket = try Socket(.tcp, .ipv4)
        try socket.bind(.loopback(.ipv4, port: 0))
        return try socket.localAddress().port
    }

    /// Waits for a server to answer.
    private static func resolver(_ port: UInt16) async throws -> Resolver {
        var configuration = ResolverConfiguration.patient(.loopback(.ipv4, port: port))
        configuration.timeout = .milliseconds(500)
        configuration.tries = 100
        let resolver = Resolver(configuration: configuration)
        let end = Clock.milliseconds + 20_000
        while Clock.milliseconds < end {
            if await failure(of: resolver) == nil { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        return resolver
    }

    /// The answer, but for the TTLs, which a resolver counts down.
    private static func records(_ reply: Reply) -> Set<String> {
        Set(
            reply.message.answer.map { record in
                var record = record
                record.ttl = 0
                return record.description
            })
    }

    /// Asks the peer and a server of ours, and compares codes and records.
    private static func compare(_ peer: Resolver, _ server: TestServer) async throws {
        let ours = Resolver(configuration: .patient(server.address))
        let origin = try Name("example.test")
        for text in questions {
            let words = text.split(separator: " ").map(String.init)
            let question = Question(try Name(words[0], origin: origin), try #require(RecordType(words[1])))
            for transport in [QueryOptions.Transport.automatic, .tcp] {
                var options = QueryOptions()
                options.transport = transport
                let theirs = try await peer.query(question, options: options)
                let expected = try await ours.query(question, options: options)
                #expect(theirs.responseCode == expected.responseCode, "\(text)")
                #expect(
                    records(theirs) == records(expected),
                    "\(text)")
                #expect(theirs.message.questions.map(\.name.wire) == [question.name.wire])
                if text == "large TXT" { #expect(theirs.transport == .tcp && theirs.records.count == 90) }
            }
        }
    }

    @Test(.enabled(if: isThere("named"), "BIND is not installed: apt-get install bind9"), arguments: [false, true])
    func bind(requiresCookies: Bool) async throws {
        let directory = try TemporaryDirectory()
        let port = try Self.port()
        try directory.write("example.test.zone", Self.zone)
        try directory.write(
            "named.conf",
            """
            options {
                directory "\(directory.path)"; pid-file none; lock-file none; session-keyfile none;
                listen-on port \(port) { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; minimal-responses yes;
                dnssec-validation no; require-server-cookie \(requiresCookies ? "yes" : "no");
            };
            controls { };
            zone "example.test" { type primary; file "example.test.zone"; };
            """)
        let process = try ChildProcess(Self.path("named"), ["-g", "-n", "1", "-c", "\(directory.path)/named.conf"])
        let server = try await TestServer(zones: Self.zone)
        defer { server.stop() }
        let resolver = try await Self.resolver(port)
        try await Self.compare(resolver, server)
        if requiresCookies {
            // BIND tells a stranger BADCOOKIE; by now it knows us.
            let stranger = try await Resolver(configuration: resolver.configuration).query(question)
            #expect(stranger.notes.map(\.reason) == [.badCookie] && stranger.responseCode == .noError)
            #expect(try await resolver.query(question).notes.isEmpty)
        }
        process.send(signal: 9)
    }

    @Test(.enabled(if: isThere("unbound"), "Unbound is not installed: apt-get install unbound"))
    func unbound() async throws {
        let directory = try TemporaryDirectory()
        let port = try Self.port()
        let server = try await TestServer(zones: Self.zone)
        defer { server.stop() }
        try directory.write(
            "unbound.conf",
            """
            server:
                interface: 127.0.0.1@\(port)
                directory: "\(directory.path)"
                chroot: ""
                username: ""
                pidfile: ""
                use-syslog: no
                do-not-query-localhost: no
                module-config: "iterator"
                local-zone: "test." nodefault
            stub-zone:
                name: "example.test"
                stub-addr: 127.0.0.1@\(server.address.port)
            remote-control:
                control-enable: no
            """)
        let process = try ChildProcess(Self.path("unbound"), ["-d", "-c", "\(directory.path)/unbound.conf"])
        try await Self.compare(try await Self.resolver(port), server)
        process.send(signal: 9)
    }
}
