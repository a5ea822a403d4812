extension PartCompiler {
    /// What is known of a range before it is compiled.
    struct Estimate {
        /// What its entries take at most where no delegation has many addresses with it; exactly that where no two blocks
        /// are equal and no data has names.
        var octets = GrowingOctets.slack
        /// How many blocks it has at most.
        var blocks = 0
        /// Where its entries begin and end, those of its names that stand elsewhere included at the end.
        var firstEntry = Int.max
        var entriesEnd = 0
        /// Whether nobody but the compiler of the range looks at its names.
        var isPlain = true
    }

    static func estimate(_ zone: Zone, _ index: ZoneIndex, _ range: Range<Int>, isProved: Bool) -> Estimate {
        let records = ZoneRecords(zone, index)
        var estimate = Estimate()
        for number in range {
            let node = index.nodes[number]
            if !node.marks.contains(.isListed) { estimate.firstEntry = min(estimate.firstEntry, Int(node.firstEntry)) }
            if node.marks.contains(.isVoid) { continue }
            if node.entryCount == 0 || node.marks.contains(.isHashed) { estimate.isPlain = false }
            estimate.octets &+= 4 &+ (Int(node.nameCount) &- index.originCount &+ 3) & ~3 &+ (isProved ? 8 : 0)
            let entries = records.entries(of: node)
            let isShared = index.model(of: number) != nil
            var type: RecordType?
            for position in 0..<entries.count {
                let entry = records.entries[entries[position]]
                estimate.entriesEnd = max(estimate.entriesEnd, entries[position] &+ 1)
                let next = records.type(entry)
                defer { type = next }
                if isShared && next == .ns {
                    if type != next { estimate.octets &+= 8 }
                    continue
                }
                estimate.octets &+= 12 &+ Int(entry.dataCount)
                if entry.type.rawValue < 32, entry.type != .a, entry.type != .aaaa { estimate.octets &+= usualPatches }
                if entry.type == .ns, node.marks.contains(.zoneCut) { estimate.octets &+= usualGlue }
                if entry.type == .rrsig { estimate.octets &+= 4 }
                if type != next {
                    estimate.octets = (estimate.octets &+ 3) & ~3 &+ 16
                    estimate.blocks &+= 1
                }
            }
            estimate.octets = (estimate.octets &+ 3) & ~3
        }
        return estimate
    }

    /// Octets of the patches of a record with names, and of a delegation's marks and the addresses of one server.
    private static let usualPatches = 8
    private static let usualGlue = 56
}
