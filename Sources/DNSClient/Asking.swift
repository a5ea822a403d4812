import DNS
import Linux

/// Whom to ask, and how: what exchanges with the same configuration share.
final class Asking: Sendable {
    let options: QueryOptions
    let servers: [SocketAddress]
    /// How many turns all servers have together.
    let turns: Int
    /// Of one query, and of the whole lookup, in nanoseconds.
    let timeout: Int
    let deadline: Int
    /// Whether queries with EDNS have our cookie, and not one of the asker's own.
    let sendsCookies: Bool
    /// What every query begins with, and its OPT record without cookie and padding.
    private let header: [UInt8]
    private let edns: [UInt8]
    private let paddingBlock: Int

    /// - Throws: where the EDNS options leave no room for a question.
    init(_ options: QueryOptions, _ configuration: ResolverConfiguration) throws(WireError) {
        self.options = options
        servers = Array(configuration.servers.prefix(Limits.servers))
        turns = servers.count * max(1, min(configuration.tries, Limits.tries))
        timeout = configuration.timeout.nanoseconds
        deadline = min(configuration.deadline, options.deadline ?? configuration.deadline).nanoseconds
        sendsCookies = options.usesCookies && options.edns?.options.contains { $0.code == .cookie } != true
        paddingBlock = 1...Limits.paddingBlock ~= options.paddingBlock ? options.paddingBlock : 0
        let root = Question(.root, .a)
        var message = Message(
            id: 0, question: root, recursionDesired: options.recursionDesired, edns: options.edns)
        message.header.opcode = options.opcode
        message.header.authenticData = options.authenticData
        message.header.checkingDisabled = options.checkingDisabled
        var octets = try message.encoded()
        octets[2] |= UInt8(options.otherFlags >> 8)
        octets[3] |= UInt8(options.otherFlags & 0xFF)
        header = Array(octets[..<Header.count])
        edns = Array(octets[(Header.count + root.name.count + 4)...])
        guard largestQuery <= Message.maximumCount else { throw .noRoom }
    }

    /// Octets that a query has at most.
    var largestQuery: Int {
        header.count + Name.maximumCount + 4 + edns.count + 4 + Limits.cookie + 4 + paddingBlock
    }

    /// Servers by their indices: from the first one on, and those that rest behind the others.
    func order(first: Int, isResting: (Int) -> Bool) -> [Int] {
        let turns = Array(servers.indices[first...]) + servers.indices[..<first]
        return turns.filter { !isResting($0) } + turns.filter(isResting)
    }

    /// What stands before a query's name.
    func begin(_ octets: inout [UInt8], id: UInt16, usesEDNS: Bool) {
        octets.removeAll(keepingCapacity: true)
        octets += header
        octets[0] = UInt8(truncatingIfNeeded: id >> 8)
        octets[1] = UInt8(truncatingIfNeeded: id)
        if !usesEDNS { octets[11] = 0 }
    }

    /// The OPT record behind the question (RFC 6891 §6.1.2).
    func appendEDNS(to octets: inout [UInt8], version: UInt8?, cookie: Peer?) {
        let start = octets.count
        octets += edns
        if let version { octets[start + 6] = version }
        if let cookie {
            octets.append(option: .cookie, cookie.clientCookie.count + cookie.serverCookie.count)
            octets += cookie.clientCookie
            octets += cookie.serverCookie
        }
        if paddingBlock > 0 {
            let padding = (paddingBlock - (octets.count + 4) % paddingBlock) % paddingBlock
            octets.append(option: .padding, padding)
            for _ in 0..<padding { octets.append(0) }
        }
        let count = octets.count - start - 11
        octets[start + 9] = UInt8(count >> 8)
        octets[start + 10] = UInt8(count & 0xFF)
    }
}

extension [UInt8] {
    mutating func append(word: UInt16) {
        append(UInt8(truncatingIfNeeded: word >> 8))
        append(UInt8(truncatingIfNeeded: word))
    }

    fileprivate mutating func append(option code: EDNS.Option.Code, _ count: Int) {
        append(word: code.rawValue)
        append(word: UInt16(count))
    }
}
