public import DNS
public import Linux

/// How a question is asked.
///
///     var options = QueryOptions()
///     options.edns?.dnssecOK = true
///     options.edns?.options = [.nameServerIdentifier]
///     options.transport = .tcp
public struct QueryOptions: Hashable, Sendable {
    public enum Transport: Hashable, Sendable {
        /// UDP, and TCP where the answer does not fit.
        case automatic
        case tcp
        /// UDP, even where the answer does not fit: what came of it is the result. Since no doubtful reply can be asked
        /// for again over TCP, case is not mixed, and a cookie may be missing.
        case udp
    }

    public var transport = Transport.automatic
    /// A response to another opcode is no response.
    public var opcode = Opcode.query
    /// The id of the queries, for those who look into what is sent; else each has one by chance, and forgers must guess it.
    /// Another one is taken where a query under way has it, and in bulk lookups.
    public var id: UInt16?
    /// RD.
    public var recursionDesired = true
    /// AD: the asker understands AD in the answer (RFC 6840 §5.7).
    public var authenticData = false
    /// CD (RFC 4035 §3.2.2).
    public var checkingDisabled = false
    /// Bits that are set besides in the second 16 bits of the header, as AA (0x0400) or Z (0x0040).
    public var otherFlags: UInt16 = 0
    /// Nil for a query without EDNS. Options may be any.
    public var edns: EDNS? = EDNS()
    /// Pads the query to a multiple of so many octets (RFC 7830, RFC 8467); 0 for no padding.
    public var paddingBlock = 0
    /// Sends a DNS cookie and heeds those of servers (RFC 7873, RFC 9018). Not beside a cookie among the EDNS options.
    public var usesCookies = true
    /// Mixes the case of the name in queries over UDP, so that a forged reply has more to guess. A server that does
    /// not echo it is asked again over TCP, and gets plain names from then on.
    public var randomizesCase = true
    /// Answers localhost (RFC 6761 §6.3) and denies what is below onion (RFC 7686 §2) without asking a server.
    public var answersSpecialNames = true
    /// Answers from the resolver's cache, where it has one, and stores there.
    public var usesCache = true
    /// How long the lookup takes at most; nil for what the configuration says.
    public var deadline: Duration?

    public init() {}
}

extension EDNS.Option {
    /// Asks for the server's identifier (RFC 5001).
    public static let nameServerIdentifier = EDNS.Option(.nameServerIdentifier)

    /// Octets of no meaning (RFC 7830), besides the option's own 4.
    public static func padding(_ count: Int) -> EDNS.Option {
        EDNS.Option(.padding, [UInt8](repeating: 0, count: max(0, min(count, Message.maximumCount))))
    }

    /// Whom the answer is for (RFC 7871 §6): the first bits of an address. 0 bits ask that nothing be told of us.
    /// - Parameter prefix: bits, at most the address's 32 or 128.
    public static func clientSubnet(_ address: SocketAddress, prefix: Int) -> EDNS.Option {
        let bits = max(0, min(prefix, address.family == .ipv4 ? 32 : 128))
        var octets = Array(address.octets.prefix((bits + 7) / 8))
        if bits % 8 != 0 { octets[octets.count - 1] &= 0xFF << UInt8(8 - bits % 8) }
        return EDNS.Option(.clientSubnet, [0, address.family == .ipv4 ? 1 : 2, UInt8(bits), 0] + octets)
    }
}
