import TestSupport

@testable import DNS

extension FuzzTarget {
    /// Two versions of a zone, a line `;;` between them: what changes there changes back; one whose records come from
    /// elsewhere than a file is the same; either can be drawn.
    static let editions = FuzzTarget(name: "editions") { octets in
        let origin = try Name("example.")
        let (first, second) = parts(octets)
        guard let old = load(first, origin, seed: 1) else { return }
        try Finding.unless(ZoneDifference(from: old, to: old).isEmpty, "a zone differs from itself")
        ZoneTree(of: [old], depth: 8, children: 4).visit { item, _, _ in
            if case .name(let node) = item { _ = (node.isEmptyNonTerminal, node.name.description) }
        }
        let parsed = ZoneParser.parse(path: "zone", origin: origin) { _ in .success(first) }
        var collector = ZoneCollector(origin: origin, source: "elsewhere")
        for index in 0..<parsed.zone.recordCount {
            let record = parsed.zone[index]
            try Finding.unless(collector.append(record), "\(record)")
        }
        guard let received = ZoneLoader.load(collector.finish(), seed: 2).zone else {
            throw Finding(description: "what is served cannot be received")
        }
        let changes = ZoneDifference(from: old, to: received).changes
        try Finding.unless(changes.allSatisfy { $0.type == .soa }, "\(changes)")
        guard let new = load(second, origin, seed: 3) else { return }
        let there = ZoneDifference(from: old, to: new)
        let back = ZoneDifference(from: new, to: old)
        try Finding.unless(
            Set(there.changes.flatMap(\.added)) == Set(back.changes.flatMap(\.removed))
                && Set(there.changes.flatMap(\.removed)) == Set(back.changes.flatMap(\.added)),
            "\(there.changes), and back \(back.changes)")
        try Finding.unless(there.changes.allSatisfy { !$0.lines.isEmpty }, "\(there.changes)")
        try Finding.unless(ZoneDifference(from: old, to: new, limit: 3).summary(limit: 3).count <= 4, "long")
    }

    /// In pieces, with a serial of the loader's where the file asks for it.
    private static func load(_ text: [UInt8], _ origin: Name, seed: UInt64) -> CompiledZone? {
        let decide = { (edition: ZoneEdition) in
            edition.asksForSerials
                ? SerialDecision.instead(SerialNumber(UInt32(truncatingIfNeeded: edition.digest))) : .asWritten
        }
        return ZoneLoader.load(
            path: "zone", origin: origin, seed: seed, parallel: Pieces.backwards, recordsPerPiece: 2,
            decideSerial: decide
        ) { _ in .success(text) }.zone
    }
}
