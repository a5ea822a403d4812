/// What tells two versions of a zone apart, RRset by RRset, by meaning: neither the order of records nor the case of
/// names counts.
///
///     let difference = ZoneDifference(from: old, to: new, limit: 100)
///     for change in difference.changes { print(change.lines.joined(separator: "\n")) }
public struct ZoneDifference: Sendable {
    /// The first ones, in the order of the old zone's file; what the new one adds where that has it.
    public private(set) var changes: [ZoneChange] = []
    /// How many sets differ in all.
    public private(set) var changeCount = 0
    public let serials: (before: SerialNumber, after: SerialNumber)

    public var isEmpty: Bool { changeCount == 0 }
    /// Of the sets that are kept, before and after.
    public var recordCount: Int { changes.reduce(0) { $0 + $1.before.count + $1.after.count } }

    /// Compares two versions of one zone and keeps at most `limit` changes.
    public init(from old: CompiledZone, to new: CompiledZone, limit: Int = .max) {
        serials = (old.serial, new.serial)
        var changes: [ZoneChange] = []
        var count = 0
        ZoneDifference.forEach(from: old, to: new) { change in
            count += 1
            if changes.count < limit { changes.append(change) }
        }
        self.changes = changes
        changeCount = count
    }

    /// A step of an incremental transfer (RFC 1995 §4): records that go and records that come, the zone's SOA records
    /// among them. Where a set keeps some records these are in neither list, so `before` and `after` do not have them.
    public init(from old: SerialNumber, to new: SerialNumber, removing removed: [Record], adding added: [Record]) {
        serials = (old, new)
        var places: [[UInt8]: Int] = [:]
        var sets: [(before: [Record], after: [Record])] = []
        for (record, isAdded) in removed.map({ ($0, false) }) + added.map({ ($0, true) }) {
            // Signatures are a set for each type that they cover (RFC 4034 §3.1.1).
            let covered = record.type == .rrsig ? Array(record.data.octets.prefix(2)) : []
            let type = record.type.rawValue
            let key = record.owner.lowercased.wire + [UInt8(type >> 8), UInt8(type & 0xFF)] + covered
            let place = places[key] ?? sets.count
            if place == sets.count {
                places[key] = place
                sets.append(([], []))
            }
            if isAdded { sets[place].after.append(record) } else { sets[place].before.append(record) }
        }
        changes = sets.compactMap { before, after in
            (before.first ?? after.first).map {
                ZoneChange(owner: $0.owner, type: $0.type, before: before, after: after)
            }
        }
        changeCount = changes.count
    }

    /// Hands each change to `body` as it is found, so that nothing is kept.
    public static func forEach(from old: CompiledZone, to new: CompiledZone, _ body: (ZoneChange) -> Void) {
        precondition(old.origin == new.origin, "zones of two names cannot be compared")
        let (oldRegion, newRegion) = (old.region, new.region)
        var comparison = ZoneComparison(
            ZoneView(oldRegion.octets, old.layout), ZoneView(newRegion.octets, new.layout), (old.seed, new.seed))
        comparison.run(body)
    }

    /// At most `limit` lines, as those of a change, and one that says how many sets are left out.
    public func summary(limit: Int) -> [String] {
        var lines: [String] = []
        var count = 0
        for change in changes {
            let next = change.lines
            guard lines.count + next.count <= limit else { break }
            lines += next
            count += 1
        }
        if count < changeCount { lines.append("and \(changeCount - count) more RRsets") }
        return lines
    }
}
