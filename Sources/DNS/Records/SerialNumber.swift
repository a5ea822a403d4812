/// A number that counts up and around (RFC 1982), as the serial of an SOA does.
///
/// Deliberately not `Comparable`: the order is not total (RFC 1982 §3.2).
public struct SerialNumber: Hashable, Sendable {
    public let value: UInt32
    public init(_ value: UInt32) { self.value = value }

    /// Whether it comes after `other`; for two that are 2^31 apart the answer is no both ways.
    public func isAfter(_ other: SerialNumber) -> Bool {
        let distance = value &- other.value
        return distance != 0 && distance < 0x8000_0000
    }
}
