import DNS
import DNSClient
import Linux

extension Lookup {
    private static let blocks = 1...4_096
    /// Octets of all EDNS options of a query.
    private static let ednsLimit = 4_096

    /// How the questions are asked, as the command line says.
    func options() throws(Failure) -> QueryOptions {
        var options = QueryOptions()
        options.id = id
        options.recursionDesired = !noRecurse && !trace
        options.transport = tcp ? .tcp : udp ? .udp : .automatic
        options.authenticData = authenticData
        options.checkingDisabled = checkingDisabled
        options.otherFlags = (authoritative ? 0x0400 : 0) | (truncated ? 0x0200 : 0)
        options.otherFlags |= (recursionAvailable ? 0x0080 : 0) | (reserved ? 0x0040 : 0)
        options.usesCookies = !noCookie
        if let word = opcode {
            guard let opcode = (0...15).map(Opcode.init(rawValue:)).first(where: { $0.isNamed(word) }) else {
                throw .usage("--opcode \(word): QUERY, STATUS, NOTIFY, UPDATE or a number from 0 to 15 must follow")
            }
            options.opcode = opcode
        }
        if let padding, padding != 0 {
            guard Self.blocks ~= padding else {
                throw .usage("--padding must be a number from 1 to \(Self.blocks.upperBound)")
            }
            options.paddingBlock = padding
        }
        options.edns = noEDNS ? nil : try edns()
        return options
    }

    private func edns() throws(Failure) -> EDNS {
        var edns = EDNS(udpPayloadSize: payloadSize ?? EDNS.safePayloadSize, dnssecOK: dnssec)
        edns.version = ednsVersion ?? 0
        edns.otherFlags = ednsFlags ?? 0
        if nsid { edns.options.append(.nameServerIdentifier) }
        if let subnet { edns.options.append(try Self.subnet(subnet)) }
        if let cookie {
            let octets = Hexadecimal.octets(cookie) ?? []
            guard octets.count == 8 || 16...40 ~= octets.count else {
                throw .usage("--cookie \(cookie): 8 or 16 to 40 octets in hexadecimal must follow")
            }
            edns.options.append(.init(.cookie, octets))
        }
        for option in ednsOption { edns.options.append(try Self.option(option)) }
        guard edns.options.reduce(0, { $0 + 4 + $1.data.count }) <= Self.ednsLimit else {
            throw .usage("the EDNS options must have at most \(Self.ednsLimit) octets in all")
        }
        return edns
    }

    /// `192.0.2.1:1024-192.0.2.53:53`, or as dig and kdig write it `192.0.2.1#1024-192.0.2.53#53`.
    func proxyHeader() throws(Failure) -> ProxyHeader? {
        guard let proxy, proxy != "local" else { return self.proxy.map { _ in .local } }
        let addresses = proxy.split(separator: "-", omittingEmptySubsequences: false).compactMap { word in
            let parts = word.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return SocketAddress(word, defaultPort: 0) }
            return UInt16(parts[1]).flatMap { SocketAddress(host: parts[0], port: $0) }
        }
        guard addresses.count == 2, let header = ProxyHeader(from: addresses[0], to: addresses[1]) else {
            throw .usage(
                "--proxy \(proxy): the addresses of client and server must follow, as 192.0.2.1:1024-192.0.2.53:53; or local"
            )
        }
        return header
    }

    private static let optionNames: [String: EDNS.Option.Code] = [
        "nsid": .nameServerIdentifier, "ecs": .clientSubnet, "expire": .expire, "cookie": .cookie,
        "keepalive": .tcpKeepalive, "padding": .padding, "zoneversion": .zoneVersion,
    ]

    /// `10:0123456789abcdef`, or `nsid`.
    private static func option(_ word: String) throws(Failure) -> EDNS.Option {
        let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let code = optionNames[parts[0].lowercased()] ?? UInt16(parts[0]).map(EDNS.Option.Code.init(rawValue:))
        guard let code, let data = parts.count == 2 ? Hexadecimal.octets(parts[1]) : [] else {
            throw .usage("--edns-option \(word): a number, and octets in hexadecimal behind a colon, must follow")
        }
        return .init(code, data)
    }

    /// `192.0.2.0/24`; `0` is all addresses.
    private static func subnet(_ word: String) throws(Failure) -> EDNS.Option {
        let parts = word.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let isAll = word == "0"
        let address = SocketAddress(host: isAll ? "0.0.0.0" : parts[0], port: 0)
        let bits = (address?.octets.count ?? 0) * 8
        let prefix = parts.count == 2 ? Int(parts[1]) : isAll ? 0 : bits
        guard let address, address.scope == 0, let prefix, 0...bits ~= prefix else {
            throw .usage("--subnet \(word): a network must follow, as 192.0.2.0/24 or 2001:db8::/32")
        }
        return .clientSubnet(address, prefix: prefix)
    }
}

extension Opcode {
    fileprivate func isNamed(_ word: String) -> Bool { word.uppercased() == "\(self)" || word == "\(rawValue)" }
}
