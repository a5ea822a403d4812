extension Zone {
    /// An empty zone for records that come from elsewhere than a file; messages say that they come from `source`.
    public init(origin: Name, source: String) {
        self.init(origin: origin)
        files = [SourceFile(path: source, text: [])]
    }

    /// Adds a record of class IN at or below the origin. False where it is none, or the zone gets too large.
    public mutating func append(_ record: Record) -> Bool {
        let size = octets.count + record.owner.count + record.data.octets.count
        guard record.recordClass == .internet, record.owner.isSubdomain(of: origin), size < Limits.zoneCount else {
            return false
        }
        let known = entries.last.flatMap { self.owner(of: $0) == record.owner ? $0.owner : nil }
        let owner = known ?? UInt32(truncatingIfNeeded: octets.count)
        if known == nil { octets += record.owner.wire }
        entries.append(
            Entry(
                owner: owner, data: UInt32(truncatingIfNeeded: octets.count),
                dataCount: UInt16(truncatingIfNeeded: record.data.octets.count), type: record.type,
                ttl: record.ttl.seconds, source: 0, file: 0))
        octets += record.data.octets
        return true
    }
}

extension ZoneLoader {
    /// Checks and compiles a zone that is there already, as `load` does with one from a file.
    public static func load(_ zone: consuming Zone, seed: UInt64) -> ZoneLoadResult {
        var result = ZoneLoadResult(zone: nil, problems: [])
        let work = ZoneWork(
            parallel: { count, work in for index in 0..<count { work(index) } }, allocate: MemoryRegion.plain,
            recordsPerPiece: recordsPerPiece)
        if let checked = CheckedZone.check(zone, seed: seed, work: work, problems: &result.problems) {
            result.zone = ZoneCompiler(checked, work).compile()
        }
        return result
    }
}
