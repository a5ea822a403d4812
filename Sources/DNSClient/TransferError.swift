public import DNS
public import Linux

/// Why a zone did not come whole, or not all that changed in it.
public enum TransferError: Error, Hashable, Sendable {
    /// The system could not connect, send or receive.
    case system(SystemError)
    /// Nothing came for `TransferOptions.timeout`, or all of it took longer than `TransferOptions.deadline`.
    case timedOut
    /// The server closed the connection before the zone's end.
    case endedEarly
    /// The server does not give the zone.
    case responseCode(ResponseCode)
    /// A message cannot be read, or the query not be written.
    case malformed(WireError)
    /// A message answers something else, or is truncated.
    case unexpected
    /// A message cannot be trusted, as its signature says.
    case signature(SignatureError)
    /// The first record is not the zone's SOA record (RFC 5936 §2.2).
    case noSOA
    /// The closing SOA record is another one than that of the beginning: the zone changed meanwhile.
    case changed
    /// Differences begin with another version than the one asked for, or than the one before them led to.
    case otherVersion(SerialNumber)
    /// A record that the zone cannot have, by its owner, class or type.
    case foreignRecord(Record)
    /// Records follow the closing SOA record.
    case recordsBehindEnd
    /// More octets came than `TransferOptions.sizeLimit`, or more records in one step than `Limits.stepRecords`.
    case tooLarge
    /// The task was cancelled, or the receiver wanted no more.
    case cancelled
}

extension TransferError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .system(let error): error.message
        case .timedOut: "the server sent nothing for too long"
        case .endedEarly: "the connection ended before the zone did"
        case .responseCode(let code): "the server answered \(code)"
        case .malformed(let error): "a message cannot be read: \(error.words)"
        case .unexpected: "a message is not the reply to the query"
        case .signature(let error): "\(error)"
        case .noSOA: "the reply does not begin with the zone's SOA record"
        case .changed: "the zone changed while it was sent"
        case .otherVersion(let serial): "differences from serial \(serial.value) came where others must"
        case .foreignRecord(let record): "\(record.owner) \(record.recordClass) \(record.type) cannot be in the zone"
        case .recordsBehindEnd: "records follow the zone's end"
        case .tooLarge: "the zone is larger than the limit"
        case .cancelled: "cancelled"
        }
    }
}

/// What fails a transfer when it is thrown on the way.
protocol TransferFailure: Error {
    var asTransferError: TransferError { get }
}

extension SystemError: TransferFailure { var asTransferError: TransferError { .system(self) } }
extension WireError: TransferFailure { var asTransferError: TransferError { .malformed(self) } }
extension SignatureError: TransferFailure { var asTransferError: TransferError { .signature(self) } }

func asTransfer<Failure: TransferFailure, Result: ~Copyable>(
    _ body: () throws(Failure) -> Result
) throws(TransferError) -> Result {
    do throws(Failure) {
        return try body()
    } catch {
        throw error.asTransferError
    }
}
