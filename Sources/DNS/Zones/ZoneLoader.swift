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
    /// Loads the zone `origin` from the file at `path`. If a step fails, nothing behind it happens.
    ///
    /// - Parameter seed: Of the database that the zone is for.
    /// - Parameter allocate: Provides the memory that the zone is to live in.
    /// - Parameter read: As for `ZoneParser.parse`.
    public static func load(
        path: String, origin: Name, seed: UInt64, allocate: (_ count: Int) -> MemoryRegion = MemoryRegion.plain,
        read: (_ path: String) -> Result<[UInt8], ZoneReadError>
    ) -> ZoneLoadResult {
        var parsed = ZoneParser.parse(path: path, origin: origin, read: read)
        var result = ZoneLoadResult(zone: nil, problems: parsed.problems, unreportedProblems: parsed.unreportedProblems)
        guard !parsed.hasErrors else { return result }
        let zone = parsed.zone
        // From here on nobody else holds the records: the check changes them in place.
        parsed.zone = Zone(origin: origin)
        guard let checked = CheckedZone.check(zone, seed: seed, problems: &result.problems) else { return result }
        result.zone = ZoneCompiler(checked).compile(allocate: allocate)
        if result.zone == nil {
            result.problems.append(ZoneFileError(.error, "a zone must take less than 16 GiB when compiled", path: path))
        }
        return result
    }
}
