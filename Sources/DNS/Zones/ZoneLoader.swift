/// A zone that can be served, if it came to that, and what there is to say about its files.
public struct ZoneLoadResult: Sendable {
    /// Nil where there are errors among the problems.
    public var zone: CompiledZone?
    public var problems: [ZoneFileError]
    /// Problems beyond those that are reported.
    public var unreportedProblems = 0
}

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
    /// - Parameter read: As for `ZoneParser.parse`; a large file that deserves a warning is read twice.
    public static func load(
        path: String, origin: Name, seed: UInt64,
        allocate: @escaping @Sendable (_ count: Int) -> MemoryRegion = MemoryRegion.plain,
        parallel: @escaping Parallel = { count, work in for index in 0..<count { work(index) } },
        recordsPerPiece: Int = ZoneLoader.recordsPerPiece,
        read: (_ path: String) -> Result<[UInt8], ZoneReadError>
    ) -> ZoneLoadResult {
        var parsed = ZoneParser.parse(
            path: path, origin: origin, in: ZonePieces(allocate: allocate, parallel), read: read)
        var result = ZoneLoadResult(zone: nil, problems: parsed.problems, unreportedProblems: parsed.unreportedProblems)
        guard !parsed.hasErrors else { return result }
        let work = ZoneWork(parallel: parallel, allocate: allocate, recordsPerPiece: recordsPerPiece)
        // Whatever is large here goes as soon as it can: a server has the zone's last version in memory too.
        var zone = parsed.zone
        parsed.zone = Zone(origin: origin)
        if work.pieces(of: zone.recordCount) > 1 { zone.letTextGo() }
        let checked = CheckedZone.check(zone, seed: seed, work: work, problems: &result.problems, read: read)
        zone = Zone(origin: origin)
        guard let checked else { return result }
        result.zone = ZoneCompiler(checked, work).compile()
        if result.zone == nil {
            result.problems.append(ZoneFileError(.error, "a zone must take less than 16 GiB when compiled", path: path))
        }
        return result
    }
}
