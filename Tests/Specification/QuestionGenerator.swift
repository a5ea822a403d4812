import DNS

/// What is asked of a set of zones: every name that a record mentions, and the names around it, that exist or do not.
struct QuestionGenerator {
    private var generator: ZoneGenerator
    private let names: [Name]
    private let zones: ZoneSet

    init(_ zones: ZoneSet, seed: UInt64) {
        generator = ZoneGenerator(seed: seed)
        self.zones = zones
        var names: Set<Name> = []
        for origin in zones.zones.map(\.origin) + zones.unavailable {
            names.formUnion(Self.around(origin))
        }
        for record in zones.zones.flatMap(\.records) {
            names.formUnion(Self.around(record.owner))
            if let target = record.target, record.type != .txt { names.formUnion([target, target.parent]) }
        }
        self.names = names.sorted()
    }

    /// The name itself, above it, below it, beside it, the wildcards of both places, and one far below.
    private static func around(_ name: Name) -> [Name] {
        let labels = ["q", "a", "*"].compactMap { Label(Array($0.utf8)) }
        let below = labels.compactMap { name.prepending($0) }
        let beside = labels.compactMap { name.parent.prepending($0) }
        let far = below.flatMap { name in labels.prefix(2).compactMap { name.prepending($0) } }
        return [name, name.parent] + below + beside + far
    }

    private static let types: [RecordType] = [
        .a, .aaaa, .ns, .cname, .dname, .soa, .txt, .mx, .ds, .any, .rrsig, .nsec, .srv,
        RecordType(rawValue: 65280), RecordType(rawValue: 0), .dnskey, .nsec3, .nsec3param, .opt, .ixfr,
    ]

    /// `count` questions about each name; the first are for what is there.
    mutating func questions(typesOfName count: Int) -> [Question] {
        names.flatMap { name -> [Question] in
            let there = Set(zones.zones.flatMap(\.records).filter { $0.owner == name }.map(\.type))
            var types = Array(
                there.sorted { $0.rawValue < $1.rawValue }.shuffled(using: &generator.random).prefix(count / 2))
            while types.count < count {
                let type = generator.random.pick(Self.types)
                if !types.contains(type) { types.append(type) }
            }
            // Now and then a name so long that a DNAME record makes it too long.
            let isLong = generator.random.percent(5)
            let name = generator.recased(isLong ? generator.lengthened(name, by: 1 + generator.random.below(4)) : name)
            return types.map { Question(name, $0) }
        }
    }

    /// The ways in which a question is asked besides plainly over TCP.
    mutating func ways(settingDO setsDO: Bool) -> [Way] {
        let size = generator.random.pick([0, 511, 513, 700, 1231, 1232, 4096, 65535] as [UInt16])
        return [
            Way(.udp, nil), Way(.udp, EDNS(udpPayloadSize: size, dnssecOK: setsDO && generator.random.percent(50))),
            Way(.tcp, EDNS(udpPayloadSize: size, dnssecOK: setsDO && generator.random.percent(50))),
        ]
    }
}

/// How a question is asked.
struct Way: CustomStringConvertible {
    let transport: Transport
    let edns: EDNS?

    init(_ transport: Transport, _ edns: EDNS?) {
        self.transport = transport
        self.edns = edns
    }

    func query(_ question: Question) throws -> [UInt8] {
        var octets: [UInt8] = [0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, edns == nil ? 0 : 1] + question.name.wire
        for word in [question.type.rawValue, question.recordClass.rawValue] {
            octets += [UInt8(word >> 8), UInt8(word & 0xFF)]
        }
        guard let edns else { return octets }
        let size = edns.udpPayloadSize
        return octets + [0, 0, 41, UInt8(size >> 8), UInt8(size & 0xFF), 0, 0, edns.dnssecOK ? 0x80 : 0, 0, 0, 0]
    }

    /// The most octets of a reply (PROTOCOL: 512 without OPT; otherwise what both can take).
    var limit: Int {
        guard transport == .udp else { return Message.maximumCount }
        return max(512, min(Int(edns?.udpPayloadSize ?? 512), Int(EDNS.safePayloadSize)))
    }

    /// As a scenario has it.
    var description: String {
        var words = ["+\(transport)"]
        if let edns { words += [edns.dnssecOK ? "+do" : "+edns", "+bufsize=\(edns.udpPayloadSize)"] }
        return words.joined(separator: " ")
    }
}
