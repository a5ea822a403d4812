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
        /// There is nobody left to ask: `result` is what came of it.
        case end
    }

    /// What a message is worth.
    enum Judgement {
        /// It replies to something else, and is passed over.
        case stranger
        /// It is the result, unless its records cannot be read: then the query has failed.
        case answer
        case next(Step)
    }

    /// One query to one server.
    struct Attempt {
        let server: SocketAddress
        let transport: Reply.Transport
        /// When to stop waiting.
        let expiry: Int
    }

    let question: Question
    /// The id that queries are to have.
    var id: UInt16? { asking.options.id }
    private let asking: Asking
    /// Servers by their indices, the first to be asked first.
    private let order: [Int]

    private var turn = 0
    /// The index of the server whose turn it is.
    private(set) var server = 0
    private var transport = Reply.Transport.udp
    private(set) var usesEDNS = true
    private var version: UInt8?
    let deadline: Int
    private(set) var sent = 0
    private(set) var expiry = 0
    private var attempts = 0
    /// What the current query was, so that its reply is known.
    private var expectation = Expectation()
    /// What verifies its reply, and its octets where they are signed.
    private var verifier: (any MessageVerifier)?
    private var signed: [UInt8] = []
    /// BADCOOKIE since the try began.
    private var badCookies = 0
    private var notes: [Note] = []
    /// Servers that gave an error code, or know no key of ours, a bit each.
    private var settled: UInt64 = 0
    /// The first reply with an error code, which is the result where nobody does better.
    private(set) var kept: (octets: [UInt8], provenance: Provenance)?

    init(_ question: Question, _ asking: Asking, order: [Int], now: Int) {
        self.question = question
        self.asking = asking
        self.order = order
        deadline = now + asking.deadline
    }

    /// The first query, or the next one.
    mutating func next(now: Int) -> Step {
        while turn < asking.turns, now < deadline {
            server = order[turn % order.count]
            turn += 1
            if settled >> UInt64(server) & 1 != 0 { continue }
            transport = asking.options.transport == .tcp ? .tcp : .udp
            usesEDNS = asking.options.edns != nil
            version = nil
            badCookies = 0
            return attempt(now: now)
        }
        return .end
    }

    private mutating func attempt(now: Int) -> Step {
        sent = now
        expiry = min(now + asking.timeout, deadline)
        attempts += 1
        expectation = Expectation()
        (verifier, signed) = (nil, [])
        return .send(Attempt(server: asking.servers[server], transport: transport, expiry: expiry))
    }

    private mutating func note(_ reason: Note.Reason) {
        guard notes.count < Limits.notes else { return }
        notes.append(Note(server: asking.servers[server], transport: transport, reason: reason))
    }

    /// The time of the current query is over.
    mutating func expired(now: Int) -> Step {
        failed(.timedOut(.nanoseconds(min(now, expiry) - sent)), now: now)
    }

    /// The current query is lost.
    mutating func failed(_ reason: Note.Reason, now: Int) -> Step {
        note(reason)
        return next(now: now)
    }

    /// Whether a doubtful reply may be asked for again over TCP.
    private var mayUseTCP: Bool { transport == .udp && asking.options.transport == .automatic }

    /// Asks the same server again, which is no try.
    private mutating func again(
        _ reason: Note.Reason, over transport: Reply.Transport? = nil, now: Int
    ) -> Judgement {
        note(reason)
        self.transport = transport ?? self.transport
        return .next(attempt(now: now))
    }
}

// MARK: Queries

extension Exchange {
    /// Decides what the current query has against forgery.
    mutating func protect(_ peer: Peer, _ random: () -> UInt64) {
        if asking.options.randomizesCase && mayUseTCP && peer.echoesCase { expectation.caseBits = random() }
        expectation.sendsCookie = asking.sendsCookies && usesEDNS
        expectation.owesCookie = expectation.sendsCookie && mayUseTCP && !peer.serverCookie.isEmpty
    }

    /// Puts the octets of the current query into `octets`, signed where that is wanted. A query that was signed is the
    /// same each time: its reply is verified with its signature.
    mutating func write(id: UInt16, _ peer: Peer, into octets: inout [UInt8]) {
        if !signed.isEmpty {
            octets = signed
            return
        }
        asking.begin(&octets, id: id, usesEDNS: usesEDNS)
        let name = question.name.wire
        for index in name.indices { octets.append(expectation.sent(name[index], at: index)) }
        octets.append(word: question.type.rawValue)
        octets.append(word: question.recordClass.rawValue)
        if usesEDNS { asking.appendEDNS(to: &octets, version: version, cookie: expectation.sendsCookie ? peer : nil) }
        guard let signer = asking.signer else { return }
        do throws(WireError) {
            (signed, verifier) = try signer.sign(octets)
            octets = signed
        } catch {
            // There is room for it; what a signer still refuses is not sent without a signature.
            octets = []
        }
    }

