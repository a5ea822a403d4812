/// The way of a zone from its file to what is served: parse, check, compile.
public enum ZoneLoader {
    /// Records that are too few to be worth sharing out.
    public static let recordsPerPiece = 1 << 15

    /// Loads the zone `origin` from the file at `path`. If a step fails, nothing behind it happens.
    ///
    /// - Parameter seed: Of the database that the zone is for.
    /// - Parameter allocate: Provides the memory that the zone is to live in, and what making it takes.
    /// - Parameter parallel: Runs the pieces of a large zone; one after the other where nothing is given.
    /// - Parameter recordsPerPiece: A zone of twice as many is worked on in pieces. Answers do not depend on it.
    /// - Parameter decideSerial: Says which serial a version gets that has no errors so far; the file's where it is nil.
    /// - Parameter read: As for `ZoneParser.parse`; a large file that deserves a warning is read twice.
    public static func load(
        path: String, origin: Name, seed: UInt64,
        allocate: @escaping @Sendable (_ count: Int) -> MemoryRegion = MemoryRegion.plain,
        parallel: @escaping Parallel = { count, work in for index in 0..<count { work(index) } },
        recordsPerPiece: Int = ZoneLoader.recordsPerPiece,
        decideSerial: ((ZoneEdition) -> SerialDecision)? = nil,
        read: (_ path: String) -> Result<[UInt8], ZoneReadError>
    ) -> ZoneLoadResult {
        var parsed = ZoneParser.parse(
            path: path, origin: origin, in: ZonePieces(allocate: allocate, parallel), read: read)
        var result = ZoneLoadResult(zone: nil, problems: [])
        result.add(parsed.found, in: parsed.zone)
        guard !parsed.hasErrors else { return result }
        let work = ZoneWork(parallel: parallel, allocate: allocate, recordsPerPiece: recordsPerPiece)
        // Whatever is large here goes as soon as it can: a server has the zone's last version in memory too.
        var zone = parsed.zone
        parsed.zone = Zone(origin: origin)
        if let decideSerial, let problem = settleSerial(of: &zone, work, decideSerial) {
            result.problems.append(problem)
            if problem.severity == .error { return result }
        }
        if work.pieces(of: zone.recordCount) > 1 { zone.letTextGo() }
        let checked = CheckedZone.check(zone, seed: seed, work: work, result: &result, read: read)
        zone = Zone(origin: origin)
        guard let checked else { return result }
        result.zone = ZoneCompiler(checked, work).compile()
        if result.zone == nil {
            let message = "a zone must take less than 16 GiB when compiled"
            result.problems.append(ZoneFileError(.tooLarge, message, path: path))
        }
        return result
    }

    /// A zone without an SOA record fails later.
    private static func settleSerial(
        of zone: inout Zone, _ work: ZoneWork, _ decide: (ZoneEdition) -> SerialDecision
    ) -> ZoneFileError? {
        guard let index = zone.startOfAuthority, let edition = zone.edition(startOfAuthority: index, work) else {
            return nil
        }
        let problem: (code: ProblemCode, text: String)
        switch decide(edition) {
        case .asWritten: return nil
        case .asWrittenWithWarning(let text): problem = (.staleSerial, text)
        case .instead(let serial):
            zone.set(serial, startOfAuthority: index)
            return nil
        case .refused(let text): problem = (.autoSerial, text)
        }
        var lines = LineCounter()
        return ZoneFileError(problem.code, problem.text, at: zone.entries[index], in: zone, lines: &lines)
    }
}
