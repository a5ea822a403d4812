import Glibc
public import Linux

/// An address that could not be bound.
public struct BindError: Error, Hashable, Sendable, CustomStringConvertible {
    public let address: SocketAddress
    public let transport: Socket.Transport
    public let error: SystemError

    /// Another process has the port.
    public var isTaken: Bool { error.code == EADDRINUSE }
    /// The machine has no such address, or no such family of addresses.
    public var isAbsent: Bool { [EADDRNOTAVAIL, EAFNOSUPPORT, EPFNOSUPPORT].contains(error.code) }
    /// The user may not bind it.
    public var isForbidden: Bool { [EACCES, EPERM].contains(error.code) }

    public var description: String {
        "cannot listen on \(address) (\(transport == .udp ? "UDP" : "TCP")): \(error.message)"
    }
}

/// The sockets of one address: a UDP socket for each worker, and a TCP listener.
struct Listener: Sendable {
    let address: SocketAddress
    let datagrams: [Socket]
    let stream: Socket

    /// How many ports are tried where any will do but TCP's is not free for UDP.
    private static let portAttempts = 64

    /// Binds first without SO_REUSEPORT, so that a taken port is an error and nobody else's
    /// datagrams come here; the option that lets our other workers in is set afterwards.
    init(_ address: SocketAddress, workers: Int, limits: ServerLimits) throws(BindError) {
        var attempt = 1
        while true {
            let stream = try Self.bindStream(address, limits)
            let bound = try Self.step(address, .tcp) { () throws(SystemError) in try stream.localAddress() }
            do {
                datagrams = try Self.bindDatagrams(bound, workers, limits)
                self.stream = stream
                self.address = bound
                return
            } catch {
                guard address.port == 0 && error.isTaken && attempt < Self.portAttempts else { throw error }
                attempt += 1
            }
        }
    }

    private static func bindStream(_ address: SocketAddress, _ limits: ServerLimits) throws(BindError) -> Socket {
        try step(address, .tcp) { () throws(SystemError) in
            let socket = try Socket(.tcp, address.family)
            if address.family == .ipv6 { try socket.onlyIPv6() }
            if limits.bindsAbsentAddresses { try socket.bindAbsent() }
            // Connections of a server that was killed do not keep the port; a listener does.
            try socket.reuseAddress()
            try socket.noDelay()
            // Connections inherit all this.
            try socket.setReceiveBuffer(octets: Int32(clamping: limits.connectionReceiveBuffer))
            try socket.setSendBuffer(octets: Int32(clamping: limits.connectionSendBuffer))
            try socket.bind(address)
            try socket.listen(backlog: Int32(clamping: limits.connectionBacklog))
            return socket
        }
    }

    private static func bindDatagrams(
        _ address: SocketAddress, _ workers: Int, _ limits: ServerLimits
    ) throws(BindError) -> [Socket] {
        try step(address, .udp) { () throws(SystemError) in
            var sockets: [Socket] = []
            for _ in 0..<workers {
                let socket = try Socket(.udp, address.family)
                if address.family == .ipv6 { try socket.onlyIPv6() }
                if limits.bindsAbsentAddresses { try socket.bindAbsent() }
                try socket.omitPathMTU()
                try socket.setReceiveBuffer(octets: Int32(clamping: limits.datagramQueueSize))
                try socket.waitForDatagrams(milliseconds: limits.datagramWaitMilliseconds)
                if address.isWildcard { try socket.tellDestination() }
                if !sockets.isEmpty { try socket.sharePort() }
                try socket.bind(address)
                if sockets.isEmpty { try socket.sharePort() }
                sockets.append(socket)
            }
            return sockets
        }
    }

    private static func step<Result>(
        _ address: SocketAddress, _ transport: Socket.Transport, _ body: () throws(SystemError) -> Result
    ) throws(BindError) -> Result {
        do throws(SystemError) {
            return try body()
        } catch {
            throw BindError(address: address, transport: transport, error: error)
        }
    }
}
