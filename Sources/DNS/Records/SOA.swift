/// What logic reads of a start of authority (RFC 1035 §3.3.13).
public struct SOA: Sendable {
    /// The name of the primary server.
    public let primary: Name
    /// Whom to write to: the first label is what stands before the @.
    public let mailbox: Name
    public let serial: SerialNumber
    /// In seconds, as the others.
    public let refresh: UInt32
    public let retry: UInt32
    public let expire: UInt32
    /// The TTL of negative answers (RFC 2308 §4).
    public let minimum: UInt32

    /// Nil where the data are another type's.
    public init?(_ data: RecordData) {
        guard data.type == .soa else { return nil }
        var reader = WireReader(data.octets.span, allowsPointers: false)
        do throws(WireError) {
            primary = try reader.name()
            mailbox = try reader.name()
            serial = SerialNumber(try reader.u32())
            refresh = try reader.u32()
            retry = try reader.u32()
            expire = try reader.u32()
            minimum = try reader.u32()
        } catch {
            return nil
        }
    }
}
