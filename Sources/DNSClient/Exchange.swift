import DNS
import Linux

/// One question on its way to an answer: whom to ask next, over what, and whether a reply will do. It decides, and
/// touches no socket and no clock; the event loop does what it says.
///
/// Each server is asked `tries` times at most, in turns. One that gave an error code is not asked again.
struct Exchange {
    /// What is to be done now.
    enum Step {
        case send(Attempt)
        case finish(Result<Reply, ResolverError>)
    }

    /// One query to one server.
    struct Attempt {
        let server: SocketAddress
        let transport: Reply.Transport
        /// The message, whose first two octets are the place of the id.
        let query: [UInt8]
        /// When to stop waiting.
        let expiry: Int

        func query(id: UInt16) -> [UInt8] {
            [UInt8(truncatingIfNeeded: id >> 8), UInt8(truncatingIfNeeded: id)] + query.dropFirst(2)
        }
    }

    let question: Question
    private let options: QueryOptions
    private let servers: [SocketAddress]
    private let turns: Int
    private let timeout: Int
    private let deadline: Int

    private var turn = 0
    private var server = 0
    private var transport = Reply.Transport.udp
    private var usesEDNS = true
    private var sent = 0
    private var expiry = 0
    private var attempts = 0
    private var notes: [Note] = []
    /// Servers that gave an error code.
    private var settled: Set<Int> = []
    /// The first error code, which is the result where nobody does better.
    private var errorReply: Reply?

    /// - Parameter first: which server's turn it is first.
    init(_ question: Question, _ options: QueryOptions, _ configuration: ResolverConfiguration, first: Int, now: Int) {
        let servers = Array(configuration.servers.prefix(Limits.servers))
        let start = servers.isEmpty ? 0 : first % servers.count
        self.question = question
        self.options = options
        self.servers = Array(servers[start...] + servers[..<start])
        turns = servers.count * max(1, min(configuration.tries, Limits.tries))
        timeout = configuration.timeout.nanoseconds
        deadline = now + configuration.deadline.nanoseconds
    }

    /// The first query, or the next one.
    mutating func next(now: Int) -> Step {
        while turn < turns, now < deadline {
            server = turn % servers.count
            turn += 1
            if settled.contains(server) { continue }
            transport = options.transport == .tcp ? .tcp : .udp
            usesEDNS = options.edns != nil
            return attempt(now: now)
        }
        if let errorReply { return .finish(.success(errorReply)) }
        return .finish(.failure(servers.isEmpty ? .noServers : .noReply(notes)))
    }

    private mutating func attempt(now: Int) -> Step {
        sent = now
        expiry = min(now + timeout, deadline)
        attempts += 1
        do throws(WireError) {
            let query = try options.query(for: question, usesEDNS: usesEDNS).encoded()
            return .send(Attempt(server: servers[server], transport: transport, query: query, expiry: expiry))
        } catch {
            return .finish(.failure(.badQuery(error)))
        }
    }

    private mutating func note(_ reason: Note.Reason) {
        guard notes.count < Limits.notes else { return }
        notes.append(Note(server: servers[server], transport: transport, reason: reason))
    }

    /// The time of the current query is over.
    mutating func expired(now: Int) -> Step {
        failed(.timedOut(.nanoseconds(expiry - sent)), now: now)
    }

    /// The current query is lost.
    mutating func failed(_ reason: Note.Reason, now: Int) -> Step {
        note(reason)
        return next(now: now)
    }
}

// MARK: Replies

extension Exchange {
    /// Judges a message with the id of the current query from its server; nil where it replies to something else and
    /// is passed over.
    mutating func received(_ octets: [UInt8], now: Int) -> Step? {
        switch ReplyReader.read(octets, to: question) {
        case .mismatch:
            return transport == .udp ? nil : failed(.unexpected, now: now)
        case .truncated:
            if transport == .tcp { return failed(.unexpected, now: now) }
            note(.truncated)
            transport = .tcp
            return attempt(now: now)
        case .malformed(let error):
            return failed(.malformed(error), now: now)
        case .message(let message):
            return judge(message, size: octets.count, now: now)
        }
    }

    private mutating func judge(_ message: Message, size: Int, now: Int) -> Step {
        let code = message.header.responseCode
        if usesEDNS && (code == .formatError || code == .notImplemented) {
            note(.ednsRefused(code))
            usesEDNS = false
            return attempt(now: now)
        }
        let reply = Reply(
            message: message, size: size, server: servers[server], transport: transport,
            duration: .nanoseconds(max(0, now - sent)), attempts: attempts, notes: notes)
        guard [.serverFailure, .refused, .notImplemented].contains(code) else { return .finish(.success(reply)) }
        settled.insert(server)
        errorReply = errorReply ?? reply
        return failed(.responseCode(code), now: now)
    }
}

/// Tells what a message is to the question that was asked.
enum ReplyReader {
    enum Outcome {
        case message(Message)
        /// It answers, but not all of it is there.
        case truncated
        /// It answers, and cannot be read.
        case malformed(WireError)
        /// It answers something else, or nothing.
        case mismatch
    }

    static func read(_ octets: [UInt8], to question: Question) -> Outcome {
        guard let header = matchingHeader(octets, question) else { return .mismatch }
        // What was cut need not end where a record does.
        if header.isTruncated { return .truncated }
        do throws(WireError) {
            return .message(try Message(decoding: octets.span))
        } catch {
            return .malformed(error)
        }
    }

    /// The header where it is a response to the question. An error may come without the question.
    private static func matchingHeader(_ octets: [UInt8], _ question: Question) -> Header? {
        guard octets.count >= Header.count else { return nil }
        var reader = WireReader(octets.span)
        do throws(WireError) {
            try reader.skip(4)
            let count = try reader.u16()
            // The header alone is always a message, once its counts are 0.
            let alone = Array(octets[..<4]) + [UInt8](repeating: 0, count: 8)
            let header = try Message(decoding: alone.span).header
            guard header.isResponse, header.opcode == .query else { return nil }
            if count == 0 { return header.responseCode == .noError ? nil : header }
            guard count == 1 else { return nil }
            try reader.skip(6)
            let name = try reader.name()
            let type = RecordType(rawValue: try reader.u16())
            let recordClass = RecordClass(rawValue: try reader.u16())
            return Question(name, type, recordClass) == question ? header : nil
        } catch {
            return nil
        }
    }
}
