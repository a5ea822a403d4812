import CLinux
import Glibc

/// A UDP or TCP socket over IPv4 or IPv6, or a stream inside this machine, closed with its last reference. Sockets never wait: what
/// cannot be done now gives nil.
public final class Socket: Sendable {
    public enum Transport: Sendable {
        case udp, tcp
    }

    private let owner: FileDescriptor
    public let transport: Transport
    public let family: SocketAddress.Family

    /// The descriptor, for polling and for `DatagramBatch`.
    public var descriptor: Int32 { owner.rawValue }

    public init(_ transport: Transport, _ family: SocketAddress.Family) throws(SystemError) {
        let type = Int32((transport == .udp ? SOCK_DGRAM : SOCK_STREAM).rawValue)
        let domain = family == .ipv4 ? AF_INET : AF_INET6
        let flags = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        owner = FileDescriptor(adopting: try retrying("socket") { socket(domain, type | flags, 0) })
        self.transport = transport
        self.family = family
    }

    init(adopting descriptor: Int32, family: SocketAddress.Family) {
        owner = FileDescriptor(adopting: descriptor)
        transport = .tcp
        self.family = family
    }

    public func bind(_ address: SocketAddress) throws(SystemError) {
        _ = try retrying("bind \(address)") {
            // Sound: the kernel reads the address during the call only.
            unsafe address.withKernelForm { unsafe Glibc.bind(descriptor, $0, $1) }
        }
    }

    /// Starts to connect; a TCP connection is there when the socket becomes writable without an error.
    public func connect(_ address: SocketAddress) throws(SystemError) {
        // Sound: the kernel reads the address during the call only. An interrupted connect goes on.
        let result = unsafe address.withKernelForm { unsafe Glibc.connect(descriptor, $0, $1) }
        guard result == 0 || errno == EINPROGRESS || errno == EINTR else { throw SystemError("connect \(address)") }
    }

    public func listen(backlog: Int32 = 4096) throws(SystemError) {
        _ = try retrying("listen") { Glibc.listen(descriptor, backlog) }
    }

    /// The next connection and who opened it; nil where none waits.
    public func accept() throws(SystemError) -> (socket: Socket, peer: SocketAddress)? {
        while true {
            var accepted: Int32 = -1
            let peer = unsafe SocketAddress.written { pointer, size in
                // Sound: the kernel writes at most `size` octets of address.
                accepted = unsafe clinux_accept(descriptor, pointer, &size)
                return accepted
            }
            if accepted >= 0 {
                let socket = Socket(adopting: accepted, family: family)
                guard let peer else { continue }
                return (socket, peer)
            }
            switch errno {
            case EINTR, ECONNABORTED: continue
            case EAGAIN: return nil
            // Errors that belong to the one connection, which is gone with them (accept(2)).
            case ENETDOWN, EPROTO, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, ENETUNREACH: continue
            default: throw SystemError("accept")
            }
        }
    }

    /// The same connection by the lowest descriptor that is free; this one's closes with its last reference.
    public func renumbered() throws(SystemError) -> Socket {
        Socket(adopting: try retrying("fcntl") { fcntl(descriptor, F_DUPFD_CLOEXEC, 0) }, family: family)
    }

    /// The address that the socket is bound to, with the port that the kernel chose.
    public func localAddress() throws(SystemError) -> SocketAddress {
        let address = unsafe SocketAddress.written { pointer, size in unsafe getsockname(descriptor, pointer, &size) }
        guard let address else { throw SystemError("getsockname") }
        return address
    }

    /// Ends sending; the peer reads to the end of what was sent.
    public func finishSending() {
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }
}

// MARK: Octets

extension Socket {
    /// Sends over a connected socket; how many octets went, nil where none can now.
    public func send(_ octets: Span<UInt8>) throws(SystemError) -> Int? {
        while true {
            let count = unsafe octets.withUnsafeBufferPointer { buffer in
                // Sound: the span lives through the call, which reads no more than its octets.
                unsafe Glibc.send(
                    descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if count >= 0 { return count }
            switch errno {
            case EINTR: continue
            case EAGAIN, ENOBUFS: return nil
            default: throw SystemError("send")
            }
        }
    }

    /// Receives at the start of `octets`: how many came, 0 at the end of a stream, nil where nothing waits.
    public func receive(into octets: inout MutableSpan<UInt8>) throws(SystemError) -> Int? {
        while true {
            let count = unsafe octets.withUnsafeMutableBufferPointer { buffer in
                // Sound: the span lives through the call, which writes no more than its octets.
                unsafe recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
            }
            if count >= 0 { return count }
            switch errno {
            case EINTR: continue
            case EAGAIN: return nil
            default: throw SystemError("recv")
            }
        }
    }

    /// Waits until the socket can be read or written, for at most the given time.
    public func wait(for readiness: Readiness, milliseconds: Int) -> Bool {
        Poller.wait(descriptor, for: readiness, milliseconds: milliseconds)
    }
}
