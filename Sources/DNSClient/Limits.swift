/// What a resolver bounds, whoever asks and whatever is answered. Times are in nanoseconds.
public enum Limits {
    /// Queries under way at once; one more is an error.
    public static let queriesInFlight = 100_000
    /// Sockets that share the queries to one server. Below this many queries each has its own, and so its own port.
    public static let socketsPerServer = 16
    /// Queries that share one socket: half of the ids, so that a free one is found soon.
    static let queriesPerSocket = 32_768
    /// Queries over one port before another takes its place.
    static let queriesPerPort = 65_536
    /// Queries that wait on one connection at once.
    static let queriesPerConnection = 1_024
    /// How long a connection without queries is kept for the next one.
    static let connectionIdle = 3_000_000_000
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
    /// Servers that are remembered with their cookies and habits.
    static let peers = 4_096
    /// Queries without a reply, one after the other, behind which a server rests.
    static let silences = 2
    /// How long a resting server is asked after the others.
    static let rest = 30_000_000_000
    /// Octets of a cookie, the client's 8 and the server's (RFC 7873 §4).
    static let cookie = 40
    /// The largest block that queries are padded to.
    static let paddingBlock = 4_096
    /// The servers of a resolv.conf that count, as in glibc.
    public static let systemServers = 3
    /// Octets of the messages of a zone transfer, where nothing else is said.
    public static let transferSize = 4 << 30
    /// Domains of a search list.
    public static let searchDomains = 32
    /// Octets of a resolv.conf.
    static let systemFile = 1 << 20
    /// Octets of an /etc/hosts.
    static let hostsFile = 16 << 20
    /// The longest that an answer is kept in a cache, in seconds (RFC 8767 §4 names a week).
    static let cachedSeconds = 604_800
    /// The longest that an absence is kept in a cache, in seconds (RFC 2308 §5).
    static let absentSeconds = 10_800
    /// Queries of a bulk lookup that may be under way.
    static let bulkWindow = 32...8_192
    /// How often a query of a bulk lookup is sent again within its try; each waits four times as long as the one before.
    static let bulkRepetitions = 2
    /// As `silences`, for a bulk lookup, which has more under way.
    static let bulkSilences = 64
    /// Connections of a bulk lookup at once.
    static let bulkConnections = 64
    /// Datagrams that a bulk lookup sends or receives with one call.
    static let bulkDatagrams = 64
    /// Octets of replies that may wait at a socket of a bulk lookup.
    static let bulkReceiveBuffer = 4 << 20
}
