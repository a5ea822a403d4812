extension RecordType: CustomStringConvertible {
    /// The mnemonic, or `TYPE` and the number (RFC 3597 §5).
    public var description: String {
        var text: [UInt8] = []
        print(into: &text)
        return String(decoding: text, as: UTF8.self)
    }

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
        let count = end - start
        guard 1...MnemonicTable.maximumCount ~= count else { return nil }
        let head = ASCII.folded(text.word(start, count: min(count, 8)))
        let tail = count > 8 ? ASCII.folded(text.word(start + 8, count: count - 8)) : 0
        if let type = RecordRegistry.mnemonics.find(head, tail) {
            self = type
        } else {
            // "type" in lower case, the first octet lowest.
            guard count > 4, head & 0xFFFF_FFFF == 0x6570_7974 else { return nil }
            guard let number = text.decimal((start + 4)..<end, maximum: UInt64(UInt16.max)) else { return nil }
            self.init(UInt16(truncatingIfNeeded: number))
        }
    }
}
