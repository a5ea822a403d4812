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

/// The mnemonics of the types by their octets: a small open-addressed table, so that looking one up allocates
/// nothing. A mnemonic is held as two words in lower case, padded with zeros.
struct MnemonicTable: Sendable {
    static let maximumCount = 16
    private static let slotCount = 512

    private struct Slot: Sendable {
        var head: UInt64 = 0
        var tail: UInt64 = 0
        var type = RecordType(0)
    }

    private var slots = [Slot](repeating: Slot(), count: slotCount)

    /// Later ones with the same mnemonic are ignored.
    init(_ formats: [RecordFormat]) {
        for format in formats {
            let octets = Array(format.mnemonic.utf8)
            let text = Octets(octets.span)
            let head = ASCII.folded(text.word(0, count: min(octets.count, 8)))
            let tail = octets.count > 8 ? ASCII.folded(text.word(8, count: octets.count - 8)) : 0
            var index = MnemonicTable.start(head, tail)
            while slots[index].head != 0 { index = (index + 1) % MnemonicTable.slotCount }
            slots[index] = Slot(head: head, tail: tail, type: format.type)
        }
    }

    func find(_ head: UInt64, _ tail: UInt64) -> RecordType? {
        var index = MnemonicTable.start(head, tail)
        while slots[index].head != 0 {
            if slots[index].head == head && slots[index].tail == tail { return slots[index].type }
            index = (index + 1) % MnemonicTable.slotCount
        }
        return nil
    }

    private static func start(_ head: UInt64, _ tail: UInt64) -> Int {
        Int(truncatingIfNeeded: ((head ^ tail) &* 0x9E37_79B9_7F4A_7C15) &>> 55)
    }
}
