/// An RRset that is not the same in two versions of a zone. Signatures are a set for each type that they cover.
public struct ZoneChange: Sendable, Hashable {
    public let owner: Name
    public let type: RecordType
    /// The set before and after; empty where there was none.
    public let before: [Record]
    public let after: [Record]
}

extension ZoneChange {
    /// Records that only one of both has. Where the TTL changed, records that both have are not among them.
    public var removed: [Record] { before.missing(in: after) }
    public var added: [Record] { after.missing(in: before) }

    /// Whether they differ in their meaning, and not in their octets only.
    var isReal: Bool { ttls != nil || !removed.isEmpty || !added.isEmpty }

    /// The TTLs, where there is a set on both sides and they differ.
    public var ttls: (before: TTL, after: TTL)? {
        guard let old = before.first, let new = after.first, old.ttl != new.ttl else { return nil }
        return (old.ttl, new.ttl)
    }

    /// The serials, where an SOA record differs in nothing else.
    public var serials: (before: SerialNumber, after: SerialNumber)? {
        guard let old = before.first?.data, let new = after.first?.data, ttls == nil, let oldSOA = SOA(old),
            let newSOA = SOA(new), old.canonical.withoutSerial == new.canonical.withoutSerial
        else { return nil }
        return (oldSOA.serial, newSOA.serial)
    }

    /// What changed in a zone, for programs: data in presentation form, and the TTL of each side (null without a set).
    public func json(zone: Name) -> JSON {
        func texts(_ records: [Record]) -> JSON { .array(records.map { "\($0.data)" }) }
        func ttl(_ records: [Record]) -> JSON { records.first.map { .number(Int($0.ttl.seconds)) } ?? .null }
        return [
            "zone": "\(zone)", "owner": "\(owner)", "type": "\(type)", "removed": texts(removed),
            "added": texts(added), "ttl": ["before": ttl(before), "after": ttl(after)],
        ]
    }

    /// In presentation form: `-` before what is gone, `+` before what is new, `~` before what is another TTL or serial.
    public var lines: [String] {
        if let serials { return ["~ \(owner) SOA serial \(serials.before.value) to \(serials.after.value)"] }
        let (removed, added) = (removed, added)
        var lines = removed.map { "- \($0)" } + added.map { "+ \($0)" }
        if let ttls, removed.count < before.count {
            lines.append("~ \(owner) \(type) TTL \(ttls.before.seconds) to \(ttls.after.seconds)")
        }
        return lines
    }
}

extension [Record] {
    fileprivate func missing(in others: [Record]) -> [Record] {
        if others.isEmpty { return self }
        let known = Set(others.map(\.data.canonical))
        return filter { !known.contains($0.data.canonical) }
    }
}

extension [UInt8] {
    /// Of an SOA record's data (RFC 1035 §3.3.13): the serial is the first of the five numbers at the end.
    fileprivate var withoutSerial: [UInt8] { Array(dropLast(20)) + suffix(16) }
}
