import CLinux
import Glibc

/// An IPv4 or IPv6 address with a port.
public struct SocketAddress: Hashable, Sendable {
    public enum Family: Hashable, Sendable {
        case ipv4, ipv6
    }

    public let family: Family
    public var port: UInt16
    /// The interface that a link-local IPv6 address belongs to; else 0.
    public let scope: UInt32
    // The address in network order, an IPv4 address in the last four octets of `low`.
    private let high: UInt64
    private let low: UInt64

    /// An IPv4 address of 4 octets or an IPv6 address of 16; else nil.
    public init?(octets: [UInt8], port: UInt16, scope: UInt32 = 0) {
        switch octets.count {
        case 4: family = .ipv4
        case 16: family = .ipv6
        default: return nil
        }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for octet in octets {
            high = high << 8 | low >> 56
            low = low << 8 | UInt64(octet)
        }
        self.high = high
        self.low = low
        self.port = port
        self.scope = family == .ipv6 ? scope : 0
    }

    // As short as it can be: a key of each connection. Those that differ only in family or scope are told apart later.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(high)
        hasher.combine(low ^ UInt64(port) << 48)
    }

    /// The address's 4 or 16 octets in network order.
    public var octets: [UInt8] {
        let all = [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } }
        return family == .ipv4 ? Array(all[12...]) : all
    }

    /// The address as a number, an IPv4 address as the IPv4-mapped one (`::ffff:192.0.2.1`).
    public var number: UInt128 {
        UInt128(truncatingIfNeeded: high) &<< 64 | UInt128(truncatingIfNeeded: low)
            | (family == .ipv4 ? 0xFFFF_0000_0000 : 0)
    }

    /// The address of this number; an IPv4-mapped one is IPv4.
    public init(number: UInt128, port: UInt16) {
        let isMapped = number >> 32 == 0xFFFF
        family = isMapped ? .ipv4 : .ipv6
        high = UInt64(truncatingIfNeeded: number >> 64)
        low = UInt64(truncatingIfNeeded: isMapped ? number & 0xFFFF_FFFF : number)
        scope = 0
        self.port = port
    }

    public static func loopback(_ family: Family, port: UInt16) -> SocketAddress {
        let octets: [UInt8] = family == .ipv4 ? [127, 0, 0, 1] : Array(repeating: 0, count: 15) + [1]
        return SocketAddress(octets: octets, port: port)!  // 4 or 16 octets, as written above
    }

    /// 0.0.0.0 or [::].
    public var isWildcard: Bool { high == 0 && low == 0 }

    /// 127.0.0.0/8, ::1 and IPv4-mapped loopback.
    public var isLoopback: Bool {
        switch family {
        case .ipv4: low >> 24 == 127
        case .ipv6: high == 0 && (low == 1 || low >> 24 == 0xffff7f)
        }
    }

    public var withoutPort: SocketAddress {
        var address = self
        address.port = 0
        return address
    }

    public func with(port: UInt16) -> SocketAddress {
        var address = self
        address.port = port
        return address
    }
}

// MARK: Presentation

extension SocketAddress: CustomStringConvertible {
    /// Reads `127.0.0.1`, `127.0.0.1:53`, `::1`, `[::1]`, `[::1]:53` or `[fe80::1%eth0]:53`.
    public init?(_ text: some StringProtocol, defaultPort: UInt16) {
        var host = Substring(text)
        var port: Substring?
        if host.first == "[" {
            guard let end = host.firstIndex(of: "]") else { return nil }
            let rest = host[host.index(after: end)...]
            if !rest.isEmpty {
                guard rest.first == ":" else { return nil }
                port = rest.dropFirst()
            }
            host = host[..<end].dropFirst()
            guard host.contains(":") else { return nil }
        } else if let colon = host.firstIndex(of: ":"), !host[host.index(after: colon)...].contains(":") {
            port = host[host.index(after: colon)...]
            host = host[..<colon]
        }
        guard let number = port.map(Self.port(from:)) ?? defaultPort else { return nil }
        self.init(host: host, port: number)
    }

