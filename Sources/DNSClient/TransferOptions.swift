public import DNS
public import Linux

/// How a zone is fetched: what is waited for, and how much is taken.
public struct TransferOptions: Sendable {
    /// For the connection, and for each message.
    public var timeout = Duration.seconds(10)
    /// For all of it.
    public var deadline = Duration.seconds(600)
    /// Octets of all messages.
    public var sizeLimit = Limits.transferSize
    /// The address of this machine that the connection comes from; nil where the system chooses.
    public var localAddress: SocketAddress?
    /// What is said before the query, as if a proxy asked; nil for nothing.
    public var proxy: ProxyHeader?
    /// Signs the query, and has all that comes verified; nil for queries without a signature.
    public var signer: (any MessageSigner)?

    public init() {}
}
