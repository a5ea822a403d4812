import Linux
import Synchronization
import TestSupport

@testable import DNS
@testable import DNSServer

// What a server says to any octets.

extension Query {
    /// A query as the server reads it.
    init(reading octets: [UInt8]) {
        var name = LookupName()
        self.init(Octets(octets.span), name: &name, seed: 1)
    }
}

/// Asks a database, and checks of each reply what is true of all.
final class AskedServer {
    private let database: Database
    private var responder: Responder
    /// One that answers over UDP only those who show a cookie.
    private var strict: Responder
    private var batch = QueryBatch()
    private var room = [UInt8](repeating: 0, count: Message.maximumCount)

    static let options = {
        var options = ResponderOptions()
        options.identity = "id"
        options.version = "1"
        options.cookieSecrets = CookieSecrets(rollingFrom: 1, 2)
        return options
    }()

    init(_ database: Database) {
        self.database = database
        var options = Self.options
        responder = Responder(options)
        options.requiresCookies = true
        strict = Responder(options)
        responder.setTime(1_000_000_000)
        strict.setTime(1_000_000_000)
    }

    /// How a server stands to its client.
    enum Standing: CaseIterable { case open, limited, closed, strict }

    private func reply(to query: [UInt8], over transport: Transport, _ standing: Standing = .open) -> [UInt8] {
        var room: [UInt8] = []
        swap(&room, &self.room)
        defer { swap(&room, &self.room) }
        var span = room.mutableSpan
        let client = Client(address: 0xFFFF_C000_0201, mayAsk: standing != .closed)
        let count =
            switch standing {
            case .open, .closed:
                responder.respond(to: query.span, over: transport, from: database, for: client, into: &span)
            case .limited: responder.respond(toLimited: query.span, from: database, for: client, into: &span)
            case .strict: strict.respond(to: query.span, over: transport, from: database, for: client, into: &span)
            }
        return Array(room[..<count])
    }

    private func reply(to query: [UInt8], preparedAt index: Int) -> [UInt8] {
        var room: [UInt8] = []
        swap(&room, &self.room)
        defer { swap(&room, &self.room) }
        var span = room.mutableSpan
        let client = Client(address: 0xFFFF_C000_0201)
        let count = responder.respond(
            to: query.span, preparedAt: index, of: &batch, from: database, for: client, into: &span)
        return Array(room[..<count])
    }

    /// The replies that the queries get together are those that each gets alone.
    func check(together queries: [[UInt8]]) throws {
        for (index, query) in queries.enumerated() { batch.prepare(index, query.span, from: database) }
        batch.fetch(queries.count, from: database)
        for (index, query) in queries.enumerated() {
            let together = reply(to: query, preparedAt: index)
            try Finding.unless(
                together == reply(to: query, over: .udp), "query \(index) is answered in another way: \(together)")
        }
    }

    /// The reply decodes, is no longer than it may be, and repeats what it must.
    @discardableResult
    func check(_ query: [UInt8], over transport: Transport, _ standing: Standing = .open) throws -> Message? {
        let octets = reply(to: query, over: transport, standing)
        let isQuery = query.count >= Header.count && query[2] & 0x80 == 0
        try Finding.unless(octets.isEmpty != isQuery, "\(octets.count) octets to query: \(isQuery)")
        guard isQuery else { return nil }
        let message: Message
        do { message = try Message(decoding: octets.span) } catch {
            throw Finding(description: "the reply does not decode (\(error)): \(octets)")
        }
        try Finding.unless(
            octets[..<2] == query[..<2] && message.header.isResponse
                && message.header.opcode.rawValue == query[2] >> 3 & 15, "id, QR or opcode: \(octets)")
        try Finding.unless(message.questions.count <= 1, "questions: \(octets)")
        let end = Header.count + (message.questions.first.map { $0.name.count + 4 } ?? 0)
        try Finding.unless(octets[Header.count..<end] == query[Header.count..<end], "the question: \(octets)")
        let read = Query(reading: query)
        let limit = max(512, min(Int(read.edns?.payloadSize ?? 512), Int(EDNS.safePayloadSize)))
        try Finding.unless(octets.count <= (transport == .udp ? limit : Message.maximumCount), "\(octets.count) octets")
        try Finding.unless(transport == .udp || !message.header.isTruncated, "truncated over TCP: \(octets)")
        try Finding.unless((message.edns == nil) == (read.edns == nil), "OPT: \(octets)")
        if let question = message.questions.first, let asked = try? Message(decoding: query.span) {
            try Finding.unless(question == asked.questions.first, "the question was read otherwise: \(octets)")
        }
        return message
    }

    /// Who shows the cookie that a reply has brought is no longer asked for one.
    func checkCookie(_ query: Message, _ reply: Message?) throws {
        guard let cookie = reply?.edns?.options.first(where: { $0.code == .cookie }) else { return }
        var query = query
        query.edns?.options.removeAll { $0.code == .cookie }
        query.edns?.options.append(cookie)
        guard let octets = try? query.encoded() else { return }
        let code = try check(octets, over: .udp, .strict)?.header.responseCode
        try Finding.unless(code != .badCookie, "the cookie \(cookie.data) is refused")
    }

    /// What is checked of one, and that UDP and TCP do not contradict each other, nor the explanation both.
    func check(_ query: [UInt8]) throws {
        let datagram = try check(query, over: .udp)
        let stream = try check(query, over: .tcp)
        for standing in Standing.allCases { try check(query, over: .udp, standing) }
        guard let datagram, let stream, let question = stream.questions.first else { return }
        if !datagram.header.isTruncated, question.type != .any, question.type != .ixfr, question.type != .axfr {
            try Finding.unless(
                datagram.answer == stream.answer && datagram.authority == stream.authority
                    && datagram.header.responseCode == stream.header.responseCode,
                "UDP says \(datagram), TCP \(stream)")
        }
        guard question.recordClass == .internet, question.type != .axfr, question.type != .ixfr else { return }
        let plain = try Message(id: 1, question: question).encoded()
        let differences = Explanation(of: question, in: database).differences(from: reply(to: plain, over: .tcp))
        try Finding.unless(differences.isEmpty, "\(differences)")
    }
}

