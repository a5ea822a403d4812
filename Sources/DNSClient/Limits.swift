/// What a resolver bounds, whoever asks and whatever is answered.
public enum Limits {
    /// Queries under way at once; one more is an error.
    public static let queriesInFlight = 100_000
    /// Sockets that share the queries to one server. Below this many queries each has its own, and so its own port.
    public static let socketsPerServer = 16
    /// Queries that share one socket: half of the ids, so that a free one is found soon.
    static let queriesPerSocket = 32_768
    /// Replies to other queries that one query waits through.
    public static let mismatches = 1_000
    /// Servers of a configuration; the rest is left out.
    public static let servers = 64
    public static let tries = 100
    /// Aliases followed inside one answer.
    public static let aliases = 16
    /// What is told about queries that did not do.
    static let notes = 200
    /// Random ports that are tried before the system chooses.
    static let ports = 8
    /// Datagrams read from one socket before others have their turn.
    static let datagramsInARow = 64
    /// The servers of a resolv.conf that count, as in glibc.
    public static let systemServers = 3
    /// Octets of a resolv.conf.
    static let systemFile = 1 << 20
    /// Queries of a bulk lookup that may be under way.
    static let bulkWindow = 32...8_192
    /// How often a query of a bulk lookup is sent again within its try; each waits four times as long as the one before.
    static let bulkRepetitions = 2
    /// Connections of a bulk lookup at once.
    static let bulkConnections = 64
    /// Datagrams that a bulk lookup sends or receives with one call.
    static let bulkDatagrams = 64
    /// Octets of replies that may wait at a socket of a bulk lookup.
    static let bulkReceiveBuffer = 4 << 20
}
