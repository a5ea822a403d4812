extension ZoneLoader {
    /// Checks and compiles a zone that is there already, as `load` does with one from a file.
    public static func load(_ zone: consuming Zone, seed: UInt64) -> ZoneLoadResult {
        var result = ZoneLoadResult(zone: nil, problems: [])
        let work = ZoneWork(
            parallel: { count, work in for index in 0..<count { work(index) } }, allocate: MemoryRegion.plain,
            recordsPerPiece: recordsPerPiece)
        let nothing = { (_: String) in Result<[UInt8], ZoneReadError>.success([]) }
        if let checked = CheckedZone.check(zone, seed: seed, work: work, result: &result, read: nothing) {
            result.zone = ZoneCompiler(checked, work).compile()
        }
        return result
    }
}
