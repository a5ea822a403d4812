public import DNS

/// What became of one zone in one loading.
public struct ZoneReport: Sendable {
    public enum State: Sendable {
        /// Read and served from now on.
        case loaded
        /// Its files did not change.
        case unchanged
        /// Its new version cannot be served; the one from before goes on.
        case keptLastGood
        /// It cannot be served: queries for it get SERVFAIL.
        case unavailable
    }

    public let source: ZoneSource
    public let state: State
    /// The zone that is served.
    public let zone: CompiledZone?
    /// The one that was served before, where that is another.
    public internal(set) var former: CompiledZone?
    /// When that was loaded, in seconds since 1970.
    public let loadedAt: Int
    /// Whether it is the first version that can be served again, after some that could not.
    public let wasBroken: Bool
    /// Errors and warnings of the version that was read.
    public internal(set) var problems: [ZoneFileError]
    /// Problems beyond those.
    public let unreportedProblems: Int
    public let milliseconds: Double
    /// When one of its files was changed last, in nanoseconds since 1970; nil where one cannot be read.
    let changedAt: Int?
}

/// How a zone stands.
public struct ZoneStatus: Sendable {
    public let source: ZoneSource
    /// The version that is served; nil where there is none.
    public let zone: CompiledZone?
    /// When that was loaded, in seconds since 1970.
    public let loadedAt: Int
    /// Why the version in its file is not served; nil where it is.
    public let failure: String?

    var state: String { failure == nil ? "ok" : zone == nil ? "broken" : "last good" }
}
