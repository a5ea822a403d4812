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
        /// When to stop waiting.
        let expiry: Int
    }

    let question: Question
    private let options: QueryOptions
    private let servers: [SocketAddress]
    private let turns: Int
    private let timeout: Int
    private let deadline: Int
    private let signer: (any MessageSigner)?

    private var turn = 0
    private var server = 0
    private var transport = Reply.Transport.udp
    private var usesEDNS = true
    private var version: UInt8?
    private var sent = 0
    private var expiry = 0
    private var attempts = 0
    /// What the current query was, so that its reply is known.
    private var expectation = Expectation()
    /// What verifies its reply.
    private var verifier: (any MessageVerifier)?
    /// BADCOOKIE since the try began.
    private var badCookies = 0
    private var notes: [Note] = []
    /// Servers that gave an error code, or know no key of ours.
    private var settled: Set<Int> = []
    /// The first error code, which is the result where nobody does better.
    private var errorReply: Reply?

    /// - Parameters:
    ///   - first: which server's turn it is first.
    ///   - isResting: whether a server comes after those that are not.
    init(
        _ question: Question, _ options: QueryOptions, _ configuration: ResolverConfiguration, first: Int, now: Int,
        isResting: (SocketAddress) -> Bool = { _ in false }
    ) {
        let servers = Array(configuration.servers.prefix(Limits.servers))
        let start = servers.isEmpty ? 0 : first % servers.count
        let order = Array(servers[start...] + servers[..<start])
        self.question = question
        self.options = options
        self.servers = order.filter { !isResting($0) } + order.filter(isResting)
        turns = servers.count * max(1, min(configuration.tries, Limits.tries))
        timeout = configuration.timeout.nanoseconds
        signer = configuration.signer
        deadline = now + min(configuration.deadline, options.deadline ?? configuration.deadline).nanoseconds
    }

    /// The first query, or the next one.
    mutating func next(now: Int) -> Step {
        while turn < turns, now < deadline {
            server = turn % servers.count
            turn += 1
            if settled.contains(server) { continue }
            transport = options.transport == .tcp ? .tcp : .udp
            usesEDNS = options.edns != nil
            version = nil
            badCookies = 0
            return attempt(now: now)
        }
        if let errorReply { return .finish(.success(errorReply)) }
        return .finish(.failure(servers.isEmpty ? .noServers : .noReply(notes)))
    }

    private mutating func attempt(now: Int) -> Step {
        sent = now
        expiry = min(now + timeout, deadline)
        attempts += 1
        expectation = Expectation()
        return .send(Attempt(server: servers[server], transport: transport, expiry: expiry))
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

    /// Asks the same server again, which is no try.
    private mutating func again(_ reason: Note.Reason, over transport: Reply.Transport? = nil, now: Int) -> Step {
        note(reason)
        self.transport = transport ?? self.transport
        return attempt(now: now)
    }
}

// MARK: Queries

extension Exchange {
    /// The octets of the current query.
    mutating func query(id: UInt16, _ peer: Peer, random: () -> UInt64) throws(WireError) -> [UInt8] {
        let hasCookie = options.edns?.options.contains { $0.code == .cookie } == true
        let sendsCookie = options.usesCookies && usesEDNS && !hasCookie
        var octets = try options.query(
            for: question, id: id, usesEDNS: usesEDNS, version: version,
            cookie: sendsCookie ? peer.clientCookie + peer.serverCookie : nil)
        let end = Header.count + question.name.count
        let mixesCase = options.randomizesCase && transport == .udp && peer.echoesCase
        if mixesCase {
            Self.mixCase(of: &octets, Header.count..<end, random)
        }
        expectation = Expectation(
            name: Array(octets[Header.count..<end]), question: question, opcode: options.opcode,
            mixesCase: mixesCase, sendsCookie: sendsCookie,
            owesCookie: sendsCookie && transport == .udp && !peer.serverCookie.isEmpty)
        if let signer { (octets, verifier) = try signer.sign(octets) }
        return octets
    }

    /// Gives each letter a case by chance. Lengths of labels are below all letters.
    private static func mixCase(of octets: inout [UInt8], _ range: Range<Int>, _ random: () -> UInt64) {
        var bits: UInt64 = 0
        for (number, index) in range.enumerated() {
            if number % 64 == 0 { bits = random() }
            if octets[index].isLetter && bits & 1 == 1 { octets[index] ^= 0x20 }
            bits >>= 1
        }
    }
}

// MARK: Replies

extension Exchange {
    /// Judges a message with the id of the current query from its server; nil where it replies to something else and
    /// is passed over.
    mutating func received(_ octets: [UInt8], _ peer: inout Peer, now: Int) -> Step? {
        let reading = expectation.read(octets, options.transport == .udp)
        if case .mismatch = reading { return transport == .udp ? nil : failed(.unexpected, now: now) }
        if transport == .udp, case .message(let message) = reading, expectation.sendsCookie {
            switch peer.reading(of: message) {
            case .good: break
            case .wrong: return nil
            case .missing where expectation.owesCookie:
                // It may be forged, or the server's that has forgotten: over TCP that can be told.
                return again(.cookieMissing, over: .tcp, now: now)
            case .missing: break
            }
        }
        peer.noteReply()
        switch reading {
        case .mismatch: return nil
        case .caseDiffers:
            peer.echoesCase = false
            return again(.caseNotEchoed, over: .tcp, now: now)
        case .truncated:
            if transport == .tcp { return failed(.unexpected, now: now) }
            return again(.truncated, over: .tcp, now: now)
        case .malformed(let error):
            return failed(.malformed(error), now: now)
        case .message(var message):
            do throws(SignatureError) {
                if try verifier?.verify(octets) == true { message.additional.removeAll { $0.type == .tsig } }
            } catch {
                // It may be forged: over TCP that can be told.
                if transport == .udp, options.transport == .automatic {
                    return again(.signature(error), over: .tcp, now: now)
                }
                settled.insert(server)
                return failed(.signature(error), now: now)
            }
            if expectation.sendsCookie {
                guard peer.reading(of: message) != .wrong else { return failed(.unexpected, now: now) }
                peer.remember(cookieOf: message)
            }
            return judge(message, octets, now: now)
        }
    }

    private mutating func judge(_ message: Message, _ octets: [UInt8], now: Int) -> Step {
        let code = message.header.responseCode
        if usesEDNS && (code == .formatError || code == .notImplemented) {
            usesEDNS = false
            return again(.ednsRefused(code), now: now)
        }
        if code == .badVersion, version == nil, let asked = options.edns?.version, asked != 0 {
            version = 0
            return again(.versionRefused(asked), now: now)
        }
        if code == .badCookie && expectation.sendsCookie && (badCookies == 0 || transport == .udp) {
            badCookies += 1
            // With the new cookie; where that will not do either, where no cookie is needed (RFC 7873 §5.3).
            return again(.badCookie, over: badCookies == 1 ? nil : .tcp, now: now)
        }
        let reply = Reply(
            message: message, octets: octets, server: servers[server], transport: transport,
            duration: .nanoseconds(max(0, now - sent)), attempts: attempts, notes: notes)
        guard [.serverFailure, .refused, .notImplemented, .badCookie].contains(code) else {
            return .finish(.success(reply))
        }
        settled.insert(server)
        errorReply = errorReply ?? reply
        return failed(.responseCode(code), now: now)
    }
}
