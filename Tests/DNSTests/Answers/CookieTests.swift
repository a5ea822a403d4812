import DNS
import TestSupport
import Testing

@Suite struct CookieTests {
    private static let database = Result {
        let loaded = ZoneLoader.load(path: "zone", origin: try Name("example.test"), seed: 1) { _ in
            .success(Array(Sample.zone(serial: 1).utf8))
        }
        return Database(zones: [try #require(loaded.zone)], unavailable: [], seed: 1)
    }

    private static func query(_ options: [[UInt8]], hasQuestion: Bool = true) -> [UInt8] {
        var query = hasQuestion ? Sample.query("example.test") : [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        query[11] = 1
        let data: [UInt8] = options.flatMap { option -> [UInt8] in [0, 10, 0, UInt8(option.count)] + option }
        let head: [UInt8] = [0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, UInt8(data.count)]
        return query + head + data
    }

    /// The reply over UDP, or over TCP, of a server that has the secrets.
    private static func reply(
        to query: [UInt8], _ vector: CookieVector, requires: Bool = true, over transport: Transport = .udp
    ) throws -> (message: Message, subject: UInt64) {
        var options = ResponderOptions()
        options.cookieSecrets = vector.secrets
        options.requiresCookies = requires
        var responder = Responder(options)
        responder.setTime(vector.time)
        var room = [UInt8](repeating: 0xAA, count: Message.maximumCount)
        var span = room.mutableSpan
        let count = responder.respond(
            to: query.span, over: transport, from: try database.get(), for: vector.client, into: &span)
        return (try Message(decoding: room.span.extracting(0..<count)), responder.subject)
    }

    private static func cookie(_ message: Message) -> [UInt8]? {
        message.edns?.options.first { $0.code == .cookie }?.data
    }

    @Test(arguments: try CookieVector.all())
    func vectors(_ vector: CookieVector) throws {
        let (message, subject) = try Self.reply(to: Self.query(vector.options), vector)
        #expect(message.header.isTruncated == (vector.code == "TC"))
        #expect(message.header.responseCode.description == (vector.code == "TC" ? "NOERROR" : vector.code))
        // Only a good cookie gets an answer, and is not counted.
        #expect((message.answer.count > 0) == (vector.code == "NOERROR"))
        #expect((subject == 0) == (vector.code == "NOERROR"))
        switch vector.reply {
        case "-": #expect(Self.cookie(message) == nil)
        case "*":
            let time = (0..<4).map { UInt8(truncatingIfNeeded: vector.time >> (24 - 8 * $0)) }
            let cookie = try #require(Self.cookie(message))
            #expect(
                cookie.count == 24 && Array(cookie.prefix(16)) == vector.options[0].prefix(8) + [1, 0, 0, 0] + time)
        case let reply: #expect(Self.cookie(message)?.hex == reply)
        }
    }

    /// Where a cookie is not required, and over TCP, all get their answer but for malformed ones.
    @Test(arguments: try CookieVector.all(), [Transport.udp, .tcp])
    func answersWhereNoneIsRequired(_ vector: CookieVector, over transport: Transport) throws {
        for requires in transport == .tcp ? [true, false] : [false] {
            let (message, _) = try Self.reply(
                to: Self.query(vector.options), vector, requires: requires, over: transport)
            let code = vector.code == "FORMERR" ? "FORMERR" : "NOERROR"
            #expect(message.header.responseCode.description == code && !message.header.isTruncated)
            #expect((Self.cookie(message) == nil) == (vector.reply == "-"))
        }
    }

    /// RFC 7873 §5.4: a query without a question asks for a cookie.
    @Test(arguments: try CookieVector.all())
    func queriesForACookie(_ vector: CookieVector) throws {
        for requires in [true, false] {
            let (message, _) = try Self.reply(
                to: Self.query(vector.options, hasQuestion: false), vector, requires: requires)
            let code = vector.options.isEmpty ? "FORMERR" : requires ? vector.code : "NOERROR"
            #expect(message.header.responseCode.description == (vector.code == "FORMERR" ? "FORMERR" : code))
            #expect((Self.cookie(message) == nil) == (vector.reply == "-"))
        }
    }

    /// A secret that rolls: yesterday's is good, that of the day before is not, and no server knows another's.
    @Test func secretsRoll() throws {
        var options = ResponderOptions()
        options.cookieSecrets = CookieSecrets(rollingFrom: 1, 2)
        var responder = Responder(options)
        let client = Client(address: 0xFFFF_C000_0201)
        let database = try Self.database.get()
        func ask(_ cookie: [UInt8], at time: UInt32) throws -> (cookie: [UInt8], isGood: Bool) {
            responder.setTime(time)
            var room = [UInt8](repeating: 0, count: Message.maximumCount)
            var span = room.mutableSpan
            let count = responder.respond(
                to: Self.query([cookie]).span, over: .udp, from: database, for: client, into: &span)
            let message = try Message(decoding: room.span.extracting(0..<count))
            return (try #require(Self.cookie(message)), responder.subject == 0)
        }
        let midnight: UInt32 = 20_000 * 86_400
        let first = try ask([1, 2, 3, 4, 5, 6, 7, 8], at: midnight - 10)
        #expect(!first.isGood)
        let second = try ask(first.cookie, at: midnight + 10)
        #expect(second.isGood && second.cookie != first.cookie)
        #expect(try ask(second.cookie, at: midnight + 20).isGood)
        options.cookieSecrets = CookieSecrets(rollingFrom: 2, 2)
        responder = Responder(options)
        #expect(try !ask(second.cookie, at: midnight + 20).isGood)
    }
}
