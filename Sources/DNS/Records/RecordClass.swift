/// The class of a record (RFC 1035 §3.2.4). Zones are of class IN; the others appear in questions only.
public struct RecordClass: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let internet = RecordClass(rawValue: 1)
    public static let chaos = RecordClass(rawValue: 3)
    public static let hesiod = RecordClass(rawValue: 4)
    public static let none = RecordClass(rawValue: 254)
    public static let any = RecordClass(rawValue: 255)
}

extension RecordClass: CustomStringConvertible {
    private static let mnemonics: [(RecordClass, String)] = [
        (.internet, "IN"), (.chaos, "CH"), (.hesiod, "HS"), (.none, "NONE"), (.any, "ANY"),
    ]

    /// The mnemonic, or `CLASS` and the number (RFC 3597 §5).
    public var description: String {
        RecordClass.mnemonics.first { $0.0 == self }?.1 ?? "CLASS\(rawValue)"
    }

    /// From a mnemonic or `CLASSn`, in any case; nil where it is neither.
    public init?(_ text: String) {
        let text = text.uppercased()
        if let known = RecordClass.mnemonics.first(where: { $0.1 == text })?.0 {
            self = known
        } else if text.hasPrefix("CLASS"), let number = UInt16(text.dropFirst(5)) {
            self.init(rawValue: number)
        } else {
            return nil
        }
    }
}
