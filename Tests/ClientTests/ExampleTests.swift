import DNS
import DNSClient
import DNSSecurity
import DNSTesting
import Foundation
import Linux
import TestSupport
import Testing

/// What README.md and docs/client.md show, word for word: it compiles, and does what they say.
struct ExampleTests {
    /// Each line of each example stands in this file, in order.
    @Test(arguments: ["README.md", "docs/client.md"])
    func examplesStandHere(path: String) throws {
        let root = TestData.root.deletingLastPathComponent()
        let document = try String(contentsOf: root.appending(path: path), encoding: .utf8)
        let source = Self.lines(try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)[...])
        let blocks = document.split(separator: "```").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
        let examples = blocks.filter { block in
            block.hasPrefix("swift\n") && (path != "README.md" || block.contains("import DNSClient"))
        }
        #expect(!examples.isEmpty)
        for example in examples {
            #expect(source.contains(Self.lines(example.dropFirst(6))), "\(example)")
        }
    }

    /// The lines with single blanks between their words, without those that import and those that are empty.
    private static func lines(_ text: Substring) -> String {
        text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
            .filter { !$0.isEmpty && !$0.hasPrefix("import ") }.joined(separator: "\n")
    }

    // The system's servers are not asked in a test: this compiles.
    private func asking() async throws {
        let resolver = try Resolver()  // the servers of /etc/resolv.conf
        let addresses = try await resolver.addresses(of: "www.example.test", port: 443)
        let exchangers = try await resolver.records(.mx, of: "example.test")
        let names = try await resolver.reverse(of: addresses[0])
        print(exchangers, names)
    }

    private func asking(_ resolver: Resolver) async throws {
        var options = QueryOptions()
        options.edns?.dnssecOK = true
        options.edns?.options = [.nameServerIdentifier]
        options.deadline = .seconds(3)
        let reply = try await resolver.query(Question(Name("example.test"), .soa), options: options)
        print(reply.responseCode, reply.message.answer)
        print("from", reply.server, "over", reply.transport, "in", reply.duration)
        for note in reply.notes { print(note) }  // why it took more than one query
    }

    private func configuring() -> Resolver {
        var configuration = ResolverConfiguration(servers: [.loopback(.ipv4, port: 5353)])
        configuration.timeout = .milliseconds(500)  // of one query
        configuration.tries = 2  // of each server
        configuration.deadline = .seconds(5)  // of the whole lookup
        let resolver = Resolver(configuration: configuration, cache: Cache())
        return resolver
    }

    private func transferring(from server: SocketAddress) async throws {
        let transfer = Transfer(of: try Name("example.test"), since: SerialNumber(7), from: server)
        for try await batch in transfer {
            switch batch.content {
            case .records(let records): print("whole:", records.count)  // also where no version was named
            case .differences(let steps): for step in steps { print(step.serials, step.changes.flatMap(\.lines)) }
            case .upToDate: print("nothing behind", batch.serial)
            }
        }
    }

    private func signing(_ configuration: inout ResolverConfiguration) throws {
        let key = try TSIGKey("hmac-sha256:k.example:MDEyMzQ1Njc4OWFiY2RlZg==")  // or TSIGKey(file: text)
        configuration.signer = TSIGSigner(key) { Clock.microsecondsSince1970 / 1_000_000 }
    }

    private func readme() async throws {
        let resolver = Resolver(configuration: ResolverConfiguration(servers: [.loopback(.ipv4, port: 5353)]))
        for record in try await resolver.records(.mx, of: "example.test") { print(record) }
    }

    @Test func testing() async throws {
        let server = try await TestServer(
            zones: """
                $ORIGIN example.test.
                @    300 IN SOA ns hostmaster 1 3600 600 86400 60
                @    300 IN NS  ns
                ns   300 IN A   192.0.2.1
                www  300 IN A   192.0.2.80
                """)
        defer { server.stop() }
        server.react { query in query.number == 1 ? [.truncated] : [.answer] }

        let resolver = Resolver(configuration: ResolverConfiguration(servers: [server.address]))
        let reply = try await resolver.query(Question(Name("www.example.test"), .a))
        print(reply.transport == .tcp, reply.records.count == 1, server.queries.count == 2)
        #expect(reply.transport == .tcp && reply.records.count == 1 && server.queries.count == 2)
        try await asking(resolver)
        #expect(configuring().cache != nil)
    }

    @Test func readmeOfDNSTesting() async throws {
        let server = try await TestServer(zones: "example.test. 60 IN SOA a. b. 1 1 1 1 60\nexample.test. 60 IN NS a.")
        defer { server.stop() }
        server.react { query in query.number == 1 ? [] : [.answer] }  // the first query gets lost

        var configuration = ResolverConfiguration(servers: [server.address])
        configuration.timeout = .milliseconds(100)
        let records = try await Resolver(configuration: configuration).records(.soa, of: "example.test")
        print(records.count == 1, server.queries.count)
        #expect(records.count == 1 && server.queries.count >= 2)
    }

    @Test func whatIsNoZoneIsAnError() async throws {
        for zone in [
            "", "www 60 IN A 192.0.2.1", "$ORIGIN example.test.\n@ 60 IN A 192.0.2.1", "example.test. nonsense",
        ] {
            await #expect(throws: TestServerError.self) { try await TestServer(zones: zone) }
        }
    }
}