    /// Reads an address without brackets or port; an IPv6 address may end in `%eth0` or `%2`.
    public init?(host: some StringProtocol, port: UInt16) {
        var text = Substring(host)
        var scope: UInt32 = 0
        if let percent = text.firstIndex(of: "%") {
            guard let index = Self.interface(named: String(text[text.index(after: percent)...])) else { return nil }
            scope = index
            text = text[..<percent]
            guard text.contains(":") else { return nil }
        }
        var octets = [UInt8](repeating: 0, count: text.contains(":") ? 16 : 4)
        let family = octets.count == 16 ? AF_INET6 : AF_INET
        // Sound: inet_pton writes 4 or 16 octets, as many as the array has.
        guard unsafe inet_pton(family, String(text), &octets) == 1 else { return nil }
        self.init(octets: octets, port: port, scope: scope)
    }

    private static func port(from text: Substring) -> UInt16? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return UInt16(text)
    }

    private static func interface(named name: String) -> UInt32? {
        // Sound: if_nametoindex reads a text that ends in a 0.
        let index = unsafe if_nametoindex(name)
        return index != 0 ? index : UInt32(name).flatMap { $0 == 0 ? nil : $0 }
    }

    /// The address without port and brackets: `127.0.0.1`, `fe80::1%eth0`.
    public var host: String {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        // Sound: inet_ntop reads the 4 or 16 octets that the family says, and the buffer has room
        // for the longest text and its 0.
        guard unsafe inet_ntop(family == .ipv4 ? AF_INET : AF_INET6, octets, &buffer, socklen_t(buffer.count)) != nil
        else { return "?" }
        let text = String(endedByZero: buffer)
        return scope == 0 ? text : "\(text)%\(Self.interfaceName(of: scope))"
    }

    public var description: String {
        family == .ipv4 ? "\(host):\(port)" : "[\(host)]:\(port)"
    }

    private static func interfaceName(of index: UInt32) -> String {
        var buffer = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
        // Sound: the buffer has the IF_NAMESIZE octets that the call asks for.
        guard unsafe if_indextoname(index, &buffer) != nil else { return "\(index)" }
        return String(endedByZero: buffer)
    }
}

// MARK: The kernel's form

extension SocketAddress {
    init?(_ address: clinux_address) {
        var address = address
        // Sound: every member of the union starts with the family, and all of it is initialised.
        switch Int32(unsafe address.any.sa_family) {
        case AF_INET:
            let raw = unsafe address.v4.sin_addr.s_addr
            family = .ipv4
            high = 0
            low = UInt64(UInt32(bigEndian: raw))
            port = unsafe UInt16(bigEndian: address.v4.sin_port)
            scope = 0
        case AF_INET6:
            family = .ipv6
            port = unsafe UInt16(bigEndian: address.v6.sin6_port)
            scope = unsafe address.v6.sin6_scope_id
            // Sound: an IPv6 address is 16 octets, read as two words of 8 without alignment.
            let words = unsafe withUnsafeBytes(of: &address.v6.sin6_addr) { bytes in
                unsafe (
                    UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                    UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                )
            }
            (high, low) = words
        default:
            return nil
        }
    }

    /// Calls `body` with the address as the kernel wants it.
    func withKernelForm<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = clinux_address()
        let size: Int
        switch family {
        case .ipv4:
            unsafe address.v4 = sockaddr_in()
            unsafe address.v4.sin_family = sa_family_t(AF_INET)
            unsafe address.v4.sin_port = port.bigEndian
            unsafe address.v4.sin_addr.s_addr = UInt32(truncatingIfNeeded: low).bigEndian
            size = MemoryLayout<sockaddr_in>.size
        case .ipv6:
            unsafe address.v6 = sockaddr_in6()
            unsafe address.v6.sin6_family = sa_family_t(AF_INET6)
            unsafe address.v6.sin6_port = port.bigEndian
            unsafe address.v6.sin6_scope_id = scope
            // Sound: an IPv6 address is 16 octets, stored as two words of 8.
            unsafe withUnsafeMutableBytes(of: &address.v6.sin6_addr) { bytes in
                unsafe bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
                unsafe bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
            }
            size = MemoryLayout<sockaddr_in6>.size
        }
        // Sound: every member of the union may be seen as a sockaddr, and `size` is that of the member.
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, socklen_t(size)) }
        }
    }

    /// The address that `call` (getsockname, getpeername, accept4) writes.
    static func written(by call: (UnsafeMutablePointer<sockaddr>, inout socklen_t) -> Int32) -> SocketAddress? {
        var address = clinux_address()
        var size = socklen_t(MemoryLayout<clinux_address>.size)
        // Sound: the kernel writes at most `size` octets, which the union has.
        let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe call($0, &size) }
        }
        return result < 0 ? nil : SocketAddress(address)
    }
}
