public import DNS

/// How a question is asked.
///
///     var options = QueryOptions()
///     options.edns?.dnssecOK = true
///     options.transport = .tcp
public struct QueryOptions: Hashable, Sendable {
    public enum Transport: Hashable, Sendable {
        /// UDP, and TCP where the answer does not fit.
        case automatic
        case tcp
    }

    public var transport = Transport.automatic
    /// RD.
    public var recursionDesired = true
    /// AD: the asker understands AD in the answer (RFC 6840 §5.7).
    public var authenticData = false
    /// CD (RFC 4035 §3.2.2).
    public var checkingDisabled = false
    /// Nil for a query without EDNS.
    public var edns: EDNS? = EDNS()

    public init() {}

    /// The query for a question; its id is 0.
    func query(for question: Question, usesEDNS: Bool) -> Message {
        var message = Message(
            id: 0, question: question, recursionDesired: recursionDesired, edns: usesEDNS ? edns : nil)
        message.header.authenticData = authenticData
        message.header.checkingDisabled = checkingDisabled
        return message
    }
}
