/// The value of a service parameter, as its key says (RFC 9460 §7 and §8, RFC 9461 §5, RFC 9540 §4).
enum ServiceValue {
    /// What the value must be, for messages that begin with "SVCB parameter port must".
    static func requirement(_ key: UInt16) -> String {
        switch ServiceKey.form(key) {
        case .keys: "have a list of other keys, each once, as in mandatory=alpn,port"
        case .protocols: "have a list of protocols of 1 to 255 octets, as in alpn=h2,h3"
        case .nothing: "have no value"
        case .port: "have a number from 0 to 65535"
        case .ipv4: "have a list of IPv4 addresses, as in ipv4hint=192.0.2.1,192.0.2.2"
        case .ipv6: "have a list of IPv6 addresses, as in ipv6hint=2001:db8::1,2001:db8::2"
        case .base64: "have a value in base64"
        case .text: "have a value"
        case .groups: "have a list of numbers from 0 to 65535, each once"
        case .segments: "have a list of strings of at most 255 octets"
        case .opaque: "have a value of at most 65535 octets"
        }
    }

    /// The wire format of `text`, from which escapes have been taken; nil where it is not what the key asks for.
    static func parse(_ text: Octets, key: UInt16, hasValue: Bool) -> [UInt8]? {
        var output = GrowingOctets()
        let isGood: Bool
        switch ServiceKey.form(key) {
        case .keys: isGood = parseKeys(text, into: &output)
        case .protocols: isGood = hasValue && parseList(text, into: &output)
        case .segments: isGood = text.count == 0 || parseList(text, into: &output)
        case .nothing: isGood = text.count == 0
        case .port: isGood = parseNumbers(text, into: &output) && output.count == 2
        case .groups: isGood = parseNumbers(text, into: &output)
        case .ipv4: isGood = parseItems(text, into: &output, IPv4Address.parse)
        case .ipv6: isGood = parseItems(text, into: &output, IPv6Address.parse)
        case .base64: isGood = parseBase64(text, into: &output)
        case .text: isGood = text.count > 0 && copy(text, into: &output)
        case .opaque: isGood = copy(text, into: &output)
        }
        return isGood ? output.array : nil
    }

    private static func copy(_ text: Octets, into output: inout GrowingOctets) -> Bool {
        output.append(text, 0, count: text.count)
        return true
    }

    private static func parseBase64(_ text: Octets, into output: inout GrowingOctets) -> Bool {
        var decoder = OctetText.Decoder(.base64)
        return decoder.append(text, 0..<text.count, to: &output) && decoder.fault == nil
    }

    /// What stands between commas, none of which can be escaped.
    private static func parseItems(
        _ text: Octets, into output: inout GrowingOctets, _ parse: (Octets, Range<Int>, inout GrowingOctets) -> Bool
    ) -> Bool {
        var start = 0
        for offset in 0...text.count where offset == text.count || text.u8(offset) == 0x2C {
            guard parse(text, start..<offset, &output) else { return false }
            start = offset + 1
        }
        return true
    }

    private static func parseNumbers(_ text: Octets, into output: inout GrowingOctets) -> Bool {
        parseItems(text, into: &output) { text, range, output in
            guard let number = text.decimal(range, maximum: 65_535) else { return false }
            output.append(number, size: 2)
            return true
        }
    }

    /// Keys are written in any order and stored ascending (RFC 9460 §8).
    private static func parseKeys(_ text: Octets, into output: inout GrowingOctets) -> Bool {
        var keys: [UInt16] = []
        var start = 0
        for offset in 0...text.count where offset == text.count || text.u8(offset) == 0x2C {
            guard let key = ServiceKey.parse(text, start..<offset) else { return false }
            keys.append(key)
            start = offset + 1
        }
        for key in keys.sorted() { output.append(UInt64(key), size: 2) }
        return true
    }

    /// Strings between commas, each stored behind its length; `\` takes a comma or a `\` as it is
    /// (RFC 9460 appendix A.1).
    private static func parseList(_ text: Octets, into output: inout GrowingOctets) -> Bool {
        var start = output.count
        output.append(0)
        var offset = 0
        while offset <= text.count {
            if offset == text.count || text.u8(offset) == 0x2C {
                guard let count = UInt8(exactly: output.count - start - 1) else { return false }
                output[start] = count
                start = output.count
                if offset < text.count { output.append(0) }
            } else {
                if text.u8(offset) == 0x5C { offset += 1 }
                guard offset < text.count else { return false }
                output.append(text.u8(offset))
            }
            offset += 1
        }
        return true
    }

