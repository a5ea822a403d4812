import DNS
import Linux

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
    public var datagramQueueSize = 128 << 10

    /// Whether addresses are bound that the machine has not yet (IP_FREEBIND).
    public var bindsAbsentAddresses = false

    /// TCP connections in all; beyond it the one that has been idle longest is closed.
    public var connections = 10_000
    /// TCP connections of one client address; beyond it that client's oldest idle one is closed.
    public var connectionsPerClient = 512
    /// Whether clients on this machine are bound by `connectionsPerClient` too.
    public var limitsLoopbackClients = false
    /// How long a connection is kept since its last complete query, or since its client last took
    /// some of an answer.
    public var connectionIdleMilliseconds = 10_000
    /// How long a client may take over answers that wait for it: those that it did not take at once, 128 KiB at most.
    public var connectionWriteMilliseconds = 60_000
    /// How long a connection is kept in all, whatever it does.
    public var connectionMilliseconds = 7_200_000
    /// Queries of one connection that are answered, and so read, before others have their turn.
    public var queriesInARow = 256
    /// Octets of queries that the system keeps for one connection.
    public var connectionReceiveBuffer = 64 << 10
    /// Octets of answers that it keeps for one, and for one that has a whole zone.
    public var connectionSendBuffer = 64 << 10
    public var transferSendBuffer = 1 << 20
    /// Octets that all connections together may leave with us: incomplete queries and answers that
    /// wait for their client. Beyond it the oldest idle connection that holds some is closed.
    public var connectionMemory = 64 << 20
    /// Connections that wait to be accepted.
    public var connectionBacklog = 4096
    /// Connections accepted before others are served.
    public var acceptedInARow = 64
    /// How long accepting pauses where the system has no descriptor or memory for a connection.
    public var acceptPauseMilliseconds = 100
    /// How often that is told.
    public var acceptWarningMilliseconds = 10_000
    /// Descriptors that connections leave for zone files and control: at most half of what the process may have.
    public var reservedDescriptors = 64

    /// Who gets what at the start.
    public var clients = ClientPolicy()

    /// Equal answers a second to the clients of one /24 or /56 over UDP, 1 to 1,000,000, counted as `Responder.subject`
    /// says; nil for no limit.
    public var rateLimit: Int? = 100
    /// Of the answers beyond the limit each of this number is replaced by one that tells the client to come over TCP, 1 to
    /// 15; with 0 all are withheld.
    public var rateLimitSlip = 2
    /// Whether clients on this machine are bound by the rate limit too.
    public var rateLimitsLoopback = false
    /// Pairs of prefix and answer that are remembered, 8 octets each: a power of two.
    public var rateLimitEntries = 1 << 16

    /// Whether over UDP only clients with a good cookie get answers.
    public var requiresCookies = false

    /// What there is to say of a path that may not be read, where its user may: nothing by default.
    public var adviceOnReading: @Sendable (_ path: String) -> String? = { _ in nil }

    /// Octets of a zone file or an included file.
    public var zoneFileSize = 4 << 30
    /// Files from this size on are read only where there is memory for them: what loading takes for an octet of text (3.2
    /// to 3.8 of records of 25 octets, 7 of very short ones, 2 of a signed zone), and what there is; nil where that cannot
    /// be known.
    public var memoryCheckSize = 16 << 20
    public var memoryPerTextOctet = 4
    public var availableMemory: @Sendable () -> Int? = { Machine.availableMemory }
    /// Zones that are served together.
    public var zones = 1_000_000

    /// Of what is watched while it runs.
    public var observer = ObserverLimits()

    /// How long a worker rests after an error of the system before it starts again: doubled each time up to a longest
    /// rest, and from the start again once it has worked for that long.
    public var workerRestartMilliseconds = 100
    public var workerLongestRestMilliseconds = 10_000

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
        options.cookieSecrets = clients.cookieSecrets
        options.requiresCookies = requiresCookies
        return options
    }
}
