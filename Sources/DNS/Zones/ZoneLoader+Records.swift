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
        var owner = UInt32(truncatingIfNeeded: octets.count)
        if let last = entries.last, self.owner(of: last) == record.owner {
            owner = last.owner
        } else {
            octets += record.owner.wire
        }
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
    public static func load(
        _ zone: consuming Zone, seed: UInt64,
        allocate: @escaping @Sendable (_ count: Int) -> MemoryRegion = MemoryRegion.plain,
        parallel: @escaping Parallel = { count, work in for index in 0..<count { work(index) } },
        recordsPerPiece: Int = ZoneLoader.recordsPerPiece
    ) -> ZoneLoadResult {
        var result = ZoneLoadResult(zone: nil, problems: [])
        let path = zone.files.first?.path ?? zone.origin.description
        let work = ZoneWork(parallel: parallel, allocate: allocate, recordsPerPiece: recordsPerPiece)
        guard let checked = CheckedZone.check(zone, seed: seed, work: work, problems: &result.problems) else {
            return result
        }
        result.zone = ZoneCompiler(checked, work).compile()
        if result.zone == nil {
            result.problems.append(ZoneFileError(.error, "a zone must take less than 16 GiB when compiled", path: path))
        }
        return result
    }
}
