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