    static func isLawful(_ octets: Octets, key: UInt16) -> Bool {
        switch ServiceKey.form(key) {
        case .keys:
            isAscending(octets) && octets.u16(0) != ServiceKey.mandatory
                && octets.u16(octets.count - 2) != ServiceKey.invalid
        case .protocols: octets.areStrings && !octets.hasEmptyString
        case .nothing: octets.count == 0
        case .port: octets.count == 2
        case .ipv4: octets.count > 0 && octets.count % 4 == 0
        case .ipv6: octets.count > 0 && octets.count % 16 == 0
        case .base64, .text: octets.count > 0
        case .groups: octets.count > 0 && octets.count % 2 == 0 && hasNoDuplicate(octets)
        case .segments: octets.count == 0 || octets.areStrings
        case .opaque: true
        }
    }

    private static func isAscending(_ octets: Octets) -> Bool {
        guard octets.count >= 2, octets.count % 2 == 0 else { return false }
        for offset in stride(from: 2, to: octets.count, by: 2) where octets.u16(offset) <= octets.u16(offset - 2) {
            return false
        }
        return true
    }

    private static func hasNoDuplicate(_ octets: Octets) -> Bool {
        var seen = Set<UInt16>()
        for offset in stride(from: 0, to: octets.count, by: 2) where !seen.insert(octets.u16(offset)).inserted {
            return false
        }
        return true
    }

    /// Whether the value is one empty string, which would be read as none behind the key's name.
    static func needsGenericKey(_ octets: Octets, key: UInt16) -> Bool {
        ServiceKey.form(key) == .segments && octets.count == 1
    }

    /// Prints `=` and the value, or nothing where there is none.
    static func print(_ octets: Octets, key: UInt16, into text: inout [UInt8]) {
        if octets.count == 0 { return }
        text.append(0x3D)
        switch ServiceKey.form(key) {
        case .keys: printItems(octets, size: 2, into: &text) { $2.append(contentsOf: ServiceKey.name($0.u16($1)).utf8) }
        case .protocols, .segments: printList(octets, into: &text)
        case .nothing: break
        case .port, .groups: printItems(octets, size: 2, into: &text) { appendDecimal(UInt64($0.u16($1)), to: &$2) }
        case .ipv4: printItems(octets, size: 4, into: &text) { IPv4Address.print($0, $1, into: &$2) }
        case .ipv6: printItems(octets, size: 16, into: &text) { IPv6Address.print($0, $1, into: &$2) }
        case .base64: OctetText.base64.print(octets, into: &text)
        case .text, .opaque: CharacterString.print(octets, 0..<octets.count, into: &text)
        }
    }

    private static func printItems(
        _ octets: Octets, size: Int, into text: inout [UInt8], _ print: (Octets, Int, inout [UInt8]) -> Void
    ) {
        for offset in stride(from: 0, through: octets.count - size, by: size) {
            if offset > 0 { text.append(0x2C) }
            print(octets, offset, &text)
        }
    }

    /// Escapes twice: once for the list, once for the string that it is.
    private static func printList(_ octets: Octets, into text: inout [UInt8]) {
        text.append(0x22)
        var offset = 0
        while offset < octets.count {
            if offset > 0 { text.append(0x2C) }
            let end = min(offset + 1 + Int(octets.u8(offset)), octets.count)
            for index in (offset + 1)..<max(end, offset + 1) {
                let octet = octets.u8(index)
                if octet == 0x2C || octet == 0x5C { text.append(contentsOf: [0x5C, 0x5C]) }
                CharacterString.printEscaped(octet, into: &text)
            }
            offset = end
        }
        text.append(0x22)
    }
}

extension Octets {
    fileprivate var hasEmptyString: Bool {
        var offset = 0
        while offset < count {
            if u8(offset) == 0 { return true }
            offset += 1 + Int(u8(offset))
        }
        return false
    }
}
