import Linux

/// Which of several addresses to try first (RFC 6724 §6). Rules 3, 4 and 7 need what the system does not simply tell,
/// and are left out as they may be.
struct AddressOrder {
    private struct Candidate {
        let address: SocketAddress
        let source: SocketAddress?
        let destinationPolicy: Policy
        let sourcePolicy: Policy?

        init(_ address: SocketAddress, source: SocketAddress?) {
            self.address = address
            self.source = source
            destinationPolicy = Policy(address)
            sourcePolicy = source.map { Policy($0) }
        }
    }

    /// Sorts by the rules; equals keep their order.
    /// - Parameter source: the address of ours that would be used for one; nil where it cannot be reached.
    static func sorted(_ addresses: [SocketAddress], source: (SocketAddress) -> SocketAddress?) -> [SocketAddress] {
        let candidates = addresses.map { Candidate($0, source: source($0)) }
        return candidates.enumerated().sorted { one, other in
            precedes(one.element, other.element) ?? (one.offset < other.offset)
        }.map(\.element.address)
    }

    private static func precedes(_ one: Candidate, _ other: Candidate) -> Bool? {
        // 1: what can be reached.
        guard let oneSource = one.sourcePolicy, let otherSource = other.sourcePolicy else {
            return one.source == nil && other.source == nil ? nil : one.source != nil
        }
        let (a, b) = (one.destinationPolicy, other.destinationPolicy)
        // 2 and 5: the same scope as its source, the same label.
        if (a.scope == oneSource.scope) != (b.scope == otherSource.scope) { return a.scope == oneSource.scope }
        if (a.label == oneSource.label) != (b.label == otherSource.label) { return a.label == oneSource.label }
        // 6 and 8: higher precedence, smaller scope.
        if a.precedence != b.precedence { return a.precedence > b.precedence }
        if a.scope != b.scope { return a.scope < b.scope }
        // 9: the longest common prefix, for IPv6 alone: with IPv4 it undoes the spreading of load.
        let lengths = [one, other].map { commonPrefix($0.address, $0.source) }
        return lengths[0] != lengths[1] ? lengths[0] > lengths[1] : nil
    }

    /// Bits of the first 64, behind which the interface begins.
    private static func commonPrefix(_ address: SocketAddress, _ source: SocketAddress?) -> Int {
        guard address.family == .ipv6, let source else { return 0 }
        var count = 0
        for (one, other) in zip(address.octets.prefix(8), source.octets.prefix(8)) {
            count += (one ^ other).leadingZeroBitCount
            if one != other { break }
        }
        return count
    }

    /// What the policy table (RFC 6724 §2.1) and the scope (§3.1) say of an address.
    private struct Policy {
        let scope: UInt8
        let precedence: Int
        let label: Int

        private static let table: [(prefix: [UInt8], bits: Int, precedence: Int, label: Int)] = [
            (Array(repeating: 0, count: 15) + [1], 128, 50, 0),
            (Array(repeating: 0, count: 10) + [0xFF, 0xFF], 96, 35, 4),
            (Array(repeating: 0, count: 12), 96, 1, 3),
            ([0x20, 0x01, 0, 0], 32, 5, 5),
            ([0x20, 0x02], 16, 30, 2),
            ([0x3F, 0xFE], 16, 1, 12),
            ([0xFE, 0xC0], 10, 1, 11),
            ([0xFC], 7, 3, 13),
        ]

        init(_ address: SocketAddress) {
            let octets = address.octets
            let mapped = octets.count == 4 ? Array(repeating: 0, count: 10) + [0xFF, 0xFF] + octets : octets
            let entry = Self.table.first { Self.matches(mapped, $0.prefix, $0.bits) }
            (precedence, label) = entry.map { ($0.precedence, $0.label) } ?? (40, 1)
            scope = Self.scope(of: mapped, isIPv4: Self.matches(mapped, Self.table[1].prefix, 96))
        }

        private static func matches(_ octets: [UInt8], _ prefix: [UInt8], _ bits: Int) -> Bool {
            let whole = bits / 8
            guard octets.prefix(whole).elementsEqual(prefix.prefix(whole)) else { return false }
            return bits % 8 == 0 || (octets[whole] ^ prefix[whole]) >> (8 - bits % 8) == 0
        }

        /// 2 for a link, 5 for a site, 14 for the world, or what a multicast address says.
        private static func scope(of octets: [UInt8], isIPv4: Bool) -> UInt8 {
            if isIPv4 { return octets[12] == 127 || octets[12] == 169 && octets[13] == 254 ? 2 : 14 }
            if octets[0] == 0xFF { return octets[1] & 0xF }
            if octets[0] == 0xFE && octets[1] & 0xC0 == 0x80 { return 2 }
            if octets[0] == 0xFE && octets[1] & 0xC0 == 0xC0 { return 5 }
            return octets.dropLast().allSatisfy { $0 == 0 } && octets[15] == 1 ? 2 : 14
        }
    }
}
