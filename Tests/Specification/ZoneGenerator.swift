import DNS

/// Zones that are served together.
struct ZoneSet {
    struct Zone {
        var origin: Name
        var records: [Record]
        /// What makes a signed zone of the records.
        var signer: Signer?

        /// As a zone file.
        var text: String { ZonePrinter.print(records) }

        /// What is served.
        func signed() throws -> Zone { try signer?.signed(self) ?? self }
    }

    var zones: [Zone]
    var unavailable: [Name] = []
}

/// Makes small nasty zones. There are few labels, so that names meet: what one record makes exist, another redirects,
/// cuts off or hides.
struct ZoneGenerator {
    var random: RandomNumbers

    /// How many zones in a hundred are signed.
    let signedPercentage: Int

    init(seed: UInt64, signedPercentage: Int = 0) {
        random = RandomNumbers(seed: seed)
        self.signedPercentage = signedPercentage
    }

    private static let origins = [".", "t.", "a.t.", "b.a.t.", "c.b.a.t.", "b.t.", "*.t.", "u.", "a.u."].map(lawful)
    static let labels: [(Label, Int)] =
        ["a", "b", "c", "*", "ns"].map { (label(Array($0.utf8)), 6) }
        + [[0x2E], [0x61, 0x2E, 0x62], [0], [0xE4], [0xC4], [0x5B], [0x2A, 0x2A]].map { (label($0), 1) }
        + [(label([UInt8](repeating: 0x6C, count: 63)), 1)]

    private static func lawful(_ text: String) -> Name { (try? Name(text)) ?? .root }
    private static func label(_ octets: [UInt8]) -> Label { Label(octets) ?? lawful("x.").labels[0] }

    /// One to four zones, of which some have no good version.
    mutating func zoneSet() throws -> ZoneSet {
        var origins: Set<Name> = []
        for _ in 0..<random.pick([1, 1, 2, 2, 3, 4]) { origins.insert(random.pick(Self.origins)) }
        let sorted = origins.sorted()
        var set = ZoneSet(zones: try sorted.map { try zone(origin: recased($0), near: sorted) })
        if random.percent(15) {
            let origin = random.pick(Self.origins)
            if !origins.contains(origin) { set.unavailable = [origin] }
        }
        return set
    }

    // MARK: A zone

    private static let types: [(RecordType, Int)] = [
        (.a, 8), (.aaaa, 3), (.ns, 6), (.cname, 6), (.dname, 4), (.txt, 3), (.mx, 2), (.ds, 3), (.srv, 1), (.ptr, 1),
        (.nsec, 1), (RecordType(rawValue: 65280), 1), (.caa, 1), (.hinfo, 1),
    ]

    mutating func zone(origin: Name, near origins: [Name]) throws -> ZoneSet.Zone {
        var zone = ZoneSet.Zone(origin: origin, records: [])
        zone.records.append(
            try record(origin, .soa, "\(target(in: zone, origins)) h. 1 2 3 4 \(random.pick([0, 60, 9000]))"))
        for _ in 0...random.below(2) { zone.records.append(try record(.ns, at: origin, in: zone, origins)) }
        for _ in 0..<(2 + random.below(16)) {
            let owner = owner(in: zone, origins)
            let type = random.pick(weighted: Self.types)
            // One in twenty is not asked whether it is lawful, so that the loader has something to refuse.
            if random.percent(5) || isLawful(type, at: owner, in: zone) {
                zone.records.append(try record(type, at: owner, in: zone, origins))
            }
        }
        if random.percent(20) { try addBigSet(to: &zone, origins) }
        if random.percent(15) { try addDelegation(to: &zone, origins) }
        if random.percent(5) { try addChain(to: &zone) }
        if random.percent(signedPercentage) { zone.signer = signer() }
        return zone
    }

    private mutating func signer() -> Signer {
        let salt = random.pick([[], [0xAA], [0xAA, 0xBB, 0xCC, 0xDD]] as [[UInt8]])
        let parameters = HashParameters(iterations: random.pick([0, 0, 0, 1, 12]), salt: salt)
        return Signer(denial: random.pick(Signer.Denial.allCases), parameters: parameters)
    }

    /// RFC 1034 §3.6.2, RFC 6672 §2.4: what may stand beside and below what.
    private func isLawful(_ type: RecordType, at owner: Name, in zone: ZoneSet.Zone) -> Bool {
        let beside = zone.records.filter { $0.owner == owner }.map(\.type)
        let above = zone.records.filter { $0.owner != owner && owner.isSubdomain(of: $0.owner) }
        guard !above.contains(where: { $0.type == .dname }) else { return false }
        switch type {
        case .cname: return beside.allSatisfy { $0 == .nsec } && owner != zone.origin
        case .nsec: return true
        case .dname:
            let hasNamesBelow = zone.records.contains { $0.owner != owner && $0.owner.isSubdomain(of: owner) }
            return !hasNamesBelow && !beside.contains(.cname) && !beside.contains(.dname)
        case .ns: return !owner.isWildcard && !beside.contains(.cname)
        default: return !beside.contains(.cname)
        }
    }

    /// More than a reply over UDP can hold, or nearly.
    private mutating func addBigSet(to zone: inout ZoneSet.Zone, _ origins: [Name]) throws {
        let owner = owner(in: zone, origins)
        let type = random.pick([RecordType.a, .aaaa, .txt, .mx, .ns, .ds, .hinfo])
        guard isLawful(type, at: owner, in: zone) else { return }
        // With more behind it that has names to be compressed, far from the start of the message.
        if type == .hinfo { zone.records.append(try record(.mx, at: owner, in: zone, origins)) }
        for _ in 0..<random.pick([5, 12, 27, 28, 29, 60, 90]) {
            zone.records.append(try record(type, at: owner, in: zone, origins))
        }
    }

