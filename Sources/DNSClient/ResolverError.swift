public import DNS
public import Linux

/// Why there is no reply, or not the answer that was wanted.
public enum ResolverError: Error, Sendable {
    /// The text is not a name.
    case badName(String, NameError)
    /// The query does not fit a message.
    case badQuery(WireError)
    /// There is no server to ask.
    case noServers
    /// No server gave a usable reply: what became of each query.
    case noReply([Note])
    /// The name does not exist, or the server could not tell: a response code other than NOERROR.
    case responseCode(Reply)
    /// The task was cancelled, or the resolver is gone.
    case cancelled
    /// More queries are under way than `Limits.queriesInFlight`.
    case tooManyQueries
    /// The system refused what is needed before anything can be asked.
    case system(SystemError)
}

extension ResolverError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .badName(let text, let error): "\(text): \(error)"
        case .badQuery: "the query does not fit a message"
        case .noServers: "there is no server to ask"
        case .noReply: "no usable reply"
        case .responseCode(let reply): "\(reply.responseCode)"
        case .cancelled: "cancelled"
        case .tooManyQueries: "more than \(Limits.queriesInFlight) queries are under way"
        case .system(let error): "\(error)"
        }
    }

    /// What became of each query that was sent.
    public var notes: [Note] {
        switch self {
        case .noReply(let notes): notes
        case .responseCode(let reply): reply.notes
        default: []
        }
    }
}
