import DNS
public import Linux

/// Every bound of the server, by name.
public struct ServerLimits: Sendable {
    /// Octets of the largest UDP reply that is sent where the client can take as much: 512 to 4096.
    public var udpPayloadSize = 1232
    /// Datagrams that a worker receives and answers at once.
    public var datagramsAtOnce = 64
    /// Batches that a worker takes from one socket before it looks at its others.
    public var batchesInARow = 16
    /// Whether UDP replies of a batch that go to one client leave together (UDP_SEGMENT).
    public var mergesReplies = true
    /// How long a worker with one socket waits for a datagram in the call that receives, before it polls, where it can be
    /// woken: so long may a publication wait for it.
    public var datagramWaitMilliseconds = 4
    /// Octets of datagrams that may wait at a socket.
    public var datagramQueueSize = 1 << 20

    /// TCP connections in all; beyond it the one that has been idle longest is closed.
    public var connections = 10_000
    /// TCP connections of one client address; beyond it that client's oldest idle one is closed.
    public var connectionsPerClient = 512
    /// Whether clients on this machine are bound by `connectionsPerClient` too.
    public var limitsLoopbackClients = false
    /// How long a connection is kept since its last complete query, or since its client last took
    /// some of an answer.
    public var connectionIdleMilliseconds = 10_000
    /// Octets that all connections together may leave with us: incomplete queries and answers that
    /// wait for their client. Beyond it the oldest idle connection that holds some is closed.
    public var connectionMemory = 256 << 20
    /// Connections that wait to be accepted.
    public var connectionBacklog = 4096
    /// Connections accepted before others are served.
    public var acceptedInARow = 64
    /// How long accepting pauses where the system has no descriptor or memory for a connection.
    public var acceptPauseMilliseconds = 100
    /// Descriptors that connections leave for sockets, zone files and control.
    public var reservedDescriptors = 64

    /// Who may have whole zones (AXFR): by default clients on this machine.
    public var mayTransfer: @Sendable (SocketAddress) -> Bool = { $0.isLoopback }

    /// Octets of a zone file or an included file.
    public var zoneFileSize = 4 << 30

    /// Of what is watched while it runs.
    public var observer = ObserverLimits()

    /// How long a worker rests after an error of the system before it starts again.
    public var workerRestartMilliseconds = 100

    /// What the server says of itself to those who ask: nothing by default.
    public var identity: String?
    public var version: String?

    public init() {}

    var responderOptions: ResponderOptions {
        var options = ResponderOptions()
        options.udpPayloadSize = udpPayloadSize
        options.identity = identity
        options.version = version
        options.connectionIdleMilliseconds = connectionIdleMilliseconds
        return options
    }
}
