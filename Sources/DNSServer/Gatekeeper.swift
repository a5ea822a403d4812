import DNS
import Linux

/// Whom one UDP worker answers, and how often.
struct Gatekeeper: ~Copyable {
    var mayAsk: AccessList?
    // Not optional: to unwrap it would be counted as a reference.
    private let limiter: RateLimiter
    private let isLimiting: Bool
    private let limitsLoopback: Bool
    /// Where the server itself listens.
    private let own: [SocketAddress]
    private let readsTime: Bool
    private var now: UInt64 = 0
    /// Replies that were withheld since they were last counted, and those sent without an answer in place of others.
    var limited = 0
    var slipped = 0

    init(_ limits: ServerLimits, _ limiter: RateLimiter?, own: [SocketAddress]) {
        mayAsk = limits.clients.mayAsk
        self.limiter = limiter ?? RateLimiter(answersASecond: 1, slip: 0, entries: 0)
        isLimiting = limiter != nil
        limitsLoopback = limits.rateLimitsLoopback
        self.own = own
        readsTime = limiter != nil || limits.clients.cookieSecrets != nil
    }

    /// Looks at the clocks, once for a batch.
    mutating func begin(_ responder: inout Responder) {
        limited = 0
        slipped = 0
        if !readsTime { return }
        now = Clock.coarseMicroseconds
        responder.setTime(UInt32(truncatingIfNeeded: Clock.secondsSince1970))
    }

    /// The client that a query came from; nil where it is better not answered at all.
    @inline(__always)
    func client(_ peer: SocketAddress?) -> Client? {
        guard let peer, peer.port >= 1024 || !Self.reflects(peer.port), !isOwn(peer) else { return nil }
        var client = Client(address: peer.number)
        if let mayAsk { client.mayAsk = mayAsk.admits(client.address) }
        return client
    }

    /// Ports whose services answer whatever they get (echo, daytime, qotd, chargen, time, kpasswd): a query from there is
    /// forged, and the two would keep each other busy. Port 0 cannot be answered.
    private static func reflects(_ port: UInt16) -> Bool {
        switch port {
        case 0, 7, 13, 17, 19, 37, 464: true
        default: false
        }
    }

    /// Whether a reply would come to the server itself.
    private func isOwn(_ peer: SocketAddress) -> Bool {
        // By index: an iterator would be counted as a reference.
        for index in 0..<own.count where own[index].port == peer.port {
            let address = own[index]
            if address.withoutPort == peer.withoutPort || address.isWildcard && peer.isLoopback { return true }
        }
        return false
    }

    /// What becomes of an answer to a client.
    @inline(__always)
    mutating func verdict(on client: Client, _ subject: UInt64) -> RateLimiter.Verdict {
        guard isLimiting, subject != 0, limitsLoopback || !Self.isLoopback(client.address) else { return .send }
        let verdict = limiter.judge(client.address, subject, at: now)
        if verdict == .drop { limited &+= 1 }
        if verdict == .slip { slipped &+= 1 }
        return verdict
    }

    @inline(__always)
    private static func isLoopback(_ address: UInt128) -> Bool { address &>> 24 == 0xFFFF7F || address == 1 }
}
