/// Gathers the records of a zone that come from elsewhere than a file, such as a transfer.
///
///     var collector = ZoneCollector(origin: origin, source: "example.test from 192.0.2.1")
///     for record in records { collector.append(record) }
///     let loaded = ZoneLoader.load(collector.finish(), seed: seed)
public struct ZoneCollector: ~Copyable {
    private let origin: Name
    private let source: String
    private var octets: GrowingOctets
    private var entries = GrowingList<Zone.Entry>(.plain(count: 0))
    /// Of the last record, and where it stands.
    private var owner: Name
    private var ownerPlace = Zone.originOffset

    /// - Parameter source: Where records come from, for messages.
    public init(origin: Name, source: String) {
        self.origin = origin
        self.source = source
        octets = GrowingOctets(origin.wire)
        owner = origin
    }

    /// Adds a record of class IN at or below the origin. False where it is none, or the zone gets too large.
    @discardableResult
    public mutating func append(_ record: Record) -> Bool {
        let size = octets.count + record.owner.count + record.data.octets.count
        guard record.recordClass == .internet, record.owner.isSubdomain(of: origin), size < Limits.zoneCount else {
            return false
        }
        if record.owner != owner {
            owner = record.owner
            ownerPlace = UInt32(truncatingIfNeeded: octets.count)
            octets.append(owner.wire)
        }
        entries.append(
            Zone.Entry(
                owner: ownerPlace, data: UInt32(truncatingIfNeeded: octets.count),
                dataCount: UInt16(truncatingIfNeeded: record.data.octets.count), type: record.type,
                ttl: record.ttl.seconds, source: 0))
        octets.append(record.data.octets)
        return true
    }

    /// The records, in the order in which they came.
    public consuming func finish() -> Zone {
        var zone = Zone(origin: origin)
        zone.files = [Zone.SourceFile(path: source, text: [], count: 0, start: 0)]
        zone.octets = octets.column
        zone.entries = entries.column
        return zone
    }
}
