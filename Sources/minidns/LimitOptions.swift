import ArgumentParser
import DNSServer
import Linux

/// The bounds of the server that an operator may want to set; docs/limits.md has all.
struct LimitOptions: ParsableArguments {
    @Option(help: "TCP connections at once (default: 10000). Where there are more, the one that is idle longest goes.")
    var tcpConnections: Int?

    @Option(
        name: .customLong("tcp-per-client"),
        help: "TCP connections of one address at once, but for loopback (default: 512).")
    var perClient: Int?

    @Flag(name: .customLong("tcp-limit-loopback"), help: "Bind clients on this machine by --tcp-per-client too.")
    var limitsLoopback = false

    @Option(
        name: .customLong("tcp-idle"),
        help: ArgumentHelp(
            "How long a TCP connection is kept without a complete query (default: 10).", valueName: "seconds"))
    var idle: Int?

    @Option(
        help: ArgumentHelp("Octets of the largest UDP reply, 512 to 4096 (default: 1232).", valueName: "octets"))
    var udpSize: Int?

    @Option(
        help: ArgumentHelp(
            "What may wait at a UDP socket, and under overload for how long: octets, some 380 a query (default: 131072).",
            valueName: "octets"))
    var udpQueue: Int?

    private static let largestNumber = 1_000_000
    private static let udpSizes = 512...4096

    mutating func validate() throws {
        try require("--tcp-connections", tcpConnections, in: 1...Self.largestNumber)
        try require("--tcp-per-client", perClient, in: 1...Self.largestNumber)
        try require("--tcp-idle", idle, in: 1...Self.largestNumber)
        try require("--udp-size", udpSize, in: Self.udpSizes)
        try require("--udp-queue", udpQueue, in: 1...Int(Int32.max))
    }

    /// Raises the process's own limit of descriptors as far as it goes.
    func apply(to limits: inout ServerLimits) {
        _ = Machine.raiseDescriptorLimit()
        if let tcpConnections { limits.connections = tcpConnections }
        if let perClient { limits.connectionsPerClient = perClient }
        limits.limitsLoopbackClients = limitsLoopback
        if let idle { limits.connectionIdleMilliseconds = idle * 1000 }
        if let udpSize { limits.udpPayloadSize = udpSize }
        if let udpQueue { limits.datagramQueueSize = udpQueue }
    }
}
