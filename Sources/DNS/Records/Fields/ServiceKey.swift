/// The keys of service parameters: IANA's registry, RFC 9460 §14.3.
enum ServiceKey {
    static let mandatory: UInt16 = 0
    static let alpn: UInt16 = 1
    static let noDefaultALPN: UInt16 = 2
    static let invalid: UInt16 = 65_535

    private static let names: [StaticString] = [
        "mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint", "dohpath", "ohttp",
        "tls-supported-groups", "docpath",
    ]

    static func name(_ key: UInt16) -> String {
        Int(key) < names.count ? names[Int(key)].description : "key\(key)"
    }

    /// From a name, or from `key` and a number without zeros before it.
    static func parse(_ text: Octets, _ range: Range<Int>) -> UInt16? {
        for (index, name) in names.enumerated() where text.equals(name, range) {
            return UInt16(truncatingIfNeeded: index)
        }
        guard text.isGenericKey(range),
            let number = text.decimal((range.lowerBound + 3)..<range.upperBound, maximum: 65_534)
        else { return nil }
        return UInt16(truncatingIfNeeded: number)
    }
}

extension Octets {
    /// Whether they are `key` and something that may be a number, without a zero before it.
    func isGenericKey(_ range: Range<Int>) -> Bool {
        guard range.count > 3, equals("key", range.lowerBound..<(range.lowerBound + 3)) else { return false }
        return range.count == 4 || u8(range.lowerBound + 3) != 0x30
    }
}
