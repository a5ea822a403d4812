/// The type of a record (RFC 1035 §3.2.2): an open set, so that unknown types survive (RFC 3597).
public struct RecordType: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }
    init(_ rawValue: UInt16) { self.rawValue = rawValue }
}
