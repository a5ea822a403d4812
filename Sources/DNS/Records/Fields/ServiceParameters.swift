enum ServiceParameters {
    static func parse(_ scanner: inout Scanner, _ place: FieldPlace, into output: inout [UInt8]) throws(SyntaxError) {
        throw place.isOpaque(at: try scanner.next())
    }
    static func parseRest(_ scanner: inout Scanner, _ place: FieldPlace, into output: inout [UInt8]) throws(SyntaxError)
    {
        throw place.isOpaque(at: try scanner.next())
    }
    static func isLawful(_ octets: Octets) -> Bool { true }
    static func print(_ octets: Octets, into text: inout [UInt8]) { Hex.printGeneric(octets, into: &text) }
}
