/// The first twelve octets of a message without the counts (RFC 1035 §4.1.1).
public struct Header: Hashable, Sendable {
    /// The octets it has in a message, counts included.
    public static let count = 12

    public var id: UInt16
    /// QR: whether it is a response.
    public var isResponse = false
    public var opcode = Opcode.query
    /// AA.
    public var isAuthoritative = false
    /// TC.
    public var isTruncated = false
    /// RD.
    public var recursionDesired = false
    /// RA.
    public var recursionAvailable = false
    /// AD (RFC 4035 §3.2.3).
    public var authenticData = false
    /// CD (RFC 4035 §3.2.2).
    public var checkingDisabled = false
    /// Its lower four bits stand here, the upper eight in the OPT record, if there is one.
    public var responseCode = ResponseCode.noError

    public init(id: UInt16) { self.id = id }

    init(id: UInt16, flags: UInt16) {
        self.id = id
        isResponse = flags & Flags.response != 0
        opcode = Opcode(rawValue: UInt8(flags >> 11 & 0xF))
        isAuthoritative = flags & Flags.authoritative != 0
        isTruncated = flags & Flags.truncated != 0
        recursionDesired = flags & Flags.recursionDesired != 0
        recursionAvailable = flags & Flags.recursionAvailable != 0
        authenticData = flags & Flags.authenticData != 0
        checkingDisabled = flags & Flags.checkingDisabled != 0
        responseCode = ResponseCode(rawValue: flags & 0xF)
    }

    /// The second 16 bits of the message.
    var flags: UInt16 {
        (isResponse ? Flags.response : 0) | UInt16(opcode.rawValue) << 11
            | (isAuthoritative ? Flags.authoritative : 0) | (isTruncated ? Flags.truncated : 0)
            | (recursionDesired ? Flags.recursionDesired : 0) | (recursionAvailable ? Flags.recursionAvailable : 0)
            | (authenticData ? Flags.authenticData : 0) | (checkingDisabled ? Flags.checkingDisabled : 0)
            | responseCode.rawValue & 0xF
    }

    /// The bits of the second 16 bits of a message.
    enum Flags {
        static let response: UInt16 = 0x8000
        static let opcode: UInt16 = 0x7800
        static let authoritative: UInt16 = 0x0400
        static let truncated: UInt16 = 0x0200
        static let recursionDesired: UInt16 = 0x0100
        static let recursionAvailable: UInt16 = 0x0080
        static let authenticData: UInt16 = 0x0020
        static let checkingDisabled: UInt16 = 0x0010
    }
}
