public import Linux

/// What a proxy says of whom it asks for: before each datagram, and once on each connection. It is the header of the
/// PROXY protocol, version 2, in binary (https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt §2.2). Replies have
/// none. Servers that do not expect it do not answer.
public struct ProxyHeader: Hashable, Sendable {
    /// Nil where the proxy asks for itself.
    private let addresses: [SocketAddress]?

    private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]

    /// The proxy asks for itself (LOCAL).
    public static let local = ProxyHeader(addresses: nil)

    /// The proxy asks for a client at `source`, who asked at `destination`; nil where they are of different families.
    public init?(from source: SocketAddress, to destination: SocketAddress) {
        guard source.family == destination.family else { return nil }
        self.init(addresses: [source, destination])
    }

    private init(addresses: [SocketAddress]?) { self.addresses = addresses }

    func octets(_ transport: Socket.Transport) -> [UInt8] {
        guard let addresses else { return Self.signature + [0x20, 0, 0, 0] }
        let ports = addresses.flatMap { [UInt8($0.port >> 8), UInt8($0.port & 0xFF)] }
        let content = addresses.flatMap(\.octets) + ports
        let family: UInt8 = addresses[0].family == .ipv4 ? 0x10 : 0x20
        return Self.signature + [0x21, family | (transport == .tcp ? 1 : 2), 0, UInt8(content.count)] + content
    }
}
