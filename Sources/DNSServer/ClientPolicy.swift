public import DNS
public import Linux

/// Who gets what from a server, and how clients prove their addresses. It can change while the server runs: see
/// `Server.publish`. A TCP connection keeps what held when it was opened.
public struct ClientPolicy: Sendable {
    /// Who may ask, over UDP and TCP: nil for everybody. Others are refused.
    public var mayAsk: AccessList?
    /// Who may have whole zones (AXFR): by default clients on this machine.
    public var mayTransfer: @Sendable (SocketAddress) -> Bool = { $0.isLoopback }
    /// What server cookies are made with (RFC 7873): by default of this process alone, anew every day; nil: no cookies.
    public var cookieSecrets: CookieSecrets? = CookieSecrets(
        rollingFrom: Machine.randomNumber(), Machine.randomNumber())

    public init() {}
}
