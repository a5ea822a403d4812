/// The keys of service parameters: IANA's registry, RFC 9460 §14.3.
enum ServiceKey {
    static let mandatory: UInt16 = 0
    static let alpn: UInt16 = 1
    static let noDefaultALPN: UInt16 = 2
    static let invalid: UInt16 = 65_535

    /// What a value is made of.
    enum Form {
        case keys, protocols, nothing, port, ipv4, ipv6, base64, text, groups, segments, opaque
    }

    private static let known: [(name: StaticString, form: Form)] = [
        ("mandatory", .keys), ("alpn", .protocols), ("no-default-alpn", .nothing), ("port", .port), ("ipv4hint", .ipv4),
        ("ech", .base64), ("ipv6hint", .ipv6), ("dohpath", .text), ("ohttp", .nothing),
        ("tls-supported-groups", .groups), ("docpath", .segments),
    ]

    static func form(_ key: UInt16) -> Form { Int(key) < known.count ? known[Int(key)].form : .opaque }

    static func name(_ key: UInt16) -> String {
        Int(key) < known.count ? known[Int(key)].name.description : "key\(key)"
    }

    /// From a name, or from `key` and a number without zeros before it.
    static func parse(_ text: Octets, _ range: Range<Int>) -> UInt16? {
        for (index, entry) in known.enumerated() where text.equals(entry.name, range) {
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
