/// The secrets that server cookies are made with (RFC 7873, RFC 9018).
public struct CookieSecrets: Sendable {
    private enum Source: Sendable {
        case given(SipHash.Key, SipHash.Key)
        case rolling(SipHash.Key)
    }

    private let source: Source

    /// Secrets of 16 octets each, one or two, that several servers share (RFC 9018 §5): the first makes cookies, both are
    /// accepted. Nil where they are not so many.
    public init?(_ secrets: [[UInt8]]) {
        guard let first = secrets.first, let last = secrets.last, secrets.count <= 2,
            secrets.allSatisfy({ $0.count == 16 })
        else { return nil }
        source = .given(Self.key(first), Self.key(last))
    }

    /// A secret for each day, made of one that nobody knows: RFC 7873 §7.1 wants no secret used for longer.
    public init(rollingFrom low: UInt64, _ high: UInt64) {
        source = .rolling(SipHash.Key(low: low, high: high))
    }

    /// What makes cookies at this time, and what is accepted besides.
    func keys(at seconds: UInt32) -> (current: SipHash.Key, other: SipHash.Key) {
        switch source {
        case .given(let first, let second): return (first, second)
        case .rolling(let root):
            let day = UInt64(seconds / CookieSecrets.day)
            return (Self.derive(root, day), Self.derive(root, day &- 1))
        }
    }

    static let day: UInt32 = 86_400

    private static func derive(_ root: SipHash.Key, _ day: UInt64) -> SipHash.Key {
        func half(_ number: UInt64) -> UInt64 {
            var hash = SipHash(root)
            hash.update(day)
            hash.update(number)
            return hash.finish(count: 16)
        }
        return SipHash.Key(low: half(0), high: half(1))
    }

    private static func key(_ octets: [UInt8]) -> SipHash.Key {
        func word(_ start: Int) -> UInt64 { octets[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) } }
        return SipHash.Key(low: word(0), high: word(8))
    }
}

/// Makes and checks server cookies of version 1 (RFC 9018 §4):
///
///     version 1 | reserved 3 | time 4 | SipHash-2-4(client cookie, version, reserved, time, client's address) 8
struct ServerCookies {
    private let secrets: CookieSecrets
    private var keys: (current: SipHash.Key, other: SipHash.Key)
    /// Seconds since 1970.
    var time: UInt32 = 0 {
        didSet { if time / CookieSecrets.day != oldValue / CookieSecrets.day { keys = secrets.keys(at: time) } }
    }

    init(_ secrets: CookieSecrets) {
        self.secrets = secrets
        keys = secrets.keys(at: 0)
    }

    /// What a query's COOKIE option shows of its client.
    enum Standing {
        /// There is no option, or nobody looks at it.
        case unknown
        /// The option is malformed (RFC 7873 §5.2.2).
        case malformed
        /// The client takes cookies, and may have been given none, or one of long ago.
        case unproven
        /// The client has had an answer from us, so its address is its own.
        case proven
    }

    /// What makes a cookie too old, and too new: an hour, and five minutes for clocks that differ (RFC 9018 §4.3).
    private static let oldest: Int32 = 3600
    private static let newest: Int32 = 300

    /// The standing of the client whose option's data are at `offset`, behind their count.
    @inline(never)
    func standing(of client: Client, _ octets: Octets, _ offset: Int) -> Standing {
        let count = Int(octets.u16(offset &- 2))
        // RFC 7873 §4: 8 octets of the client, then none or 8 to 32 of the server.
        guard count == 8 || (16...40).contains(count) else { return .malformed }
        guard count == 24, octets.u8(offset &+ 8) == 1 else { return .unproven }
        // RFC 1982 arithmetic.
        let age = Int32(bitPattern: time &- octets.u32(offset &+ 12))
        guard age <= Self.oldest, age >= -Self.newest else { return .unproven }
        let (cookie, head) = (octets.word(offset), octets.word(offset &+ 8))
        let hash = octets.word(offset &+ 16)
        let isGood =
            Self.hash(cookie, head, client, keys.current) == hash || Self.hash(cookie, head, client, keys.other) == hash
        return isGood ? .proven : .unproven
    }

    /// The whole cookie for the client whose own one stands at `offset`, as numbers of eight octets. Each is made anew, so
    /// that a client that keeps asking keeps a cookie that is good.
    func cookie(for client: Client, _ octets: Octets, _ offset: Int) -> ReplyOptions.Cookie {
        let cookie = octets.word(offset)
        let head = UInt64(1) | UInt64(time.byteSwapped) &<< 32
        let hash = Self.hash(cookie, head, client, keys.current)
        return ReplyOptions.Cookie(client: cookie, head: head, hash: hash)
    }

    private static func hash(_ cookie: UInt64, _ head: UInt64, _ client: Client, _ key: SipHash.Key) -> UInt64 {
        var hash = SipHash(key)
        hash.update(cookie)
        hash.update(head)
        let low = UInt64(truncatingIfNeeded: client.address)
        if client.address &>> 32 == 0xFFFF {
            return hash.finish(UInt64(UInt32(truncatingIfNeeded: low).byteSwapped), count: 20)
        }
        hash.update(UInt64(truncatingIfNeeded: client.address &>> 64).byteSwapped)
        hash.update(low.byteSwapped)
        return hash.finish(count: 32)
    }
}
