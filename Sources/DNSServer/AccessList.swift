public import Linux

/// The addresses that begin with the same bits: `192.0.2.0/24`, `2001:db8::/32`, or one address.
public struct AddressPrefix: Hashable, Sendable {
    /// IPv4 as IPv4-mapped addresses, so that both forms of an address are one.
    let first: UInt128
    let length: Int

    /// What is wrong with the text of a prefix.
    public struct Malformed: Error, CustomStringConvertible {
        public let description: String
    }

    /// Reads an address with or without `/` and the length of the prefix.
    public init(_ text: some StringProtocol) throws(Malformed) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = SocketAddress(host: parts[0], port: 0), address.scope == 0 else {
            throw Malformed(description: "'\(text)' is no prefix: write an address, or 192.0.2.0/24, or 2001:db8::/32")
        }
        let bits = address.family == .ipv4 ? 32 : 128
        guard let given = parts.count == 1 ? bits : Self.number(parts[1]), given <= bits else {
            throw Malformed(description: "'\(text)': the length of the prefix is a number from 0 to \(bits)")
        }
        let number = address.number
        let length = 128 - bits + given
        guard number & ~Self.mask(length) == 0 else {
            let wanted = SocketAddress(number: number & Self.mask(length), port: 0).host
            throw Malformed(description: "'\(text)' has bits behind its prefix: \(wanted)/\(given) is meant?")
        }
        self.init(first: number, length: length)
    }

    private init(first: UInt128, length: Int) {
        self.first = first
        self.length = length
    }

    static let ipv6 = AddressPrefix(first: 0, length: 0)
    static let ipv4 = AddressPrefix(first: 0xFFFF << 32, length: 96)
    /// 127.0.0.0/8 and ::1.
    public static let loopback = [
        AddressPrefix(first: 0xFFFF_7F00_0000, length: 104), AddressPrefix(first: 1, length: 128),
    ]

    var last: UInt128 { first | ~Self.mask(length) }

    private static func mask(_ length: Int) -> UInt128 { length == 0 ? 0 : ~0 << UInt128(128 - length) }

    private static func number(_ text: some StringProtocol) -> Int? {
        text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
    }
}

/// Who may: the longest prefix that an address begins with decides; of two that are the same, the one that denies.
///
/// The prefixes are cut into ranges that do not overlap, in order, so that any number of them takes one search by halves.
public struct AccessList: Sendable {
    /// The first address of each range; the first of all is 0.
    private var starts: [UInt128] = []
    private var isAdmitted: [Bool] = []

    /// Whom no prefix names may where nobody is allowed by name, so that `deny` alone takes some out of all.
    public init(allow: [AddressPrefix], deny: [AddressPrefix]) {
        // A prefix of IPv6 says nothing of IPv4, though it may hold the IPv4-mapped addresses.
        let families = [AddressPrefix.ipv6, .ipv4].map { (prefix: $0, may: allow.isEmpty, rank: 0) }
        let rules = families + allow.map { ($0, true, 1) } + deny.map { ($0, false, 2) }
        let sorted = rules.sorted { ($0.0.first, $0.0.length, $0.2) < ($1.0.first, $1.0.length, $1.2) }
        // Prefixes lie inside each other or apart, as parentheses do.
        var open: [(last: UInt128, may: Bool)] = []
        for (prefix, may, _) in sorted {
            close(&open, before: prefix.first)
            begin(at: prefix.first, may)
            open.append((prefix.last, may))
        }
        close(&open, before: nil)
    }

    /// Ends the prefixes that end before an address; what is around them goes on.
    private mutating func close(_ open: inout [(last: UInt128, may: Bool)], before address: UInt128?) {
        while let inner = open.last, address.map({ inner.last < $0 }) ?? true {
            open.removeLast()
            if let outer = open.last, inner.last < outer.last { begin(at: inner.last + 1, outer.may) }
        }
    }

    private mutating func begin(at start: UInt128, _ may: Bool) {
        if starts.last == start {
            isAdmitted[isAdmitted.count - 1] = may
        } else if isAdmitted.last != may {
            starts.append(start)
            isAdmitted.append(may)
        }
    }

    public func admits(_ address: SocketAddress) -> Bool { admits(address.number) }

    /// IPv4 as IPv4-mapped.
    func admits(_ address: UInt128) -> Bool {
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= address { low = middle } else { high = middle }
        }
        return isAdmitted[low]
    }
}
