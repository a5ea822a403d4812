import DNS
import DNSClient
import DNSTesting
import Linux
import Synchronization
import TestSupport
import Testing

/// Connections over TCP serve many queries, and servers that are silent rest.
struct ConnectionTests {
    private static func resolver(_ server: TestServer) -> Resolver {
        var configuration = ResolverConfiguration.patient(server.address)
        configuration.options.transport = .tcp
        return Resolver(configuration: configuration)
    }

    private static func good(_ query: TestServer.Query) -> [TestServer.Reaction] {
        [.reply(query.response(answer: record)), .stayOpen]
    }

    private static func connections(_ server: TestServer) -> Set<Int> { Set(server.queries.map(\.connection)) }

    @Test func oneConnectionServesManyQueries() async throws {
        let server = try TestServer(Self.good)
        defer { server.stop() }
        let resolver = Self.resolver(server)
        for _ in 0..<5 { #expect(try await resolver.query(question).attempts == 1) }
        #expect(Self.connections(server) == [1] && server.queries.count == 5)
    }

    @Test func queriesDoNotWaitForOneAnother() async throws {
        // Only with the tenth query at hand are all answered, the last one first and all in one piece.
        let waiting = Mutex<[UInt8]>([])
        let server = try TestServer { query in
            waiting.withLock { $0 = StreamClient.frame(query.response(answer: record)) + $0 }
            return query.number == 10 ? [.octets(waiting.withLock { $0 }), .stayOpen] : [.stayOpen]
        }
        defer { server.stop() }
        let resolver = Self.resolver(server)
        let tasks = (0..<10).map { _ in Task { await failure(of: resolver) } }
        for task in tasks { #expect(await task.value == nil) }
        #expect(Self.connections(server) == [1] && server.queries.count == 10)
    }

    @Test func aConnectionThatWasClosedMeanwhileIsNoTry() async throws {
        // Each connection serves two queries, and takes a third only to close.
        let count = Mutex(0)
        let server = try TestServer { query in
            let served = count.withLock { count in
                count = count % 3 + 1
                return count
            }
            return served == 3 ? [] : Self.good(query)
        }
        defer { server.stop() }
        let resolver = Self.resolver(server)
        for _ in 0..<5 { #expect(try await resolver.query(question).attempts == 1) }
        #expect(Self.connections(server).count == 3)
    }

    @Test func whatALostConnectionHadGoesOverANewOne() async throws {
        // The first connection ends behind one reply with others waiting, so that each has its own from then on. Later
        // all that are there end without a reply.
        let server = try TestServer { query in
            if query.connection > 1 { return Self.good(query) }
            return query.number < 3 ? [.stayOpen] : [.reply(query.response(answer: record))]
        }
        defer { server.stop() }
        let resolver = Self.resolver(server)
        let tasks = (0..<3).map { _ in Task { await failure(of: resolver) } }
        for task in tasks { #expect(await task.value == nil) }
        #expect(Self.connections(server).count == 3)
        server.react { query in query.connection <= 3 ? [] : Self.good(query) }
        #expect(try await resolver.query(question).attempts == 1)
    }

    @Test func aLateReplyOverTCPHarmsNobody() async throws {
        // Two queries come; the first one is given up, and both are answered then.
        let first = Mutex<[UInt8]>([])
        let isGivenUp = Mutex(false)
        let server = try TestServer { query in
            let frame = StreamClient.frame(query.response(answer: record))
            if query.number == 1 {
                first.withLock { $0 = frame }
                return [.stayOpen]
            }
            while !isGivenUp.withLock({ $0 }) { Clock.sleep(milliseconds: 1) }
            return [.octets(first.withLock { $0 } + frame), .stayOpen]
        }
        defer { server.stop() }
        let resolver = Self.resolver(server)
        let impatient = Task { try await resolver.query(question) }
        while server.queries.count < 1 { try await Task.sleep(for: .milliseconds(1)) }
        let patient = Task { try await resolver.query(question) }
        while server.queries.count < 2 { try await Task.sleep(for: .milliseconds(1)) }
        impatient.cancel()
        await #expect(throws: ResolverError.self) { try await impatient.value }
        isGivenUp.withLock { $0 = true }
        let reply = try await patient.value
        #expect(reply.attempts == 1 && Self.connections(server) == [1])
    }

    @Test func aSilentServerRests() async throws {
        let silent = try TestServer { _ in [] }
        let good = try TestServer(Self.good)
        defer {
            silent.stop()
            good.stop()
        }
        var configuration = ResolverConfiguration.patient(silent.address, good.address)
        configuration.timeout = .milliseconds(300)
        let resolver = Resolver(configuration: configuration)
        for _ in 0..<8 { #expect(try await resolver.query(question).server == good.address) }
        #expect(silent.queries.count == 2)
        // It is asked all the same where there is no other.
        good.react { _ in [] }
        configuration.deadline = .milliseconds(500)
        #expect(await failure(of: resolver) != nil)
        #expect(silent.queries.count > 2)
    }

    @Test func anOldVersionOfEDNSWillDo() async throws {
        let server = try TestServer { query in
            let isKnown = query.message.edns?.version == 0
            return [.reply(query.response(isKnown ? .noError : .badVersion) { $0.edns?.version = 0 })]
        }
        defer { server.stop() }
        var options = QueryOptions()
        options.edns?.version = 3
        let reply = try await Resolver(configuration: .patient(server.address)).query(question, options: options)
        #expect(reply.responseCode == .noError && reply.notes.map(\.reason) == [.versionRefused(3)])
    }

    @Test func whatIsTruncatedCanBeTaken() async throws {
        let server = try TestServer { [.reply($0.response(answer: record) { $0.header.isTruncated = true })] }
        defer { server.stop() }
        var options = QueryOptions()
        options.transport = .udp
        let reply = try await Resolver(configuration: .patient(server.address)).query(question, options: options)
        #expect(reply.message.header.isTruncated && reply.records.count == 1 && server.queries.count == 1)
    }

    /// Options, opcode, flags and padding stand in the query as they were asked for.
    @Test func queriesAreAsTheOptionsSay() async throws {
        let server = try TestServer { [.reply($0.response())] }
        defer { server.stop() }
        let address = try #require(SocketAddress(host: "192.0.2.255", port: 0))
        var options = QueryOptions()
        options.id = 4_711
        options.opcode = .status
        options.otherFlags = 0x0440
        options.paddingBlock = 128
        options.edns?.options = [
            .nameServerIdentifier, .clientSubnet(address, prefix: 25), .init(.init(rawValue: 65_001), [1, 2]),
        ]
        let resolver = Resolver(configuration: .patient(server.address))
        _ = try await resolver.query(question, options: options)
        let query = try #require(server.queries.first)
        #expect(query.octets.count == 128 && word(query.octets, 2) == 0x1540)
        #expect(word(query.octets, 0) == 4_711)
        let sent = query.message.edns?.options ?? []
        #expect(sent.map(\.code.rawValue) == [3, 8, 65_001, 10, 12])
        #expect(sent[1].data == [0, 1, 25, 0, 192, 0, 2, 128])
    }
}