    /// The octets of the current query, which is sent once over each connection.
    mutating func query(id: UInt16, _ peer: Peer, random: () -> UInt64) -> [UInt8] {
        signed = []
        protect(peer, random)
        var octets: [UInt8] = []
        write(id: id, peer, into: &octets)
        return octets
    }
}

// MARK: Replies

extension Exchange {
    /// Judges a message with the id of the current query from its server.
    mutating func received(_ octets: Span<UInt8>, _ peer: inout Peer, now: Int) -> Judgement {
        let reading = expectation.read(octets, question, asking.options)
        if case .mismatch = reading { return transport == .udp ? .stranger : .next(failed(.unexpected, now: now)) }
        if transport == .udp, case .reply(let head) = reading, expectation.sendsCookie {
            switch peer.reading(of: head.cookie) {
            case .good: break
            case .wrong: return .stranger
            case .missing where expectation.owesCookie:
                // It may be forged, or the server's that has forgotten: over TCP that can be told.
                return again(.cookieMissing, over: .tcp, now: now)
            case .missing: break
            }
        }
        peer.noteReply()
        switch reading {
        case .mismatch: return .stranger
        case .caseDiffers:
            peer.echoesCase = false
            return again(.caseNotEchoed, over: .tcp, now: now)
        case .truncated:
            return transport == .tcp
                ? .next(failed(.unexpected, now: now)) : again(.truncated, over: .tcp, now: now)
        case .malformed(let error):
            return .next(failed(.malformed(error), now: now))
        case .reply(let head):
            do throws(SignatureError) {
                _ = try verifier?.verify(octets.indices.map { octets[$0] })
            } catch {
                // It may be forged: over TCP that can be told.
                if mayUseTCP {
                    return again(.signature(error), over: .tcp, now: now)
                }
                settled |= 1 << UInt64(server)
                return .next(failed(.signature(error), now: now))
            }
            if expectation.sendsCookie {
                guard peer.reading(of: head.cookie) != .wrong else { return .next(failed(.unexpected, now: now)) }
                peer.remember(head.cookie)
            }
            return judge(head.code, octets, now: now)
        }
    }

    private mutating func judge(_ code: ResponseCode, _ octets: Span<UInt8>, now: Int) -> Judgement {
        if usesEDNS && (code == .formatError || code == .notImplemented) {
            usesEDNS = false
            return again(.ednsRefused(code), now: now)
        }
        if code == .badVersion, version == nil, let asked = asking.options.edns?.version, asked != 0 {
            version = 0
            return again(.versionRefused(asked), now: now)
        }
        if code == .badCookie && expectation.sendsCookie && (badCookies == 0 || mayUseTCP) {
            badCookies += 1
            // With the new cookie; where that will not do either, where no cookie is needed (RFC 7873 §5.3).
            return again(.badCookie, over: badCookies == 1 ? nil : .tcp, now: now)
        }
        guard code == .serverFailure || code == .refused || code == .notImplemented || code == .badCookie else {
            return .answer
        }
        settled |= 1 << UInt64(server)
        if kept == nil { kept = (octets.indices.map { octets[$0] }, provenance(now: now)) }
        return .next(failed(.responseCode(code), now: now))
    }

    /// How a reply that comes now was come by.
    func provenance(now: Int) -> Provenance {
        Provenance(
            server: asking.servers[server], transport: transport, duration: .nanoseconds(max(0, now - sent)),
            attempts: attempts, notes: notes)
    }

    /// Gives the question of a reply the case that was asked for: names that point there have it then, too.
    func restoreName(in octets: inout [UInt8]) {
        let name = question.name.wire
        if octets[5] != 0 { octets.replaceSubrange(Header.count..<(Header.count + name.count), with: name) }
    }

    func reply(_ octets: [UInt8], _ provenance: Provenance) throws(WireError) -> Reply {
        var restored = octets
        restoreName(in: &restored)
        return Reply(message: try message(of: restored), octets: octets, provenance)
    }

    /// A reply without its signature, which was verified.
    func unsigned(_ octets: [UInt8]) throws(WireError) -> [UInt8] { try message(of: octets).encoded() }

    private func message(of octets: [UInt8]) throws(WireError) -> Message {
        var message = try Message(decoding: octets.span)
        if asking.signer != nil { message.additional.removeAll { $0.type == .tsig } }
        return message
    }

    /// What came of it where nobody is left to ask.
    var result: Result<Reply, ResolverError> {
        if let kept, let reply = try? reply(kept.octets, kept.provenance) { return .success(reply) }
        return .failure(asking.servers.isEmpty ? .noServers : .noReply(notes))
    }
}
