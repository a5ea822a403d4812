/// A part of the product that gets any octets, and what must hold whatever they are.
struct FuzzTarget: Sendable {
    /// Also that of the folder of its corpus.
    let name: String
    /// Throws a `Finding` where something does not hold. A trap is a finding, too.
    let run: @Sendable ([UInt8]) throws -> Void

    static let all = [
        message, records, texts, names, zoneFiles, options, responder, frames, replies, transfers, signatures, keys,
        control,
        configuration, internationalised, editions,
    ]
}

/// Something that does not hold.
struct Finding: Error, CustomStringConvertible {
    let description: String

    static func unless(_ condition: Bool, _ description: @autoclosure () -> String) throws {
        if !condition { throw Finding(description: description()) }
    }
}

/// Takes decisions from the octets of an input, so that changing one of them changes one decision.
struct Choices {
    private(set) var rest: ArraySlice<UInt8>

    init(_ octets: [UInt8]) { rest = octets[...] }

    /// Zero where the octets have ended.
    mutating func octet() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func word() -> UInt16 { UInt16(octet()) << 8 | UInt16(octet()) }

    mutating func below(_ bound: Int) -> Int { Int(octet()) % bound }

    /// A length in two octets, and as many octets as there are of those; nil at the end.
    mutating func frame() -> [UInt8]? {
        guard !rest.isEmpty else { return nil }
        let count = Int(word())
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}
