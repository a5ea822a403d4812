/// The data of a record: octets that are known to have the format of its type.
public struct RecordData: Sendable, Hashable {
    /// The most octets that record data has (RFC 1035 §3.2.1).
    public static let maximumCount = 65_535

    public let type: RecordType
    /// Uncompressed wire format, at most 65,535 octets.
    public let octets: [UInt8]

    /// The caller has checked the octets, or made them so that they are lawful.
    init(validated octets: [UInt8], type: RecordType) {
        self.type = type
        self.octets = octets
    }
}

/// A resource record (RFC 1035 §3.2.1).
public struct Record: Sendable, Hashable {
    public var owner: Name
    public var recordClass: RecordClass
    public var ttl: TTL
    public var data: RecordData

    public var type: RecordType { data.type }

    public init(owner: Name, recordClass: RecordClass = .internet, ttl: TTL, data: RecordData) {
        self.owner = owner
        self.recordClass = recordClass
        self.ttl = ttl
        self.data = data
    }
}
