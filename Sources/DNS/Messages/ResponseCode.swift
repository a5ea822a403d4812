/// What became of a query (RFC 1035 §4.1.1, RFC 6891 §6.1.3): twelve bits, the upper eight of them in the OPT record.
public struct ResponseCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue & 0xFFF }

    public static let noError = ResponseCode(rawValue: 0)
    public static let formatError = ResponseCode(rawValue: 1)
    public static let serverFailure = ResponseCode(rawValue: 2)
    /// The name does not exist; printed NXDOMAIN.
    public static let nameError = ResponseCode(rawValue: 3)
    public static let notImplemented = ResponseCode(rawValue: 4)
    public static let refused = ResponseCode(rawValue: 5)
    /// A name that should not exist does; DNAME substitution made a name too long (RFC 6672 §2.2).
    public static let nameExists = ResponseCode(rawValue: 6)
    public static let setExists = ResponseCode(rawValue: 7)
    public static let setDoesNotExist = ResponseCode(rawValue: 8)
    public static let notAuthoritative = ResponseCode(rawValue: 9)
    public static let notInZone = ResponseCode(rawValue: 10)
    public static let statefulTypeNotImplemented = ResponseCode(rawValue: 11)
    public static let badVersion = ResponseCode(rawValue: 16)
    public static let badKey = ResponseCode(rawValue: 17)
    public static let badTime = ResponseCode(rawValue: 18)
    public static let badCookie = ResponseCode(rawValue: 23)
}

extension ResponseCode: CustomStringConvertible {
    private static let mnemonics: [UInt16: String] = [
        0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 6: "YXDOMAIN",
        7: "YXRRSET", 8: "NXRRSET", 9: "NOTAUTH", 10: "NOTZONE", 11: "DSOTYPENI", 16: "BADVERS", 17: "BADKEY",
        18: "BADTIME", 19: "BADMODE", 20: "BADNAME", 21: "BADALG", 22: "BADTRUNC", 23: "BADCOOKIE",
    ]

    /// The mnemonic, or `RCODE` and the number.
    public var description: String { ResponseCode.mnemonics[rawValue] ?? "RCODE\(rawValue)" }

    /// From a mnemonic or `RCODEn`, in any case; nil where it is neither.
    public init?(_ text: String) {
        let text = text.uppercased()
        if let known = ResponseCode.mnemonics.first(where: { $0.value == text })?.key {
            self.init(rawValue: known)
        } else if text.hasPrefix("RCODE"), let number = UInt16(text.dropFirst(5)), number <= 0xFFF {
            self.init(rawValue: number)
        } else {
            return nil
        }
    }
}
