public import DNS

/// The reply to a query, made in process; nil where there is none.
public func respond(
    to query: [UInt8], over transport: Transport, from database: Database,
    _ options: ResponderOptions = ResponderOptions()
) -> [UInt8]? {
    var responder = Responder(options)
    var room = [UInt8](repeating: 0xAA, count: Message.maximumCount)
    var span = room.mutableSpan
    let count = responder.respond(to: query.span, over: transport, from: database, into: &span)
    return count == 0 ? nil : Array(room[..<count])
}

extension Scenario {
    /// What the scenario's server says of itself.
    public var options: ResponderOptions {
        var options = ResponderOptions()
        options.identity = identity
        options.version = version
        return options
    }
}
