/// Who asks, as far as a response depends on it.
public struct Client: Sendable {
    /// The address as a number; an IPv4 address as the IPv4-mapped one (`::ffff:192.0.2.1`). Cookies are bound to it.
    public var address: UInt128
    /// Otherwise every response is REFUSED.
    public var mayAsk: Bool
    /// Whether AXFR and IXFR over TCP get the zone.
    public var mayTransfer: Bool

    public init(address: UInt128 = 0, mayAsk: Bool = true, mayTransfer: Bool = false) {
        self.address = address
        self.mayAsk = mayAsk
        self.mayTransfer = mayTransfer
    }
}
