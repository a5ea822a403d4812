/// What the data of one record type is made of: a line of the registry.
public struct RecordFormat: Sendable {
    struct Flags: OptionSet, Sendable {
        let rawValue: UInt8
        /// A set has one record (RFC 1034 §3.6.2, RFC 1035 §5.2, RFC 6672 §2.4).
        static let singleton = Flags(rawValue: 1)
        /// A type of questions or of messages, which has no place in a zone.
        static let meta = Flags(rawValue: 2)
        /// Has no record at all: it only asks, or only appears in bitmaps.
        static let dataless = Flags(rawValue: 4)
        /// Its RFC is historic or obsolete, or it never had one.
        static let obsolete = Flags(rawValue: 8)
    }

    public let type: RecordType
    /// Empty where the registry has no line for the type.
    let label: StaticString
    let flags: Flags
    public let fields: [Field]

    /// As text writes it; `TYPEn` where the type has none.
    public var mnemonic: String { label.utf8CodeUnitCount > 0 ? label.description : "TYPE\(type.rawValue)" }
    /// Whether records of the type exist at all.
    public var hasData: Bool { !flags.contains(.dataless) }

    /// Without a label the format of a type that the registry does not know.
    init(_ type: RecordType, _ label: StaticString = "", _ flags: Flags = [], fields: [Field]) {
        self.type = type
        self.label = label
        self.flags = flags
        self.fields = fields
    }

    init(_ type: RecordType, _ label: StaticString, _ flags: Flags, _ fields: Field...) {
        self.init(type, label, flags, fields: fields)
    }

    init(_ type: RecordType, _ label: StaticString, _ fields: Field...) {
        self.init(type, label, fields: fields)
    }
}

/// Goes through the fields of lawful record data.
struct FieldCursor: ~Escapable {
    struct Piece {
        let field: Field
        let offset: Int
        let count: Int
    }

    private let fields: [Field]
    private let octets: Octets
    private var index = 0
    private var offset = 0

    @_lifetime(copy octets)
    init(_ format: RecordFormat, _ octets: Octets) {
        fields = format.fields
        self.octets = octets
    }

    /// The next field and where it stands, also where it has no octets.
    mutating func next() -> Piece? {
        guard index < fields.count else { return nil }
        let field = fields[index]
        let count = min(count(of: field.kind), octets.count - offset)
        let piece = Piece(field: field, offset: offset, count: count)
        index += 1
        offset += count
        return piece
    }

    private func count(of kind: Field.Kind) -> Int {
        let remaining = octets.count - offset
        switch kind.extent(after: octets) {
        case .fixed(let count): return count
        case .counted8: return remaining > 0 ? 1 + Int(octets.u8(offset)) : 0
        case .counted16: return remaining > 1 ? 2 + Int(octets.u16(offset)) : 0
        case .name: return octets.nameCount(at: offset)
        case .names, .rest, .unknown: return remaining
        }
    }
}

extension Octets {
    /// How many octets the uncompressed name at `start` has.
    func nameCount(at start: Int) -> Int {
        var offset = start
        while offset < count, u8(offset) != 0 { offset += Int(u8(offset)) + 1 }
        return min(offset + 1, count) - start
    }
}
