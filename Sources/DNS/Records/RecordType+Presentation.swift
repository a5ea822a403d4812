extension RecordType: CustomStringConvertible {
    /// The mnemonic, or `TYPE` and the number (RFC 3597 §5).
    public var description: String {
        String(printing: print)
    }

    /// Whether it is printed as a word, and not as a number.
    public var hasMnemonic: Bool { RecordRegistry.mnemonic(of: self) != nil }

    func print(into text: inout [UInt8]) {
        if let mnemonic = RecordRegistry.mnemonic(of: self) {
            text.append(contentsOf: mnemonic.utf8)
        } else {
            text.append(contentsOf: "TYPE".utf8)
            appendDecimal(UInt64(rawValue), to: &text)
        }
    }

    /// From a mnemonic or `TYPEn`, in any case; nil where it is neither.
    public init?(_ text: String) {
        let octets = Array(text.utf8)
        self.init(presentation: Octets(octets.span), 0, octets.count)
    }

    /// From the mnemonic or `TYPEn` that stands from `start` to before `end`.
    init?(presentation text: Octets, _ start: Int, _ end: Int) {
        guard let line = RecordRegistry.grammar.line(text, start, end) else { return nil }
        self = line.type
    }
}
