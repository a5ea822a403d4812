import CLinux
import Glibc

extension Socket {
    /// Lets further sockets that have it too bind the same address. Set after the first socket is
    /// bound, it makes a stranger's bind fail and our own succeed.
    public func sharePort() throws(SystemError) {
        try set(SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT")
    }

    /// Binds although connections of an earlier process linger; two listeners still exclude each other.
    public func reuseAddress() throws(SystemError) {
        try set(SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR")
    }

    /// Keeps IPv4 away from an IPv6 socket, so that 0.0.0.0 and [::] can both be bound.
    public func onlyIPv6() throws(SystemError) {
        try set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1, "IPV6_V6ONLY")
    }

    /// Binds addresses that the machine has not yet.
    public func bindAbsent() throws(SystemError) {
        // That of IPv4 is heeded by IPv6 too.
        try set(Int32(IPPROTO_IP), IP_FREEBIND, 1, "IP_FREEBIND")
    }

    /// Asks for room for this many octets; the kernel may give less.
    public func setReceiveBuffer(octets: Int32) throws(SystemError) {
        // As root the system's limit can be passed over.
        if (try? set(SOL_SOCKET, SO_RCVBUFFORCE, octets, "SO_RCVBUFFORCE")) == nil {
            try set(SOL_SOCKET, SO_RCVBUF, octets, "SO_RCVBUF")
        }
    }

    /// Lets this many octets wait for a slow receiver; the kernel may allow less.
    public func setSendBuffer(octets: Int32) throws(SystemError) {
        if (try? set(SOL_SOCKET, SO_SNDBUFFORCE, octets, "SO_SNDBUFFORCE")) == nil {
            try set(SOL_SOCKET, SO_SNDBUF, octets, "SO_SNDBUF")
        }
    }

    /// Lets `DatagramBatch.receive` wait this long.
    public func waitForDatagrams(milliseconds: Int) throws(SystemError) {
        var time = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
        let size = socklen_t(MemoryLayout<timeval>.size)
        // Sound: the size is that of the value.
        guard unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size) == 0 else {
            throw SystemError("setsockopt SO_RCVTIMEO")
        }
        _ = try retrying("fcntl") { fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK) }
    }

    /// Neither fragments nor trusts ICMP about the size of packets.
    public func omitPathMTU() throws(SystemError) {
        switch family {
        case .ipv4: try set(Int32(IPPROTO_IP), IP_MTU_DISCOVER, IP_PMTUDISC_OMIT, "IP_MTU_DISCOVER")
        case .ipv6: try set(Int32(IPPROTO_IPV6), IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT, "IPV6_MTU_DISCOVER")
        }
    }

    /// Tells with each datagram which of our addresses it was sent to.
    public func tellDestination() throws(SystemError) {
        switch family {
        case .ipv4: try set(Int32(IPPROTO_IP), IP_PKTINFO, 1, "IP_PKTINFO")
        case .ipv6: try set(Int32(IPPROTO_IPV6), IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO")
        }
    }

    /// Sends datagrams over IPv4 without checksums, with which the kernel refuses to merge: tests want that.
    package func omitChecksums() throws(SystemError) {
        try set(SOL_SOCKET, SO_NO_CHECK, 1, "SO_NO_CHECK")
    }

    /// Sends small segments at once; connections inherit it from their listener.
    public func noDelay() throws(SystemError) {
        try set(Int32(IPPROTO_TCP), TCP_NODELAY, 1, "TCP_NODELAY")
    }

    /// Closing drops what was not sent and resets the connection.
    public func resetOnClose() throws(SystemError) {
        var value = linger(l_onoff: 1, l_linger: 0)
        let size = socklen_t(MemoryLayout<linger>.size)
        // Sound: the size is that of the value.
        guard unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &value, size) == 0 else {
            throw SystemError("setsockopt SO_LINGER")
        }
    }

    /// The error that waits on the socket (of a connection that failed, for one), which is then cleared.
    public func pendingError() -> SystemError? {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        // Sound: the size is that of the value.
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0, code != 0 else { return nil }
        return SystemError("socket", code: code)
    }

    private func set(_ level: Int32, _ option: Int32, _ value: Int32, _ name: String) throws(SystemError) {
        var value = value
        // Sound: the size is that of the value.
        guard unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw SystemError("setsockopt \(name)")
        }
    }
}
