/// Nothing, an address or a name, as an earlier octet says (RFC 4025 §2.3 to §2.5, RFC 8777 §4.2).
enum Gateway {
    static func extent(type: UInt8) -> Field.Kind.Extent {
        switch type {
        case 0: .fixed(0)
        case 1: .fixed(4)
        case 2: .fixed(16)
        case 3: .name(.exact)
        default: .unknown
        }
    }

    static func parse(
        _ scanner: inout Scanner, _ place: FieldPlace, type: UInt8, origin: borrowing GrowingOctets,
        into output: inout GrowingOctets
    ) throws(SyntaxError) {
        let token = try scanner.required(place)
        switch type {
        case 0:
            guard token.count == 1, scanner.text.u8(token.start) == 0x2E else {
                throw place.mustBe(". where its type is 0", token)
            }
        case 1:
            guard IPv4Address.parse(scanner.text, token.range, into: &output) else {
                throw place.mustBe("\(IPv4Address.requirement), where its type is 1", token)
            }
        case 2:
            guard IPv6Address.parse(scanner.text, token.range, into: &output) else {
                throw place.mustBe("\(IPv6Address.requirement), where its type is 2", token)
            }
        case 3:
            try scanner.name(token, place, origin: origin, into: &output)
        default:
            throw place.must("have a type from 0 to 3, not \(type)", token.range)
        }
    }

    static func print(_ octets: Octets, type: UInt8, into text: inout [UInt8]) {
        switch type {
        case 1: IPv4Address.print(octets, into: &text)
        case 2: IPv6Address.print(octets, into: &text)
        case 3: Name.print(octets.span(0, octets.count), into: &text)
        default: text.append(0x2E)
        }
    }
}

/// The two halves of an A6 record (RFC 2874 §3.1): the prefix length says which of them are there.
enum AddressPrefixA6 {
    static func suffixExtent(_ prefix: UInt8) -> Field.Kind.Extent {
        prefix <= 128 ? .fixed((128 - Int(prefix) + 7) / 8) : .unknown
    }

    static func nameExtent(_ prefix: UInt8) -> Field.Kind.Extent {
        prefix == 0 ? .fixed(0) : .name(.lowercased)
    }

    /// Whether the bits before the suffix are zero, as they must be.
    static func isLawful(_ octets: Octets, prefix: UInt8) -> Bool {
        octets.count == 0 || octets.u8(0) & unused(prefix) == 0
    }

    /// The bits of the suffix's first octet that belong to the prefix.
    private static func unused(_ prefix: UInt8) -> UInt8 { ~(0xFF &>> (prefix & 7)) }

    static func parseSuffix(
        _ scanner: inout Scanner, _ place: FieldPlace, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        let prefix = output[place.start]
        if prefix == 128 { return }
        let token = try scanner.required(place)
        guard let address = IPv6Address.value(scanner.text, token.range) else {
            throw place.mustBe(IPv6Address.requirement, token)
        }
        let start = output.count
        for index in (Int(prefix) / 8)..<16 {
            output.append(UInt8(truncatingIfNeeded: address &>> UInt128((15 - index) * 8)))
        }
        output[start] &= ~unused(prefix)
    }

    static func parseName(
        _ scanner: inout Scanner, _ place: FieldPlace, origin: borrowing GrowingOctets, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        if output[place.start] == 0 { return }
        let token = try scanner.required(place)
        try scanner.name(token, place, origin: origin, into: &output)
    }

    static func printSuffix(_ octets: Octets, into text: inout [UInt8]) {
        guard 1...16 ~= octets.count else { return }
        var address = [UInt8](repeating: 0, count: 16 - octets.count)
        for offset in 0..<octets.count { address.append(octets.u8(offset)) }
        IPv6Address.print(Octets(address.span), into: &text)
    }
}