    /// A cut whose servers have so many addresses, below it and beside it, that not all fit a reply over UDP.
    private mutating func addDelegation(to zone: inout ZoneSet.Zone, _ origins: [Name]) throws {
        let cut = name(below: zone.origin, labels: 1)
        guard isLawful(.ns, at: cut, in: zone) else { return }
        for _ in 0...random.below(3) {
            let host = random.percent(60) ? name(below: cut, labels: 1) : target(in: zone, origins)
            zone.records.append(try record(cut, .ns, "\(host)"))
            guard host.isSubdomain(of: zone.origin), isLawful(.a, at: host, in: zone) else { continue }
            for type in [RecordType.a, .aaaa] {
                for _ in 0..<random.pick([0, 1, 2, 14, 28, 50]) {
                    zone.records.append(try record(type, at: host, in: zone, origins))
                }
            }
        }
    }

    /// About as many aliases in a row as are followed, with an end, or without.
    private mutating func addChain(to zone: inout ZoneSet.Zone) throws {
        let names = (0..<(14 + random.below(6))).compactMap { number in
            Label(Array("z\(number)".utf8)).flatMap { zone.origin.prepending($0) }
        }
        for (name, next) in zip(names, names.dropFirst()) { zone.records.append(try record(name, .cname, "\(next)")) }
        guard let last = names.last, random.percent(70) else { return }
        zone.records.append(try record(last, .a, "192.0.2.1"))
    }

    // MARK: Names

    /// The origin, a name that is there already, one below or beside it, or any other.
    private mutating func owner(in zone: ZoneSet.Zone, _ origins: [Name]) -> Name {
        switch random.below(10) {
        case 0: return recased(zone.origin)
        case 1...2: return recased(random.pick(zone.records).owner)
        case 3...4: return name(below: random.pick(zone.records).owner, labels: 1)
        // Where another zone begins, or below it.
        case 5:
            let other = random.pick(origins)
            return other.isSubdomain(of: zone.origin) ? name(below: other, labels: random.below(2)) : zone.origin
        default: return name(below: zone.origin, labels: 1 + random.below(3))
        }
    }

    /// Where NS, CNAME, DNAME and others lead: mostly to the zone.
    private mutating func target(in zone: ZoneSet.Zone, _ origins: [Name]) -> Name {
        switch random.below(12) {
        case 0: return Self.lawful("elsewhere.")
        case 1: return name(below: random.pick(Self.origins), labels: random.below(2))
        case 2: return random.pick(origins)
        case 3...5: return zone.records.isEmpty ? zone.origin : recased(random.pick(zone.records).owner)
        case 6...7: return zone.records.isEmpty ? zone.origin : name(below: random.pick(zone.records).owner, labels: 1)
        default: return name(below: zone.origin, labels: 1 + random.below(2))
        }
    }

    mutating func name(below ancestor: Name, labels count: Int) -> Name {
        var name = ancestor
        for _ in 0..<count { name = name.prepending(random.pick(weighted: Self.labels)) ?? name }
        return recased(name)
    }

    /// The name with that many long labels before it, as far as they fit.
    mutating func lengthened(_ name: Name, by count: Int) -> Name {
        var name = name
        for _ in 0..<count {
            let label = Label([UInt8](repeating: 0x71, count: 50 + random.below(14)))
            name = label.flatMap { name.prepending($0) } ?? name
        }
        return name
    }

    /// The name with the case of some of its letters changed.
    mutating func recased(_ name: Name) -> Name {
        guard random.percent(15) else { return name }
        var recased = Name.root
        for label in name.labels.reversed() {
            let octets = label.octets.map { octet in
                (0x61...0x7A).contains(octet | 0x20) && octet < 0x80 && random.percent(50) ? octet ^ 0x20 : octet
            }
            recased = Label(octets).flatMap { recased.prepending($0) } ?? recased
        }
        return recased
    }

    // MARK: Records

    private mutating func record(_ owner: Name, _ type: RecordType, _ data: String) throws -> Record {
        let ttl: TTL = random.pick([0, 60, 3600, 3600, 3600])
        return Record(owner: owner, ttl: ttl, data: try RecordData(type, data))
    }

    private mutating func record(
        _ type: RecordType, at owner: Name, in zone: ZoneSet.Zone, _ origins: [Name]
    ) throws -> Record {
        let number = random.below(100)
        var name = target(in: zone, origins)
        // A DNAME record that makes names longer makes some too long.
        if type == .dname, random.percent(20) { name = lengthened(name, by: 1 + random.below(3)) }
        let data =
            switch type {
            case .a: "192.0.2.\(number)"
            case .aaaa: "2001:db8::\(number)"
            case .ns, .cname, .dname, .ptr: "\(name)"
            case .txt: "\"" + String(repeating: "x", count: number * 2) + "\""
            case .mx: "\(number) \(name)"
            case .ds: "\(number) 13 2 " + String(repeating: "0123456789abcdef", count: 4)
            case .srv: "0 0 \(number) \(name)"
            case .nsec: "\(name) CNAME NSEC"
            case .caa: "0 issue \"ca\(number).test\""
            case .hinfo: "\"\(String(repeating: "x", count: 250))\" \"\(String(repeating: "y", count: number * 2))\""
            default: "\\# 1 0\(number % 10)"
            }
        return try record(owner, type, data)
    }
}
