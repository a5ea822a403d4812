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
    enum Mode {
        case ask, diff, trace
        case transfer([Question])
    }

    /// A name to ask for.
    struct Target {
        var name: Name
        /// The name of an address: its type is PTR.
        var isReverse = false
        /// As it was typed; nil for an address, which no domain is added to.
        var text: String?

        /// The names of an address; nil where the text is none.
        static func reverse(_ text: String) -> Target? {
            SocketAddress(host: text, port: 0).map { Target(name: Name(reverseOf: $0), isReverse: true) }
        }
    }

    var mode = Mode.ask
    var servers: [ServerWord] = []
    /// The names in the order of the command line.
    var targets: [Target] = []
    private(set) var recordClass = RecordClass.internet
    var expectation: Expectation?
    var searches: Bool
    /// Whether TTLs count in a comparison.
    let comparesTTLs: Bool
    private let port: UInt16?
    private let usesIDN: Bool
    /// How the questions are asked.
    let options: QueryOptions

    private(set) var types: [RecordType] = []
    /// The version whose successors a transfer is to bring.
    private(set) var since: SerialNumber?
    private var classes: [RecordClass] = []
    private var firstMnemonic: String?

    init(_ lookup: Lookup) throws(Failure) {
        port = lookup.port
        usesIDN = lookup.idn != false
        searches = lookup.search || !lookup.domain.isEmpty
        comparesTTLs = lookup.ttl
        options = try lookup.options()
        since = lookup.ixfr.map(SerialNumber.init)
        for word in lookup.words { try take(word) }
        for name in lookup.names { targets.append(try target(name)) }
        for word in lookup.addresses {
            guard let target = Target.reverse(word) else {
                throw .usage("-x \(word): an IPv4 or IPv6 address must follow -x")
            }
            targets.append(target)
        }
        for word in lookup.types where try !takeIncrement(word) {
            guard let type = RecordType(word) else {
                throw .usage("\(word) is not a record type\(Suggestion.text(for: word, among: Self.mnemonics))")
            }
            types.append(type)
        }
        for word in lookup.classes {
            guard let named = RecordClass(word) else { throw .usage("\(word) is not a class") }
            classes.append(named)
        }
        expectation = try Expectation(lookup)
        guard Set(classes).count <= 1 else { throw .usage("only one class can be asked for at once") }
        recordClass = classes.first ?? .internet
        if !lookup.bulk.bulk { try chooseMode(lookup) }
    }

    private static let mnemonics = RecordRegistry.formats.map(\.mnemonic)

    /// A name's questions in the order of its types.
    func questions(for target: Target) -> [Question] {
        let asked = target.isReverse ? [RecordType.ptr] : types.isEmpty ? [RecordType.a] : types
        return asked.map { Question(target.name, $0, recordClass) }
    }
}

// MARK: Words

extension Plan {
    private mutating func take(_ word: String) throws(Failure) {
        if word.hasPrefix("@") {
            servers.append(try Self.server(word, port: port ?? ResolverConfiguration.port))
        } else if try takeIncrement(word) {
            return
        } else if let target = Target.reverse(word) {
            targets.append(target)
        } else if !word.hasSuffix("."), let type = RecordType(word) {
            types.append(type)
            firstMnemonic = firstMnemonic ?? word
        } else if !word.hasSuffix("."), let named = RecordClass(word) {
            classes.append(named)
            firstMnemonic = firstMnemonic ?? word
        } else {
            guard !word.contains("://") else { throw .usage("\(word): the name in it is what must be written") }
            targets.append(try target(word))
        }
    }

    /// dig's `ixfr=SERIAL`; false where the word is another one.
    private mutating func takeIncrement(_ word: String) throws(Failure) -> Bool {
        guard word.lowercased().hasPrefix("ixfr=") else { return false }
        guard let serial = UInt32(word.dropFirst(5)) else {
            throw .usage("\(word): a serial, a number up to \(UInt32.max), must follow ixfr=")
        }
        since = SerialNumber(serial)
        return true
    }

    func target(_ word: String) throws(Failure) -> Target {
        guard let text = usesIDN ? IDNA.ascii(word) : word else {
            throw .usage("\(word) is not a lawful internationalised name; --no-idn asks for its octets")
        }
        do throws(NameError) {
            return Target(name: try Name(text), text: text)
        } catch {
            throw .usage("\(word.isEmpty ? "an empty word" : word) is not a name: \(error)")
        }
    }

    static func server(_ word: String, port: UInt16) throws(Failure) -> ServerWord {
        let text = word.dropFirst()
        if let address = SocketAddress(text, defaultPort: port) {
            guard address.port != 0 else { throw .usage("\(word): a port is a number from 1 to 65535") }
            return .address(address)
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let number = parts.count == 2 ? UInt16(parts[1]) : port
        guard let word = parts.first, !word.isEmpty, !word.contains("#"), parts.count <= 2, let number, number != 0,
            let host = IDNA.ascii(String(word)), (try? Name(host)) != nil
        else {
            throw .usage(
                "\(word) is not a server: write @192.0.2.1, @192.0.2.1:53, @2001:db8::1, @[2001:db8::1]:53 or @name")
        }
        return .host(host, port: number)
    }
}

// MARK: Choices

extension Plan {
    private mutating func chooseMode(_ lookup: Lookup) throws(Failure) {
        guard !types.contains(.ixfr) else {
            throw .usage("IXFR needs the serial of the version to begin with: --ixfr SERIAL; --axfr fetches all")
        }
        var zones = try lookup.axfr.map { zone throws(Failure) in try target(zone) }
        if types.contains(.axfr) {
            guard types.allSatisfy({ $0 == .axfr }) else { throw .usage("AXFR cannot be asked for with other types") }
            zones += targets
        } else if since != nil, zones.isEmpty {
            guard types.isEmpty else { throw .usage("IXFR cannot be asked for with other types") }
            zones = targets
        } else if !zones.isEmpty, !targets.isEmpty || !types.isEmpty {
            throw .usage("--axfr takes its zone, and no other names or types")
        }
        if since != nil, types.contains(.axfr) || !lookup.axfr.isEmpty {
            throw .usage("AXFR and IXFR are different things to do")
        }
        try requireTargets(zones)
        let chosen = (lookup.diff ? 1 : 0) + (lookup.trace ? 1 : 0) + (zones.isEmpty ? 0 : 1)
        guard chosen + (expectation == nil ? 0 : 1) <= 1 else {
            throw .usage("--diff, --trace, --axfr, --ixfr and --expect are different things to do")
        }
        if searches && chosen > 0 {
            throw .usage("--search completes names that are looked up; write this one as a whole")
        }
        if lookup.diff && servers.count < 2 { throw .usage("--diff compares servers: name two or more, @a @b") }
        mode = lookup.diff ? .diff : lookup.trace ? .trace : .ask
        if !zones.isEmpty {
            mode = .transfer(zones.map { Question($0.name, since == nil ? .axfr : .ixfr, recordClass) })
        }
    }

    private func requireTargets(_ zones: [Target]) throws(Failure) {
        guard targets.isEmpty && zones.isEmpty else { return }
        guard let word = firstMnemonic else { throw .usage("a name to look up is missing") }
        let kind = RecordType(word) != nil ? "a record type" : "a class"
        throw .usage("a name is missing: \(word) is \(kind); to look up the name, write \(word). or --name \(word)")
    }
}
