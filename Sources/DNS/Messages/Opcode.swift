/// What kind of query it is (RFC 1035 §4.1.1): four bits.
public struct Opcode: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue & 0xF }

    public static let query = Opcode(rawValue: 0)
    public static let inverseQuery = Opcode(rawValue: 1)
    public static let status = Opcode(rawValue: 2)
    public static let notify = Opcode(rawValue: 4)
    public static let update = Opcode(rawValue: 5)
    public static let stateful = Opcode(rawValue: 6)
}

extension Opcode: CustomStringConvertible {
    private static let mnemonics: [UInt8: String] = [
        0: "QUERY", 1: "IQUERY", 2: "STATUS", 4: "NOTIFY", 5: "UPDATE", 6: "DSO",
    ]

    /// The mnemonic, or `OPCODE` and the number.
    public var description: String { Opcode.mnemonics[rawValue] ?? "OPCODE\(rawValue)" }
}
