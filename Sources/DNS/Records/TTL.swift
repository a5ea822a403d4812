/// How many seconds a record may be cached: 0 to 2^31 − 1 (RFC 2181 §8).
public struct TTL: Hashable, Sendable {
    public static let maximum: UInt32 = 0x7FFF_FFFF

    public let seconds: UInt32

    /// From the field of a message; a value with the highest bit set means zero (RFC 2181 §8).
    public init(_ seconds: UInt32) { self.seconds = seconds > TTL.maximum ? 0 : seconds }
}

extension TTL: ExpressibleByIntegerLiteral {
    public init(integerLiteral seconds: UInt32) { self.init(seconds) }
}

extension TTL: CustomStringConvertible {
    public var description: String { String(seconds) }

    /// With units, as zone files may have it: `1h30m`, and `0s`.
    public var textWithUnits: String { Seconds.text(seconds) }
}
