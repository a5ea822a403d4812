import DNS
import Linux

/// What a resolver remembers of a server.
struct Peer {
    /// Ours, one a server and own address, so that nobody can follow us by it (RFC 9018 §3).
    private(set) var clientCookie: [UInt8] = []
    /// The server's, 8 to 32 octets; empty where it has given none (RFC 7873 §4).
    private(set) var serverCookie: [UInt8] = []
    /// The address that the cookie was made for.
    private(set) var source: SocketAddress?
    /// False once it changed the case of a question.
    var echoesCase = true
    /// Queries that one of its connections takes at once: fewer where it closed one before all had their replies.
    var queriesPerConnection = Limits.queriesPerConnection
    /// Queries without a reply since the last reply.
    private var silences = 0
    private var restsUntil = 0

    init(random: UInt64) {
        renewCookie(for: nil, random)
    }

    /// Learns which address of ours it is asked from: another one is another client (RFC 9018 §3).
    mutating func noteSource(_ source: SocketAddress?, random: () -> UInt64) {
        if self.source != source?.withoutPort { renewCookie(for: source?.withoutPort, random()) }
    }

    private mutating func renewCookie(for source: SocketAddress?, _ random: UInt64) {
        clientCookie = (0..<8).map { UInt8(truncatingIfNeeded: random >> (8 * $0)) }
        serverCookie = []
        self.source = source
    }

    func isResting(_ now: Int) -> Bool { now < restsUntil }

    mutating func noteReply() {
        silences = 0
        restsUntil = 0
    }

    /// - Parameter limit: how many in a row let it rest.
    mutating func noteSilence(_ now: Int, limit: Int = Limits.silences) {
        silences += 1
        if silences >= limit { restsUntil = now + Limits.rest }
    }

    /// What a message from the server says in its cookie option.
    enum CookieReading {
        case good
        case missing
        case wrong
    }

    /// Compares the cookie of a response with what was sent (RFC 7873 §5.3).
    func reading(of cookie: [UInt8]?) -> CookieReading {
        guard let cookie else { return .missing }
        let isLawful = cookie.count == 8 || 16...Limits.cookie ~= cookie.count
        return isLawful && cookie.starts(with: clientCookie) ? .good : .wrong
    }

    /// Keeps the server's cookie for the next query; none where it sent none.
    mutating func remember(_ cookie: [UInt8]?) {
        serverCookie = Array(cookie?.dropFirst(8) ?? [])
    }
}

/// The servers that a resolver has asked.
struct Peers {
    private var table: [SocketAddress: Peer] = [:]

    func isResting(_ server: SocketAddress, _ now: Int) -> Bool { table[server]?.isResting(now) == true }

    /// What is known of a server. Where there are too many, all are forgotten.
    mutating func with<Result>(
        _ server: SocketAddress, random: () -> UInt64, _ body: (inout Peer) -> Result
    ) -> Result {
        if table[server] == nil && table.count >= Limits.peers { table = [:] }
        return body(&table[server, default: Peer(random: random())])
    }
}