/// The text of a zone, a line `;;`, and what stands behind it.
func parts(_ octets: [UInt8]) -> (text: [UInt8], rest: [UInt8]) {
    let mark = Array("\n;;\n".utf8)
    guard octets.count >= mark.count else { return (octets, []) }
    for start in 0...(octets.count - mark.count) where octets[start..<(start + mark.count)].elementsEqual(mark) {
        return (Array(octets[...start]), Array(octets[(start + mark.count)...]))
    }
    return (octets, [])
}

/// The zone `example.` with that text, and one that cannot be served; only the latter where the text has errors.
private func database(_ text: [UInt8]) throws -> Database {
    let origin = try Name("example.")
    let loaded = [ZoneLoader.recordsPerPiece, 2].map { size in
        ZoneLoader.load(
            path: "zone", origin: origin, seed: 1, parallel: Pieces.backwards, recordsPerPiece: size
        ) { _ in .success(text) }
    }
    try Finding.unless(
        (loaded[0].zone == nil) == (loaded[1].zone == nil) && loaded[0].problems == loaded[1].problems,
        "pieces of the zone have other problems")
    let broken = try Name("broken.example.")
    return Database(zones: loaded.compactMap(\.zone).suffix(1), unavailable: [broken], seed: 1)
}

extension FuzzTarget {
    /// A zone, and packets that it is asked with.
    static let responder = FuzzTarget(name: "responder") { octets in
        let (text, rest) = parts(octets)
        let server = AskedServer(try database(text))
        var queries: [[UInt8]] = []
        var choices = Choices(rest)
        while queries.count < QueryBatch.count, let query = choices.frame() { queries.append(query) }
        for query in queries { try server.check(query) }
        try server.check(together: queries)
    }

    /// A zone, and a TCP stream: what comes back does not depend on how the stream is cut.
    static let frames = FuzzTarget(name: "frames") { octets in
        let (text, rest) = parts(octets)
        var choices = Choices(rest)
        let size = 1 + Int(choices.octet())
        let stream = Array(choices.rest.prefix(20_000))
        let database = try database(text)
        let whole = try replies(to: stream, size: max(stream.count, 1), mayTransfer: false, database)
        try Finding.unless(
            try replies(to: stream, size: size, mayTransfer: false, database) == whole, "pieces of \(size) octets")
        let transferred = try replies(to: stream, size: size, mayTransfer: true, database)
        for replies in [whole, transferred] {
            var frames = Choices(replies)
            while let frame = frames.frame() { _ = try Message(decoding: frame.span) }
        }
    }

    /// Both ends of one connection of this process, used again and again: making one takes long.
    private static let ends = Mutex<(server: Socket, client: Socket)?>(nil)

    /// What a worker does with a stream that comes in pieces of `size` octets. Clients that do not read have their tests.
    private static func replies(
        to stream: [UInt8], size: Int, mayTransfer: Bool, _ database: Database
    ) throws -> [UInt8] {
        let (server, client) = try ends.withLock { ends in
            if let ends { return ends }
            let listener = try Socket(.tcp, .ipv4)
            try listener.bind(.loopback(.ipv4, port: 0))
            try listener.listen(backlog: 1)
            let client = try Socket(.tcp, .ipv4)
            try client.connect(try listener.localAddress())
            _ = listener.wait(for: .read, milliseconds: 1_000)
            guard let (server, _) = try listener.accept() else { throw Finding(description: "no connection") }
            ends = (server, client)
            return (server, client)
        }
        var responder = FrameResponder(ServerLimits(), QueryTap(room: 16))
        let connection = Connection(
            socket: server, peer: .loopback(.ipv4, port: 0), asker: Client(mayTransfer: mayTransfer), now: 0)
        var replies: [UInt8] = []
        var rest = stream[...]
        while !rest.isEmpty || !connection.unread.isEmpty {
            connection.unread += rest.prefix(size)
            let isLast = rest.count <= size
            rest = rest.dropFirst(size)
            let unread = connection.unread
            let outcome = try responder.answer(unread, unread.count, of: connection, from: database)
            connection.unread.removeFirst(outcome.consumed)
            try take(&replies, connection, client)
            let wasWaiting = connection.transfer != nil
            while connection.transfer != nil {
                try responder.continueTransfer(of: connection)
                try take(&replies, connection, client)
            }
            if isLast && outcome.consumed == 0 && !wasWaiting { break }
        }
        return replies
    }

    /// Reads what was sent until nothing more comes.
    private static func take(_ replies: inout [UInt8], _ connection: Connection, _ client: Socket) throws {
        // A mark says where the end is: a reply of no octets, which is never sent.
        let mark: [UInt8] = [0xFF, 0xFE] + [UInt8](repeating: 0xFD, count: 30)
        connection.unsent += mark
        var room = [UInt8](repeating: 0, count: 1 << 16)
        let start = replies.count
        while replies.count - start < mark.count || replies.suffix(mark.count) != mark[...] {
            if !connection.unsent.isEmpty { _ = try connection.sendUnsent() }
            var span = room.mutableSpan
            if let count = try client.receive(into: &span) {
                try Finding.unless(count > 0, "the connection ended")
                replies += room[..<count]
            } else {
                _ = client.wait(for: .read, milliseconds: 1)
            }
        }
        replies.removeLast(mark.count)
    }
}
