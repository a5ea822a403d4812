/// The registry as the parser wants it: flat, so that looking a type up and going through its fields counts no
/// references.
///
/// The types by their mnemonics are a small open-addressed table. A mnemonic is held as two words in lower case, padded
/// with zeros.
struct RecordGrammar: Sendable {
    /// A type and where its fields stand: one word, since what is stored in parts and loaded as a whole is waited for.
    struct Line: Sendable {
        private let word: UInt64

        /// What the data is where it is one word.
        enum Word: UInt64 { case other, ipv4, ipv6, name }

        init(type: RecordType, fields: Range<Int>, _ data: Word = .other) {
            word =
                UInt64(type.rawValue) | UInt64(fields.lowerBound) &<< 16 | UInt64(fields.upperBound) &<< 32
                | data.rawValue &<< 48
        }

        var type: RecordType { RecordType(UInt16(truncatingIfNeeded: word)) }
        var first: Int { Int(truncatingIfNeeded: word &>> 16 & 0xFFFF) }
        /// Behind the last.
        var end: Int { Int(truncatingIfNeeded: word &>> 32 & 0xFFFF) }
        var data: Word { Word(rawValue: word &>> 48) ?? .other }
    }

    private struct Slot: Sendable {
        var head: UInt64 = 0
        var tail: UInt64 = 0
        var line = Line(type: RecordType(0), fields: 0..<0)
    }

    /// Those of all formats, then the one that types without a format have.
    let fields: [Field]
    private let lines: [Line]
    /// For each type below `lowCount` its place in `lines`, and the place of the first of the others.
    private let places: [UInt8]
    private let highStart: Int
    private let slots: [Slot]

    private static let maximumCount = 16
    private static let slotCount = 512
    private static let lowCount = 512
    private static let absent: UInt8 = 0xFF

    /// Of formats with the same mnemonic, the first is found.
    init(_ formats: [RecordFormat], opaque: Field) {
        var fields: [Field] = []
        var lines: [Line] = []
        var places = [UInt8](repeating: Self.absent, count: Self.lowCount)
        var slots = [Slot](repeating: Slot(), count: Self.slotCount)
        for format in formats {
            let line = Line(
                type: format.type, fields: fields.count..<(fields.count + format.fields.count), Self.word(format.fields)
            )
            fields += format.fields
            let number = Int(format.type.rawValue)
            if number < Self.lowCount { places[number] = UInt8(lines.count) }
            lines.append(line)
            let octets = Array(format.mnemonic.utf8)
            let (head, tail) = Self.words(Octets(octets.span), 0, octets.count)
            var index = Self.start(head, tail)
            while slots[index].head != 0 { index = (index + 1) % Self.slotCount }
            slots[index] = Slot(head: head, tail: tail, line: line)
        }
        self.fields = fields + [opaque]
        self.lines = lines
        self.places = places
        highStart = formats.firstIndex { Int($0.type.rawValue) >= Self.lowCount } ?? formats.count
        self.slots = slots
    }

    private static func word(_ fields: [Field]) -> Line.Word {
        guard fields.count == 1 else { return .other }
        switch fields[0].kind {
        case .ipv4: return .ipv4
        case .ipv6: return .ipv6
        case .name: return .name
        default: return .other
        }
    }

    /// The line of the mnemonic or `TYPEn` that stands from `start` to before `end`, in any case.
    @inline(__always)
    func line(_ text: Octets, _ start: Int, _ end: Int) -> Line? {
        let count = end &- start
        guard 1...Self.maximumCount ~= count else { return nil }
        let (head, tail) = Self.words(text, start, count)
        var index = Self.start(head, tail)
        while slots[index].head != 0 {
            if slots[index].head == head && slots[index].tail == tail { return slots[index].line }
            index = (index &+ 1) % Self.slotCount
        }
        return numbered(text, start, end, head)
    }

    /// `TYPE` and a number (RFC 3597 §5).
    @inline(never)
    private func numbered(_ text: Octets, _ start: Int, _ end: Int, _ head: UInt64) -> Line? {
        // "type" in lower case, the first octet lowest.
        guard end - start > 4, head & 0xFFFF_FFFF == 0x6570_7974,
            let number = text.decimal((start + 4)..<end, maximum: UInt64(UInt16.max))
        else { return nil }
        return line(of: RecordType(UInt16(truncatingIfNeeded: number)))
    }

    func line(of type: RecordType) -> Line {
        index(of: type).map { lines[$0] }
            ?? Line(type: type, fields: (fields.count - 1)..<fields.count)
    }

    /// Where the format of a type stands among those that the grammar was made of, which are in the order of their numbers.
    func index(of type: RecordType) -> Int? {
        let number = Int(type.rawValue)
        if number < Self.lowCount { return places[number] == Self.absent ? nil : Int(places[number]) }
        return lines[highStart...].firstIndex { $0.type == type }
    }

    @inline(__always)
    private static func words(_ text: Octets, _ start: Int, _ count: Int) -> (head: UInt64, tail: UInt64) {
        if count <= 8 { return (ASCII.folded(text.word(start, count: count)), 0) }
        return (ASCII.folded(text.word(start)), ASCII.folded(text.word(start &+ 8, count: count &- 8)))
    }

    @inline(__always)
    private static func start(_ head: UInt64, _ tail: UInt64) -> Int {
        Int(truncatingIfNeeded: ((head ^ tail) &* 0x9E37_79B9_7F4A_7C15) &>> 55)
    }
}
