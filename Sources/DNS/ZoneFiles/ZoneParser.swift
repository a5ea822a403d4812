/// What the text of a zone says, and what is wrong with it.
public struct ZoneParseResult: Sendable {
    /// The records of the entries without an error.
    public var zone: Zone
    /// All that is wrong or doubtful.
    let found: ZoneProblems
    /// Sorted by place; at most `Limits.reportedProblems`.
    public var problems: [ZoneFileError] { found.described(in: zone) }
    /// All errors, and all warnings, also those that are not among `problems`.
    public var errorCount: Int { found.errorCount }
    public var warningCount: Int { found.warningCount }
    /// Problems that are not among `problems`.
    public var unreportedProblems: Int { errorCount + warningCount - problems.count }
    public var hasErrors: Bool { errorCount > 0 }
    /// The records of the entries without an error, also where `zone` does not have them.
    public let recordCount: Int
    /// The first records, which get the SOA's minimum as TTL since none is stated before them.
    let recordsWithoutTTL: Int
}

/// Parses zone files (RFC 1035 §5; docs/zone-files.md has each reading that was chosen).
public enum ZoneParser {
    /// Parses the file at `path` and the files that it includes.
    ///
    /// - Parameter origin: The name of the zone's apex and the first origin of relative names.
    /// - Parameter pieces: How large files are parsed at several places at once; in one go where it is nil.
    /// - Parameter keepsRecords: Whether the result has the records, or only what is wrong with them.
    /// - Parameter read: Reads a whole file. It is called for `path` and once for each path that is included, which
    ///   is made relative to the including file's directory before.
    public static func parse(
        path: String, origin: Name, in pieces: ZonePieces? = nil, keepsRecords: Bool = true,
        read: (_ path: String) -> Result<[UInt8], ZoneReadError>
    ) -> ZoneParseResult {
        var builder = ZoneBuilder(origin: origin, keepsRecords: keepsRecords)
        builder.pieces = pieces
        builder.parseFile(path, includedAt: nil, read: read)
        return ZoneParseResult(
            zone: builder.finish(), found: builder.problems, recordCount: builder.entryCount,
            recordsWithoutTTL: builder.entriesWithoutTTL ?? builder.entryCount)
    }
}
