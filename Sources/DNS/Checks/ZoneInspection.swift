/// All that there is to say about one zone's files: what keeps the zone from being served, and what is doubtful.
///
/// Signatures and digests are not computed; their dates, keys and sets are looked at.
public struct ZoneInspection: Sendable {
    public let origin: Name
    /// Sorted by place; of each kind at most `Limits.checkProblemsPerCode`, twice as many errors.
    public internal(set) var problems: [ZoneFileError]
    /// All of them, also those that are not among `problems`.
    public internal(set) var errorCount: Int
    public internal(set) var warningCount: Int
    public let recordCount: Int
    /// Of the SOA record; nil where the zone has none, or an entry has an error.
    public internal(set) var serial: UInt32?
    /// For comparing it with its parent and its children.
    var apex = Delegation()
    /// What it has of the children that were asked for.
    var children: [Name: Delegation] = [:]
    /// Where the entries stand that `apex` and `children` name.
    var places: [Int: ZoneFileError] = [:]
    var isSigned = false

    /// Problems that are not among `problems`.
    public var unreportedProblems: Int { errorCount + warningCount - problems.count }

    /// Inspects the zone `origin` in the file at `path`. Errors of single entries end it: what the others say would be
    /// misleading.
    ///
    /// - Parameter now: Seconds since 1970, for the dates of signatures; nil where they are not looked at.
    /// - Parameter children: Zones below this one that `compare` is to be asked about.
    /// - Parameter parallel: As for `ZoneLoader.load`, as are `allocate` and `read`.
    public static func inspect(
        path: String, origin: Name, now: Int? = nil, children: [Name] = [],
        allocate: @escaping @Sendable (_ count: Int) -> MemoryRegion = MemoryRegion.plain,
        parallel: @escaping Parallel = { count, work in for index in 0..<count { work(index) } },
        recordsPerPiece: Int = ZoneLoader.recordsPerPiece,
        read: (_ path: String) -> Result<[UInt8], ZoneReadError>
    ) -> ZoneInspection {
        let parsed = ZoneParser.parse(path: path, origin: origin, in: ZonePieces(parallel), read: read)
        let zone = parsed.zone
        if parsed.hasErrors { return ZoneInspection(origin, parsed, parsed.found) }
        let work = ZoneWork(parallel: parallel, allocate: allocate, recordsPerPiece: recordsPerPiece)
        let index = ZoneIndex(zone, seed: 0, work: work)
        var found = ZoneProblems(.checking)
        found.append(parsed.found)
        found.append(ZoneCheck(zone, index, .checking).run(work).problems)
        found.append(ZoneAudit.run(zone, index, now: now.map { UInt32(truncatingIfNeeded: $0) }, work))
        if parsed.recordsWithoutTTL > 0, zone.recordCount > 0 {
            found.report(
                .unstatedTTL, at: 0, part: .type, "no TTL is stated before here, so the SOA's minimum is taken")
        }
        var result = ZoneInspection(origin, parsed, found)
        var audit = ZoneAudit(zone, index)
        result.isSigned = index.hasSignatures
        result.serial = audit.startOfAuthority?.serial
        result.apex = audit.delegation(of: origin, isParent: false)
        for child in children { result.children[child] = audit.delegation(of: child, isParent: true) }
        let delegations = [result.apex] + result.children.values
        result.findPlaces(of: delegations.flatMap { [$0.entry, $0.keyEntry] }.compactMap(\.self), in: zone)
        return result
    }

    private init(_ origin: Name, _ parsed: ZoneParseResult, _ found: ZoneProblems) {
        self.origin = origin
        problems = found.described(in: parsed.zone)
        (errorCount, warningCount) = (found.errorCount, found.warningCount)
        recordCount = parsed.recordCount
    }

    /// In one pass over each file.
    private mutating func findPlaces(of entries: [Int], in zone: Zone) {
        var (file, lines) = (-1, LineCounter())
        for number in entries.sorted(by: { zone.entries[$0].source < zone.entries[$1].source }) {
            let entry = zone.entries[number]
            if zone.file(of: entry) != file { (file, lines) = (zone.file(of: entry), LineCounter()) }
            places[number] = ZoneFileError(.childServers, "", at: entry, in: zone, lines: &lines)
        }
    }

    /// Adds a problem that another zone has shown.
    public mutating func add(_ problem: ZoneFileError) {
        if problem.severity == .error { errorCount += 1 } else { warningCount += 1 }
        problems.append(problem)
    }
}
