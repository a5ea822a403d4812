/// Prints records as `owner TTL class type data`, one a line, all names absolute, so that they can be parsed again
/// wherever they stand.
public enum ZonePrinter {
    /// All records of a zone, in their order.
    public static func print(_ zone: Zone) -> String {
        String(printing: { for entry in zone.entries { print(entry, in: zone, into: &$0) } })
    }

    public static func print(_ records: some Sequence<Record>) -> String {
        String(printing: { for record in records { print(record, into: &$0) } })
    }

    static func print(_ entry: Zone.Entry, in zone: Zone, into text: inout [UInt8]) {
        printLine(
            zone.owner(of: entry).wire.span, .internet, TTL(entry.ttl), entry.type, zone.data(of: entry).span,
            into: &text)
    }

    static func print(_ record: Record, into text: inout [UInt8]) {
        printLine(
            record.owner.wire.span, record.recordClass, record.ttl, record.type, record.data.octets.span, into: &text)
    }

    private static func printLine(
        _ owner: Span<UInt8>, _ recordClass: RecordClass, _ ttl: TTL, _ type: RecordType, _ data: Span<UInt8>,
        into text: inout [UInt8]
    ) {
        Name.print(owner, into: &text)
        text.append(contentsOf: " \(ttl) \(recordClass) \(type) ".utf8)
        RecordRegistry.format(of: type).print(data, into: &text)
        text.append(0x0A)
    }
}
