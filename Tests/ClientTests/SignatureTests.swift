import DNS
import DNSClient
import DNSSecurity
import Linux
import Synchronization
import TestSupport
import Testing

/// Signed queries (RFC 8945) to servers that know the key, and to some that do not.
struct SignatureTests {
    private static let key = TSIGKey(name: try! Name("k.example"), secret: Array("secret".utf8))
    private static let other = TSIGKey(name: key.name, secret: Array("another".utf8))
    private static var now: Int { Clock.microsecondsSince1970 / 1_000_000 }

    private static func configuration(_ servers: SocketAddress..., ahead: Int = 0) -> ResolverConfiguration {
        var configuration = ResolverConfiguration(servers: servers)
        configuration.timeout = .seconds(5)
        configuration.deadline = .seconds(20)
        configuration.signer = TSIGSigner(key) { now + ahead }
        return configuration
    }

    /// The messages as a server signs them that got the query.
    private static func signed(
        _ query: FakeServer.Query, with key: TSIGKey = key, _ messages: [(octets: [UInt8], isSigned: Bool)]
    ) -> [FakeServer.Reaction] {
        var chain = TSIGChain(Self.key)
        guard (try? chain.verify(query.octets, at: now)) == true else { return [] }
        if key.secret != Self.key.secret { chain = TSIGChain(key) }
        return messages.map { octets, isSigned in
            if isSigned { return .reply((try? chain.sign(octets, at: now)) ?? []) }
            _ = try? chain.verify(octets, at: now)
            return .reply(octets)
        }
    }

    /// The query's response, which its own signature does not belong to.
    private static func response(_ query: FakeServer.Query, _ answer: String = record) -> [UInt8] {
        query.response(answer: answer) { $0.additional = [] }
    }

    @Test func aGoodSignatureIsTaken() async throws {
        let server = try FakeServer { Self.signed($0, [(Self.response($0), true)]) }
        defer { server.stop() }
        for transport in [QueryOptions.Transport.automatic, .tcp] {
            var options = QueryOptions()
            options.transport = transport
            let reply = try await Resolver(configuration: Self.configuration(server.address))
                .query(question, options: options)
            #expect(reply.records.count == 1 && reply.notes.isEmpty && reply.message.additional.isEmpty)
            let octets = try Message(decoding: reply.octets.span)
            #expect(octets.additional.map(\.type) == [.tsig])
        }
    }

    @Test func aForgedReplyIsAskedForOverTCP() async throws {
        let forgeries: [(SignatureError, @Sendable (FakeServer.Query) -> [FakeServer.Reaction])] = [
            (.missing(.noError), { [.reply(Self.response($0))] }),
            (.wrong, { Self.signed($0, with: Self.other, [(Self.response($0), true)]) }),
            (.malformed, { [.reply($0.response(answer: record) { $0.additional += $0.additional })] }),
        ]
        for (error, forge) in forgeries {
            let server = try FakeServer { query in
                query.isStream ? Self.signed(query, [(Self.response(query), true)]) : forge(query)
            }
            let reply = try await Resolver(configuration: Self.configuration(server.address)).query(question)
            #expect(reply.transport == .tcp && reply.notes.map(\.reason) == [.signature(error)])
            server.stop()
        }
    }

    @Test func aTruncatedReplyNeedsNoSignature() async throws {
        let server = try FakeServer { query in
            query.isStream
                ? Self.signed(query, [(Self.response(query), true)])
                : [.reply(query.response { $0.header.isTruncated = true })]
        }
        defer { server.stop() }
        let reply = try await Resolver(configuration: Self.configuration(server.address)).query(question)
        #expect(reply.transport == .tcp && reply.notes.map(\.reason) == [.truncated])
    }

    @Test func aReplayedReplyIsNotTaken() async throws {
        let first = Mutex<[UInt8]>([])
        let server = try FakeServer { query in
            let octets = first.withLock { first in
                if first.isEmpty, case .reply(let octets)? = Self.signed(query, [(Self.response(query), true)]).first {
                    first = octets
                }
                return first
            }
            return [.reply(Array(query.octets.prefix(2)) + octets.dropFirst(2))]
        }
        defer { server.stop() }
        var configuration = Self.configuration(server.address)
        configuration.options.randomizesCase = false
        let resolver = Resolver(configuration: configuration)
        #expect(try await resolver.query(question).notes.isEmpty)
        let notes = await failure(of: resolver)?.notes.map(\.reason)
        #expect(notes == [.signature(.wrong), .signature(.wrong)])
    }

