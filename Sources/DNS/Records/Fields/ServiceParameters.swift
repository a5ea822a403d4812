/// The parameters of SVCB and HTTPS (RFC 9460 §2.1 and §2.2): key, length and value each, the keys ascending.
enum ServiceParameters {
    static let requirement = "KEY=VALUE or KEY, where KEY is a registered name or key and a number up to 65534"

    /// A parameter that has been read, and where it stands in the text.
    private struct Parameter {
        var key: UInt16
        var value: [UInt8]
        var range: Range<Int>
    }

    /// Reads parameters in any order and stores them in the order of their keys.
    static func parseRest(
        _ scanner: inout Scanner, _ place: FieldPlace, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        var parameters: [Parameter] = []
        while let token = try scanner.optional() { parameters.append(try parse(token, &scanner, place)) }
        if parameters.isEmpty { return }
        parameters.sort { ($0.key, $0.range.lowerBound) < ($1.key, $1.range.lowerBound) }
        for (earlier, later) in zip(parameters, parameters.dropFirst()) where earlier.key == later.key {
            let name = ServiceKey.name(later.key)
            throw SyntaxError("\(place.type) parameter \(name) must not stand twice", later.range)
        }
        let start = output.count
        for parameter in parameters {
            output.append(UInt64(parameter.key), size: 2)
            output.append(UInt64(parameter.value.count), size: 2)
            output.append(parameter.value)
        }
        let isAlias = output[place.start] == 0 && output[place.start + 1] == 0
        if isAlias { return }
        let problem = inconsistency(output.octets(from: start))
        guard let problem, let parameter = parameters.first(where: { $0.key == problem.key }) else { return }
        throw SyntaxError(
            "\(place.type) parameter \(ServiceKey.name(problem.key)) must have the parameter "
                + "\(ServiceKey.name(problem.needed)) beside it", parameter.range)
    }

    private static func parse(
        _ token: Token, _ scanner: inout Scanner, _ place: FieldPlace
    ) throws(SyntaxError) -> Parameter {
        let text = scanner.text
        let equals = token.range.first { text.u8($0) == 0x3D } ?? token.end
        guard token.kind == .word, let key = ServiceKey.parse(text, token.start..<equals) else {
            throw place.mustBe(requirement, token.start..<max(equals, token.start))
        }
        var value = Token(
            kind: .word, start: min(equals + 1, token.end), end: token.end, hasEscape: token.hasEscape)
        if equals == token.end - 1 {
            let next = try scanner.peek()
            if next.kind == .quoted && next.start == token.end + 1 { value = try scanner.next() }
        }
        var unescaped = GrowingOctets()
        try CharacterString.unescape(value, text, into: &unescaped)
        let octets = unescaped.array
        let range = token.start..<(value.kind == .quoted ? value.end + 1 : token.end)
        let hasValue = equals < token.end
        let isGeneric = text.isGenericKey(token.start..<equals)
        let name = ServiceKey.name(key)
        guard let wire = isGeneric ? octets : ServiceValue.parse(Octets(octets.span), key: key, hasValue: hasValue),
            wire.count <= RecordData.maximumCount, ServiceValue.isLawful(Octets(wire.span), key: key)
        else {
            throw SyntaxError("\(place.type) parameter \(name) must \(ServiceValue.requirement(key))", range)
        }
        return Parameter(key: key, value: wire, range: range)
    }

    static func isLawful(_ octets: Octets, priority: UInt16) -> Bool {
        var last = -1
        let areGood = octets.forEachParameter { key, value in
            guard Int(key) > last, key < ServiceKey.invalid else { return false }
            last = Int(key)
            return ServiceValue.isLawful(Octets(octets.span(value.lowerBound, value.count)), key: key)
        }
        // In alias mode parameters are ignored (RFC 9460 §2.4.2).
        return areGood && (priority == 0 || inconsistency(octets) == nil)
    }

    /// A key that needs another one, which is missing (RFC 9460 §7.1.1 and §8).
    private static func inconsistency(_ octets: Octets) -> (key: UInt16, needed: UInt16)? {
        if contains(ServiceKey.noDefaultALPN, octets), !contains(ServiceKey.alpn, octets) {
            return (ServiceKey.noDefaultALPN, ServiceKey.alpn)
        }
        guard octets.count >= 4, octets.u16(0) == ServiceKey.mandatory else { return nil }
        // Both the list and the parameters ascend, so that one pass over them is enough.
        let end = min(4 + Int(octets.u16(2)), octets.count)
        var parameter = end
        for offset in stride(from: 4, to: end - 1, by: 2) {
            let key = octets.u16(offset)
            while octets.count - parameter >= 4, octets.u16(parameter) < key {
                parameter += 4 + Int(octets.u16(parameter + 2))
            }
            guard octets.count - parameter >= 4, octets.u16(parameter) == key else {
                return (ServiceKey.mandatory, key)
            }
        }
        return nil
    }

    private static func contains(_ key: UInt16, _ octets: Octets) -> Bool {
        !octets.forEachParameter { other, _ in other != key }
    }

    static func print(_ octets: Octets, into text: inout [UInt8]) {
        _ = octets.forEachParameter { key, range in
            if range.lowerBound > 4 { text.append(0x20) }
            let value = Octets(octets.span(range.lowerBound, range.count))
            let isGeneric = ServiceValue.needsGenericKey(value, key: key)
            text.append(contentsOf: (isGeneric ? "key\(key)" : ServiceKey.name(key)).utf8)
            ServiceValue.print(value, key: isGeneric ? ServiceKey.invalid : key, into: &text)
            return true
        }
    }
}
