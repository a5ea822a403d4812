import DNS
import DNSClient
import Linux

/// A server, as it is named on the command line.
enum ServerWord {
    case address(SocketAddress)
    /// To be looked up first.
    case host(String, port: UInt16)
}

/// What the command line asks for.
struct Plan {
    var servers: [ServerWord] = []
    /// Each name's types in order.
    var questions: [Question] = []
    var options = QueryOptions()
    var isShort: Bool
    /// Nil where the configuration's port holds.
    var port: UInt16?

    private(set) var types: [RecordType] = []
    private(set) var classes: [RecordClass] = []
    /// The names in the order of the command line, with whether they are those of addresses.
    private var order: [(name: Name, isReverse: Bool)] = []
    private var firstMnemonic: String?

    init(_ lookup: Lookup) throws(Failure) {
        isShort = lookup.short
        port = lookup.port
        for word in lookup.words { try take(word) }
        for name in lookup.names { order.append((try Self.name(name), false)) }
        for address in lookup.addresses { try takeAddress(address) }
        for word in lookup.types {
            guard let type = RecordType(word) else { throw .usage("\(word) is not a record type") }
            types.append(type)
        }
        for word in lookup.classes {
            guard let named = RecordClass(word) else { throw .usage("\(word) is not a class") }
            classes.append(named)
        }
        if !lookup.bulk.bulk { try makeQuestions() }
        makeOptions(lookup)
    }

    private mutating func take(_ word: String) throws(Failure) {
        if word.hasPrefix("@") {
            servers.append(try Self.server(word, port: port ?? ResolverConfiguration.port))
        } else if let address = SocketAddress(host: word, port: 0) {
            order.append((Name(reverseOf: address), true))
        } else if !word.hasSuffix("."), let type = RecordType(word) {
            types.append(type)
            firstMnemonic = firstMnemonic ?? word
        } else if !word.hasSuffix("."), let named = RecordClass(word) {
            classes.append(named)
            firstMnemonic = firstMnemonic ?? word
        } else {
            order.append((try Self.name(word), false))
        }
    }

    private mutating func takeAddress(_ word: String) throws(Failure) {
        guard let address = SocketAddress(host: word, port: 0) else {
            throw .usage("-x \(word): an IPv4 or IPv6 address must follow -x")
        }
        order.append((Name(reverseOf: address), true))
    }

    private static func name(_ word: String) throws(Failure) -> Name {
        do throws(NameError) {
            return try Name(word)
        } catch {
            throw .usage("\(word.isEmpty ? "an empty word" : word) is not a name: \(error)")
        }
    }

    private static func server(_ word: String, port: UInt16) throws(Failure) -> ServerWord {
        let text = word.dropFirst()
        if let address = SocketAddress(text, defaultPort: port) {
            guard address.port != 0 else { throw .usage("\(word): a port is a number from 1 to 65535") }
            return .address(address)
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let number = parts.count == 2 ? UInt16(parts[1]) : port
        guard let host = parts.first, !host.isEmpty, parts.count <= 2, let number, number != 0,
            (try? Name(String(host))) != nil
        else {
            throw .usage(
                "\(word) is not a server: write @192.0.2.1, @192.0.2.1:53, @2001:db8::1, @[2001:db8::1]:53 or @name")
        }
        return .host(String(host), port: number)
    }

    private mutating func makeQuestions() throws(Failure) {
        guard !order.isEmpty else {
            guard let word = firstMnemonic else { throw .usage("a name to look up is missing") }
            let kind = RecordType(word) != nil ? "a record type" : "a class"
            throw .usage("a name is missing: \(word) is \(kind); to look up the name, write \(word). or --name \(word)")
        }
        guard Set(classes).count <= 1 else { throw .usage("only one class can be asked for at once") }
        if let type = types.first(where: { $0 == .axfr || $0 == .ixfr }) {
            throw .usage("\(type) is a transfer, which resolve does not do")
        }
        let recordClass = classes.first ?? .internet
        for (name, isReverse) in order {
            let asked = isReverse ? [RecordType.ptr] : types.isEmpty ? [RecordType.a] : types
            questions += asked.map { Question(name, $0, recordClass) }
        }
    }

    private mutating func makeOptions(_ lookup: Lookup) {
        options.recursionDesired = !lookup.noRecurse
        options.transport = lookup.tcp ? .tcp : .automatic
        if lookup.noEDNS {
            options.edns = nil
        } else {
            options.edns = EDNS(
                udpPayloadSize: lookup.payloadSize ?? EDNS.safePayloadSize, dnssecOK: lookup.dnssec)
        }
    }
}
