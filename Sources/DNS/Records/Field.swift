/// One field of a record's data: its name in messages, and what it looks like on the wire and as text.
public struct Field: Sendable {
    let label: StaticString
    let kind: Kind

    public var name: String { label.description }

    /// The kinds of field. Adding one is a case here; the switches over them have no `default`, so that the
    /// compiler points at every place that must know it.
    enum Kind: Sendable {
        /// An unsigned number of so many octets, printed in decimal.
        case number(size: Int)
        /// An octet up to 128.
        case prefixLength
        /// A `u32` for which text may use units, as in 1h30m.
        case seconds
        /// A `u32` that is printed as YYYYMMDDHHmmSS (RFC 4034 §3.2).
        case time
        /// A number for which text may use names.
        case mnemonic(Mnemonics)
        /// The number of a record type.
        case recordType
        /// The highest bit of an octet, and the other seven, which follow it as a field of their own.
        case highBit, lowBits
        case ipv4, ipv6
        /// So many octets with hyphens between them (RFC 7043 §3.2 and §4.2).
        case hyphenated(count: Int)
        /// 64 bits as four groups of hexadecimal digits (RFC 6742 §2.1.2).
        case locator
        case name(NameForm)
        /// Names up to the end of the data, none of them compressed.
        case names
        /// A length octet and as many octets (RFC 1035 §3.3).
        case string
        /// The same, or nothing at all.
        case optionalString
        /// One or more up to the end of the data.
        case strings
        /// A string of letters and digits, never quoted (RFC 8659 §4.1).
        case tag
        /// A string of digits, and one that is a decimal number.
        case digits, decimal
        /// Text without a length up to the end of the data.
        case text(minimum: Int)
        /// Octets up to the end of the data.
        case octets(OctetText, minimum: Int)
        /// The same in base64, with `-` for none.
        case dashedBase64
        /// Octets up to the end of the data, as many as the number `typeAt` asks for.
        case digest(DigestLength, typeAt: Int)
        /// Octets behind a length octet: hexadecimal or `-`, and base32hex (RFC 5155 §3.3).
        case salt, hash
        /// Octets behind a `u16` length, which is printed too.
        case sizedBase64
        /// A length that stands apart from its octets (RFC 8005 §5) and is not printed.
        case count(size: Int)
        case counted(OctetText, countAt: Int, size: Int)
        case typeBitmap
        /// The bitmap of types 0 to 127 (RFC 2535 §5.2).
        case oldTypeBitmap
        /// Nothing, an address or a name, as the bits `mask` of the octet `typeAt` say.
        case gateway(typeAt: Int, mask: UInt8)
        /// The last bits of an address, and the name that holds the first ones (RFC 2874 §3.1).
        case addressSuffix, prefixName
        case location
        case addressPrefixes
        case services
        case serviceParameters
        case options
        case nsap
        case atmAddress
        /// Octets that have no other presentation than `\# n hex` (RFC 3597 §5).
        case opaque
    }

    /// What may and must be done with a name in record data.
    enum NameForm: Sendable {
        /// May be compressed on the wire: the types of RFC 1035 alone (RFC 3597 §4).
        case compressed
        /// Never sent compressed, but read so, since old software does it (RFC 3597 §4).
        case expanded
        /// Never compressed, but in lower case in the canonical form (RFC 4034 §6.2, RFC 6840 §5.1).
        case lowercased
        /// Never compressed, always taken as it is.
        case exact

        var allowsPointers: Bool {
            switch self {
            case .compressed, .expanded: true
            case .lowercased, .exact: false
            }
        }

        var isLowercasedInCanonicalForm: Bool {
            switch self {
            case .compressed, .expanded, .lowercased: true
            case .exact: false
            }
        }
    }

    /// Whether it has a text of its own.
    var isPrinted: Bool {
        if case .count = kind { return false }
        return true
    }
}

/// The words that the registry's lines are made of.
extension Field {
    static func u8(_ label: StaticString) -> Field { Field(label: label, kind: .number(size: 1)) }
    static func u16(_ label: StaticString) -> Field { Field(label: label, kind: .number(size: 2)) }
    static func u32(_ label: StaticString) -> Field { Field(label: label, kind: .number(size: 4)) }
    static func seconds(_ label: StaticString) -> Field { Field(label: label, kind: .seconds) }
    static func time(_ label: StaticString) -> Field { Field(label: label, kind: .time) }
    static func recordType(_ label: StaticString) -> Field { Field(label: label, kind: .recordType) }
    static func ipv4(_ label: StaticString) -> Field { Field(label: label, kind: .ipv4) }
    static func string(_ label: StaticString) -> Field { Field(label: label, kind: .string) }
    static func strings(_ label: StaticString) -> Field { Field(label: label, kind: .strings) }
    static func typeBitmap(_ label: StaticString) -> Field { Field(label: label, kind: .typeBitmap) }
    static func compressedName(_ label: StaticString) -> Field { Field(label: label, kind: .name(.compressed)) }
    static func expandedName(_ label: StaticString) -> Field { Field(label: label, kind: .name(.expanded)) }
    static func lowercasedName(_ label: StaticString) -> Field { Field(label: label, kind: .name(.lowercased)) }
    static func name(_ label: StaticString) -> Field { Field(label: label, kind: .name(.exact)) }
    static func mnemonic(_ mnemonics: Mnemonics, _ label: StaticString) -> Field {
        Field(label: label, kind: .mnemonic(mnemonics))
    }
    static func hex(_ label: StaticString, minimum: Int = 1) -> Field {
        Field(label: label, kind: .octets(.hex, minimum: minimum))
    }
    static func base64(_ label: StaticString, minimum: Int = 1) -> Field {
        Field(label: label, kind: .octets(.base64, minimum: minimum))
    }
    static func digest(_ length: DigestLength, typeAt: Int) -> Field {
        Field(label: "digest", kind: .digest(length, typeAt: typeAt))
    }
    /// Of a kind that few types have.
    static func of(_ kind: Kind, _ label: StaticString) -> Field { Field(label: label, kind: kind) }
}
