import Linux

/// A UDP socket that is connected to one server, so that the system passes over what others send. The queries that
/// share it differ in their ids.
struct Port {
    let socket: Socket
    let server: SocketAddress
    /// Our own address.
    let source: SocketAddress?
    /// Which flight waits for which id.
    var flights: [UInt16: UInt64] = [:]
    /// Queries so far.
    var queries = 0
    /// Replies to no query of ours since the last one that was.
    var mismatches = 0
}
