public import DNS
public import Linux
import Synchronization

/// A name server for tests, in the process of the test, on a port of its own: right answers from zones, and whatever
/// else a test wants to see its resolver live through.
///
///     let server = try await TestServer(
///         zones: """
///             $ORIGIN example.test.
///             @    300 IN SOA ns hostmaster 1 3600 600 86400 60
///             @    300 IN NS  ns
///             ns   300 IN A   192.0.2.1
///             www  300 IN A   192.0.2.80
///             """)
///     defer { server.stop() }
///     server.react { query in query.number == 1 ? [] : [.answer] }      // the first query gets lost
///
/// Two threads serve it, and one more each TCP connection. Queries over UDP are served one after the other.
public final class TestServer: Sendable {
    public struct Query: Sendable {
        public let octets: [UInt8]
        /// Which TCP connection it came over, counted from 1; 0 for UDP.
        public let connection: Int
        /// Counted from 1, over both transports.
        public let number: Int

        public var isStream: Bool { connection > 0 }
    }

    /// What is done to a query, one after the other; nothing drops it.
    public enum Reaction: Sendable {
        /// The answer that the zones have.
        case answer
        /// The answer with another id.
        case wrongID
        /// The answer's question alone, with TC; over TCP too.
        case truncated
        /// The question alone, with a response code.
        case responseCode(ResponseCode)
        /// The query's id, and then nothing that makes sense.
        case garbage
        /// The answer with the question's name in lower case.
        case caseNotEchoed
        /// Sends a message, over TCP with its length.
        case reply([UInt8])
        /// Waits before the next reaction.
        case wait(milliseconds: Int)
        /// Sends a datagram from another port.
        case replyFromElsewhere([UInt8])
        /// Sends octets as they are over TCP.
        case octets([UInt8])
        /// Sends an octet now and then over TCP, until the peer goes.
        case endless(milliseconds: Int)
        /// Keeps the connection open for the next query, as `answer` does; else it is closed after the last reaction.
        case stayOpen
    }

    /// Where it answers, over UDP and TCP.
    public let address: SocketAddress
    let database: Database
    let reactions: Mutex<@Sendable (Query) -> [Reaction]>
    let received = Mutex<[Query]>([])
    let isStopped = Atomic(false)

    /// A server with zones, each the text of a zone file that begins with `$ORIGIN` or an absolute owner. It answers
    /// rightly until `react` says else.
    /// - Parameter address: port 0 stands for one that is free.
    public convenience init(
        zones: String..., address: SocketAddress = .loopback(.ipv4, port: 0)
    ) async throws(TestServerError) {
        let seed = Machine.randomNumber()
        var compiled: [CompiledZone] = []
        for zone in zones { compiled.append(try Self.compile(zone, seed: seed)) }
        let database = Database(zones: compiled, unavailable: [], seed: seed)
        do throws(SystemError) {
            try self.init(database, address) { _ in [.answer] }
        } catch {
            throw TestServerError("\(error)")
        }
    }

    /// A server without zones, which does only what it is told.
    public convenience init(
        _ react: @escaping @Sendable (Query) -> [Reaction]
    ) throws(SystemError) {
        try self.init(.empty, .loopback(.ipv4, port: 0), react)
    }

    private init(
        _ database: Database, _ address: SocketAddress, _ react: @escaping @Sendable (Query) -> [Reaction]
    ) throws(SystemError) {
        let (datagrams, listener) = try Self.bind(address)
        self.address = try datagrams.localAddress()
        self.database = database
        reactions = Mutex(react)
        // The threads end soon after the owner stops them; until then they keep what they use.
        _ = try Linux.Thread(name: "test-udp") { [self] in try? serve(datagrams) }
        _ = try Linux.Thread(name: "test-tcp") { [self] in try? accept(listener) }
    }

    /// The queries that came so far.
    public var queries: [Query] { received.withLock { $0 } }

    /// Says what is done to the queries that come from now on.
    public func react(_ react: @escaping @Sendable (Query) -> [Reaction]) {
        reactions.withLock { $0 = react }
    }

    /// Ends the threads and closes the port, soon. It is not done without asking.
    public func stop() { isStopped.store(true, ordering: .relaxed) }
}

/// Why there is no test server: what is wrong with a zone, or what the system refused.
public struct TestServerError: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

// MARK: Zones

extension TestServer {
    private static func compile(_ text: String, seed: UInt64) throws(TestServerError) -> CompiledZone {
        guard let origin = origin(of: text) else {
            throw TestServerError("a zone must begin with $ORIGIN and its name, or with its name and a dot behind it")
        }
        let loaded = ZoneLoader.load(path: "\(origin)zone", origin: origin, seed: seed) { path in
            path == "\(origin)zone"
                ? .success(Array("\(text)\n".utf8)) : .failure(ZoneReadError("a test zone includes no file"))
        }
        guard let zone = loaded.zone else {
            throw TestServerError(loaded.problems.map(\.description).joined(separator: "\n"))
        }
        return zone
    }

    /// The first name that stands at the beginning of a line or behind $ORIGIN.
    private static func origin(of text: String) -> Name? {
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.prefix { $0 != ";" }.split { $0 == " " || $0 == "\t" }
            guard let first = words.first, first.uppercased() != "$TTL" else { continue }
            let name = first.uppercased() == "$ORIGIN" ? words.dropFirst().first : first
            guard let name, name.hasSuffix(".") else { return nil }
            return try? Name(String(name))
        }
        return nil
    }
}

// MARK: Responses

extension TestServer.Query {
    /// The query as a message, or an empty one where it is none.
    public var message: Message { (try? Message(decoding: octets.span)) ?? Message(header: Header(id: 0)) }

    /// A response with records in presentation form.
    public func response(
        _ code: ResponseCode = .noError, answer: String..., change: (inout Message) -> Void = { _ in }
    ) -> [UInt8] {
        var response = message
        response.header.isResponse = true
        response.header.responseCode = code
        response.answer = answer.compactMap { try? Record($0) }
        change(&response)
        return (try? response.encoded()) ?? []
    }
}
