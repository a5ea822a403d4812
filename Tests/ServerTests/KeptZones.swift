import DNS
import DNSServer
import Linux
import Logging
import Synchronization
import TestSupport
import Testing

/// A server whose zones are kept, in the directory `zones` of one of its own, with times in milliseconds.
struct KeptZones: ~Copyable {
    let directory: TemporaryDirectory
    let address: SocketAddress
    let keeper: ZoneKeeper
    let log: Log
    private let server: Server
    private let thread: Thread

    /// What was handed on so far.
    final class Log: Sendable {
        private let loadings = Mutex<[ZoneDirectory.Loading]>([])
        /// Where it is set, nothing is handed on before it is signalled.
        let gate = Mutex<Wakeup?>(nil)

        func add(_ loading: ZoneDirectory.Loading) { loadings.withLock { $0.append(loading) } }

        var all: [ZoneDirectory.Loading] { loadings.withLock { $0 } }

        var reports: [ZoneReport] { all.flatMap(\.reports) }
    }

    /// - Parameters:
    ///   - setup: makes the zones; `one` and `two` are versions of a zone with these serials.
    ///   - paths: in the directory; `NAME=` may stand before.
    init(
        _ setup: String, paths: [String] = ["zones"], watches: Bool = true, serials: Bool = false,
        _ configure: (inout KeeperLimits) -> Void = { _ in }
    ) throws {
        let directory = try TemporaryDirectory()
        try directory.write("one", Sample.zone(serial: 1))
        try directory.write("two", Sample.zone(serial: 2))
        try directory.run("mkdir zones\n\(setup)")
        var limits = KeeperLimits()
        limits.vanishedMilliseconds = 100
        limits.retryMilliseconds = 5
        limits.pathCheckMilliseconds = 100
        configure(&limits)
        let quiet = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        let server = try Server(binding: [.loopback(.ipv4, port: 0)], workers: 2, logger: quiet)
        try server.start(serving: .empty)
        let zones = ZoneDirectory(
            paths.map { path in
                let parts = path.split(separator: "=").map(String.init)
                return ZonePath(
                    parts.count == 2 ? "\(parts[0])=\(directory.path)/\(parts[1])" : "\(directory.path)/\(path)")
            }, serials: serials ? Serials(directory: "\(directory.path)/state") : nil)
        let log = Log()
        let keeper = try ZoneKeeper(zones, limits: limits, watches: watches, logger: quiet) { loading in
            // Looked at before the loading is told: a gate that is set then holds the next one.
            let gate = log.gate.withLock { $0 }
            log.add(loading)
            server.publish(loading.database)
            _ = gate?.wait(milliseconds: 20_000)
        }
        let thread = try Thread(name: "zones") { try? keeper.run() }
        _ = Self.comes { !log.all.isEmpty }
        self.directory = directory
        self.log = log
        self.server = server
        self.keeper = keeper
        self.thread = thread
        address = server.addresses[0]
    }

    deinit {
        keeper.stop()
        thread.join()
        server.stop()
    }

    /// Whether it comes true in time.
    static func comes(milliseconds: Int = 20_000, _ condition: () throws -> Bool) rethrows -> Bool {
        let end = Clock.milliseconds + milliseconds
        while try !condition() {
            if Clock.milliseconds > end { return false }
            Clock.sleep(milliseconds: 1)
        }
        return true
    }

    /// Whether a zone is served with this serial, now or soon; nil: whether it is not served.
    borrowing func serves(
        _ serial: UInt32?, _ zone: String = "a.test", milliseconds: Int = 20_000
    ) throws -> Bool {
        let client = try DatagramClient(to: address)
        return try Self.comes(milliseconds: milliseconds) {
            let reply = try client.ask(Sample.query(zone))
            return serial == nil ? reply.flatMap(Sample.responseCode) == 5 : reply.flatMap(Sample.serial) == serial
        }
    }
}
