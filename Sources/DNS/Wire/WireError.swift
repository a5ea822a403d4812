/// Why octets could not be read as, or written to, the wire format (RFC 1035 §4).
///
/// Trivial on purpose: throwing one allocates nothing, so a hostile packet costs no more than a good one.
public enum WireError: Error, Sendable, Equatable {
    /// The octets end before the field does.
    case truncated
    /// A label whose first two bits are 01 or 10 (RFC 6891 §5 retired the only one ever defined).
    case badLabelType
    /// A compression pointer where none may stand, or one that does not point backwards (RFC 1035 §4.1.4).
    case badPointer
    /// A name of more than 255 octets (RFC 1035 §3.1).
    case nameTooLong
    /// The record data does not have the format of its type, or not its length.
    case badRecordData
    /// An EDNS option or the OPT record itself is malformed (RFC 6891 §6.1).
    case badOption
    /// Octets follow the last record of the message.
    case trailingOctets
    /// The message does not fit the room there is for it.
    case noRoom
}
