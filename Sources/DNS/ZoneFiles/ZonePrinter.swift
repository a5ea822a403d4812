/// Prints records as `owner TTL class type data`, one a line, all names absolute, so that they can be parsed again
/// wherever they stand.
public enum ZonePrinter {
    /// All records of a zone, in their order.
    public static func print(_ zone: Zone) -> String {
        String(printing: { for entry in zone.entries { print(entry, in: zone, into: &$0) } })
    }

    /// - Parameter multiline: whether long records are laid out over several lines, as `RecordData.lines` has them.
    public static func print(_ records: some Sequence<Record>, multiline: Bool = false) -> String {
        String(printing: { for record in records { print(record, multiline: multiline, into: &$0) } })
    }

    static func print(_ entry: Zone.Entry, in zone: Zone, into text: inout [UInt8]) {
        printHeader(zone.owner(of: entry).wire.span, .internet, TTL(entry.ttl), entry.type, into: &text)
        RecordRegistry.format(of: entry.type).print(zone.data(of: entry).span, into: &text)
        text.append(0x0A)
    }

    static func print(_ record: Record, multiline: Bool = false, into text: inout [UInt8]) {
        printHeader(record.owner.wire.span, record.recordClass, record.ttl, record.type, into: &text)
        if multiline {
            text.append(contentsOf: record.data.lines().joined(separator: "\n").utf8)
        } else {
            record.data.print(into: &text)
        }
        text.append(0x0A)
    }

    private static func printHeader(
        _ owner: Span<UInt8>, _ recordClass: RecordClass, _ ttl: TTL, _ type: RecordType, into text: inout [UInt8]
    ) {
        Name.print(owner, into: &text)
        text.append(contentsOf: " \(ttl) \(recordClass) \(type) ".utf8)
    }
}