    @Test func theNextServerMayKnowTheKey() async throws {
        let ignorant = try FakeServer { [.reply($0.response(.notAuthoritative) { $0.additional = [] })] }
        let server = try FakeServer { Self.signed($0, [(Self.response($0), true)]) }
        defer {
            ignorant.stop()
            server.stop()
        }
        let configuration = Self.configuration(ignorant.address, server.address)
        let reply = try await Resolver(configuration: configuration).query(question)
        let missing = Note.Reason.signature(.missing(.notAuthoritative))
        #expect(reply.server == server.address && reply.notes.map(\.reason) == [missing, missing])
    }

    @Test func clocksMustAgree() async throws {
        let server = try FakeServer { query in
            // As if the query had come in its time.
            var chain = TSIGChain(Self.key)
            guard (try? chain.verify(query.octets, at: Self.now + 1_000)) == true else { return [] }
            return [.reply((try? chain.sign(Self.response(query), at: Self.now)) ?? [])]
        }
        defer { server.stop() }
        let resolver = Resolver(configuration: Self.configuration(server.address, ahead: 1_000))
        let notes = await failure(of: resolver)?.notes ?? []
        #expect(notes.count == 2)
        #expect(notes.allSatisfy { "\($0)".contains("s before the time of this machine: set the clocks") })
    }

    /// Where a query is sent again, its reply is verified with the one signature that both have.
    @Test func bulkLookupsSign() throws {
        let lost = Mutex<[UInt8]>([])
        let server = try FakeServer { query in
            let reply = Self.signed(query, [(Self.response(query), true)])
            if query.isStream { return reply }
            switch query.message.questions.first?.name.lowercased.labels.first?.description {
            case "lost":
                let isFirst = lost.withLock { lost in
                    defer { lost = query.octets }
                    return lost != query.octets
                }
                return isFirst ? [] : reply
            case "truncated": return [.reply(query.response { $0.header.isTruncated = true })]
            case "forged": return [.reply(Self.response(query))]
            default: return reply
            }
        }
        defer { server.stop() }
        let names = ["www", "lost", "truncated", "forged"]
        var left = names[...]
        var results: [String: (transport: Reply.Transport, attempts: Int, notes: [Note.Reason])] = [:]
        let resolver = try BulkResolver(configuration: Self.configuration(server.address))
        try resolver.run {
            left.popFirst().flatMap { try? Name("\($0).example.test") }.map { .question(Question($0, .a)) } ?? .end
        } result: { result, octets throws(WireError) in
            let message = try Message(decoding: octets)
            #expect(message.answer.count == 1 && message.additional.isEmpty)
            let name = result.question.name.labels.first?.description ?? ""
            let provenance = result.provenance
            results[name] = (provenance.transport, provenance.attempts, provenance.notes.map(\.reason))
        }
        #expect(results["www"]?.transport == .udp && results["www"]?.notes == [])
        #expect(results["lost"]?.transport == .udp && results["lost"]?.attempts == 1)
        #expect(results["truncated"]?.transport == .tcp && results["truncated"]?.notes == [.truncated])
        #expect(results["forged"]?.notes == [.signature(.missing(.noError))])
    }

    // MARK: Transfers

    private static let soa = "example.test. 60 IN SOA ns.example.test. host.example.test. 7 60 60 60 60"
    private static let ns = "example.test. 60 IN NS ns.example.test."

    static let series: [([Bool], TransferError?)] = [
        ([true, true, true, true], nil), ([true, false, false, true], nil),
        ([true, true, true, false], .signature(.missing(.noError))),
        ([true, false, false, false], .signature(.missing(.noError))),
        ([false, true, true, true], .signature(.missing(.noError))),
        ([false, false, false, false], .signature(.missing(.noError))),
    ]

    @Test(arguments: series) func transfersAreVerified(isSigned: [Bool], error: TransferError?) async throws {
        let server = try FakeServer { query in
            Self.signed(
                query, zip([Self.soa, Self.ns, Self.ns, Self.soa], isSigned).map { (Self.response(query, $0), $1) })
        }
        defer { server.stop() }
        #expect(await Self.fetch(server) == error)
    }

    @Test func aChangeInTheMiddleIsSeen() async throws {
        let server = try FakeServer { query in
            var reactions = Self.signed(
                query, [Self.soa, Self.ns, Self.soa].map { (Self.response(query, $0), $0 == Self.soa) })
            // Another record than the one that the last signature covers.
            if reactions.count == 3 {
                reactions[1] = .reply(Self.response(query, Self.ns.replacing("ns.", with: "nt.")))
            }
            return reactions
        }
        defer { server.stop() }
        #expect(await Self.fetch(server) == .signature(.wrong))
    }

    private static func fetch(_ server: FakeServer) async -> TransferError? {
        var options = TransferOptions()
        options.signer = TSIGSigner(key) { now }
        do throws(TransferError) {
            for try await _ in Transfer(of: try! Name("example.test"), from: server.address, options: options) {}
            return nil
        } catch {
            return error
        }
    }
}
