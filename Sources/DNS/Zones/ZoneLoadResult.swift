/// A zone that can be served, if it came to that, and what there is to say about its files.
public struct ZoneLoadResult: Sendable {
    /// Nil where there are errors among the problems.
    public var zone: CompiledZone?
    public var problems: [ZoneFileError]
    /// Problems beyond those that are reported.
    public var unreportedProblems = 0

    public init(zone: CompiledZone?, problems: [ZoneFileError]) {
        self.zone = zone
        self.problems = problems
    }

    mutating func add(_ found: ZoneProblems, in zone: Zone) {
        let described = found.described(in: zone)
        problems += described
        unreportedProblems += found.errorCount + found.warningCount - described.count
    }
}
