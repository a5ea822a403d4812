public import DNS

/// What is to be asked next.
public enum BulkNext {
    case question(Question)
    /// There will be more; to be asked again in some milliseconds.
    case later
    /// There are no more; what is under way comes to its end.
    case end
}

/// Takes a result in the order of the replies, and the octets of the reply: none where there is no usable one. Where it
/// throws, the reply cannot be read, and the question is asked again.
public typealias BulkReceiver = (BulkResult, Span<UInt8>) throws(WireError) -> Void

/// What became of one question of many.
public struct BulkResult: Sendable {
    public let question: Question
    /// The questions are counted from 0.
    public let number: Int
    public let provenance: Provenance
}
