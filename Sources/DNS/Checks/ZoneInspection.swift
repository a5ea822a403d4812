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
        var result = ZoneInspection(
            origin: origin, problems: parsed.problems, errorCount: parsed.errorCount,
            warningCount: parsed.warningCount, recordCount: parsed.recordCount)
        if parsed.hasErrors { return result }
        let work = ZoneWork(parallel: parallel, allocate: allocate, recordsPerPiece: recordsPerPiece)
        let zone = parsed.zone
        let index = ZoneIndex(zone, seed: 0, work: work)
        var found = ZoneCheck(zone, index, .checking).run(work).problems
        let audit = ZoneAudit(
            zone: zone, index: index, now: now.map { UInt32(truncatingIfNeeded: $0) }, bounds: .checking)
        found.append(audit.run(work))
        if parsed.recordsWithoutTTL > 0, zone.recordCount > 0 {
            found.report(
                .unstatedTTL, at: 0, part: .type, "no TTL is stated before here, so the SOA's minimum is taken")
        }
        result.add(found, zone)
        result.isSigned = index.hasSignatures
        result.serial = audit.serial
        result.apex = audit.delegation(of: origin, isParent: false)
        for child in children { result.children[child] = audit.delegation(of: child, isParent: true) }
        let delegations = [result.apex] + result.children.values
        result.places = audit.places(of: delegations.flatMap { [$0.entry, $0.keyEntry].compactMap { $0 } })
        return result
    }

    /// Adds a problem that another zone has shown.
    public mutating func add(_ problem: ZoneFileError) {
        if problem.severity == .error { errorCount += 1 } else { warningCount += 1 }
        problems.append(problem)
    }

    private mutating func add(_ found: ZoneCheck.Problems, _ zone: Zone) {
        problems += found.described(in: zone)
        let files = Dictionary(zone.files.enumerated().map { ($1.path, $0) }) { first, _ in first }
        let places = problems.map { (files[$0.path] ?? 0, $0.line, $0.column) }
        problems = problems.indices.sorted { places[$0] == places[$1] ? $0 < $1 : places[$0] < places[$1] }
            .map { problems[$0] }
        for (code, count) in found.counts {
            if code.rule.severity == .error { errorCount += count } else { warningCount += count }
        }
    }
}
