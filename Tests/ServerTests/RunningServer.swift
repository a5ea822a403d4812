import DNS
import DNSServer
import Linux
import Logging
import TestSupport
import Testing

/// A server on a port of its own, which stops with its owner.
struct RunningServer: ~Copyable {
    let server: Server
    let address: SocketAddress

    init(
        _ host: String = "127.0.0.1", serving database: Database? = nil, workers: Int = 2,
        _ configure: (inout ServerLimits) -> Void = { _ in }
    ) throws {
        var limits = ServerLimits()
        configure(&limits)
        let address = try #require(SocketAddress(host, defaultPort: 0))
        let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        let server = try Server(binding: [address], workers: workers, limits: limits, logger: logger)
        try server.start(serving: database ?? Self.database(serial: 1))
        self.server = server
        self.address = server.addresses[0]
    }

    deinit {
        server.stop()
    }

    static let origin = "example.test"

    /// A database with the zone example.test of this serial.
    static func database(serial: UInt32) throws -> Database {
        let loaded = ZoneLoader.load(path: "example.test.zone", origin: try Name(origin), seed: 1) { _ in
            .success(Array(Sample.zone(serial: serial).utf8))
        }
        return Database(zones: [try #require(loaded.zone)], unavailable: [], seed: 1)
    }

    static func query(id: UInt16 = 1) -> [UInt8] { Sample.query(origin, id: id) }

    borrowing func stream() throws -> StreamClient { try StreamClient(to: address) }

    borrowing func datagrams() throws -> DatagramClient { try DatagramClient(to: address) }

    /// Whether UDP and a new TCP connection are answered.
    borrowing func isServing() throws -> Bool {
        let datagram = try datagrams().ask(Self.query(id: 7))
        let stream = try stream().ask(Self.query(id: 8))
        return datagram.flatMap(Sample.serial) != nil && stream.flatMap(Sample.serial) != nil
    }
}
