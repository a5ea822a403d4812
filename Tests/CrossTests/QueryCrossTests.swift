#if CrossTests
    import DNS
    import DNSClient
    import DNSTesting
    import Linux
    import Testing

    /// Every query that the resolver sends is one that ldns reads.
    @Suite struct QueryCrossTests {
        private static let changes: [@Sendable (inout QueryOptions) -> Void] = [
            { _ in },
            { $0.edns = nil },
            { $0.edns?.dnssecOK = true },
            { $0.recursionDesired = false },
            { $0.checkingDisabled = true },
            { $0.authenticData = true },
            { $0.transport = .tcp },
            { $0.paddingBlock = 128 },
            { $0.usesCookies = false },
            { $0.edns?.options = [.nameServerIdentifier, .init(.init(rawValue: 65_001), [1, 2, 3])] },
            { $0.edns?.options = [.clientSubnet(.loopback(.ipv6, port: 0), prefix: 56)] },
            { $0.edns?.udpPayloadSize = 4_096 },
            { $0.opcode = .status },
        ]

        @Test func ldnsReadsWhatIsSent() async throws {
            let server = try TestServer { query in
                // The second query to each question has a server's cookie.
                [
                    .reply(
                        query.response { message in
                            let cookies =
                                message.edns?.options.filter { $0.code == .cookie } ?? []
                            message.edns?.options = cookies.map {
                                .init(.cookie, Array($0.data.prefix(8)) + $0.data.prefix(8))
                            }
                        }), .stayOpen,
                ]
            }
            defer { server.stop() }
            let resolver = Resolver(configuration: ResolverConfiguration(servers: [server.address]))
            let names = [
                ".", "www.example.test", String(repeating: "a-label-of-31-octets-and-a-digit.", count: 7), #"\000\.x"#,
            ]
            for name in names {
                for type in [RecordType.a, .any, RecordType(rawValue: 65_280)] {
                    for change in Self.changes {
                        var options = QueryOptions()
                        change(&options)
                        _ = try await resolver.query(Question(Name(name), type), options: options)
                    }
                }
            }
            #expect(server.queries.count >= names.count * 3 * Self.changes.count)
            for query in server.queries {
                let differences = try LDNS.packet(from: query.octets).differences(from: LDNS.Packet(query.message))
                #expect(differences.isEmpty, "\(differences)")
            }
        }
    }
#endif
