public import DNS
public import Linux
public import Logging

/// Why the zones of a directory cannot be played with.
public enum PlaygroundError: Error, Sendable, CustomStringConvertible {
    case noZones
    /// No zone above the zone has a loopback address for one of its name servers, nor has the zone itself.
    case noAddress(Name)
    /// More addresses than `Playground.addressLimit`.
    case tooManyAddresses
    case bind(BindError)
    case system(SystemError)

    public var description: String {
        switch self {
        case .noZones: "there is no zone"
        case .noAddress(let origin):
            "zone \(origin): none of its name servers has an address in 127.0.0.0/8 or ::1; write one into the zone "
                + "above it, beside the NS record"
        case .tooManyAddresses: "the name servers have more than \(Playground.addressLimit) addresses"
        case .bind(let error): "\(error)"
        case .system(let error): "\(error)"
        }
    }
}

/// The hierarchy of some zones as it is on the Internet, in one process: a server for each loopback address that the
/// zones give their name servers, all on one port, each with the zones of its own address and no others.
///
///     let playground = try Playground(serving: ZoneDirectory([ZonePath("zones")]).load().database)
///     for stage in playground.stages { print(stage.origin, stage.addresses) }
///     …
///     playground.stop()
public final class Playground: Sendable {
    /// One zone, and where it is served.
    public struct Stage: Sendable {
        public let origin: Name
        public let addresses: [SocketAddress]
    }

    public static let addressLimit = 256
    /// How many ports are tried until one is free on all addresses.
    private static let portAttempts = 64

    /// The zones from the top down.
    public let stages: [Stage]
    private let servers: [Server]

    /// Binds all addresses and serves.
    /// - Parameter port: 0 stands for one that is free on all of them.
    public init(
        serving database: Database, port: UInt16 = 0, limits: ServerLimits = ServerLimits(),
        logger: Logger = Logger(label: "minidns")
    ) throws(PlaygroundError) {
        let zones = database.zones.sorted { Self.precedes($0.origin, $1.origin) }
        guard !zones.isEmpty else { throw .noZones }
        var addressesOf: [Name: [SocketAddress]] = [:]
        for zone in zones {
            let addresses = Self.addresses(of: zone.origin, in: database)
            guard !addresses.isEmpty else { throw .noAddress(zone.origin) }
            addressesOf[zone.origin] = addresses
        }
        var all: [SocketAddress] = []
        for address in zones.flatMap({ addressesOf[$0.origin] ?? [] }) where !all.contains(address) {
            all.append(address)
        }
        guard all.count <= Self.addressLimit else { throw .tooManyAddresses }
        let servers = try Self.bind(all, port: port, limits, logger)
        self.servers = servers
        let bound = servers[0].addresses[0].port
        stages = zones.map { zone in
            Stage(origin: zone.origin, addresses: (addressesOf[zone.origin] ?? []).map { $0.with(port: bound) })
        }
        do throws(SystemError) {
            for (address, server) in zip(all, servers) {
                try server.start(serving: database.keeping { addressesOf[$0.origin]?.contains(address) == true })
            }
        } catch {
            throw .system(error)
        }
    }

    /// Ends all servers.
    public func stop() {
        for server in servers { server.stop() }
    }

    /// Above comes before below; the rest by name.
    private static func precedes(_ one: Name, _ other: Name) -> Bool {
        (one.labelCount, "\(one)") < (other.labelCount, "\(other)")
    }

    private static func bind(
        _ addresses: [SocketAddress], port: UInt16, _ limits: ServerLimits, _ logger: Logger
    ) throws(PlaygroundError) -> [Server] {
        for attempt in 1... {
            do throws(BindError) {
                var servers: [Server] = []
                for address in addresses {
                    let port = servers.first?.addresses[0].port ?? port
                    servers.append(
                        try Server(binding: [address.with(port: port)], workers: 1, limits: limits, logger: logger))
                }
                return servers
            } catch {
                guard port == 0, error.isTaken, attempt < portAttempts else { throw .bind(error) }
            }
        }
        return []
    }
}

// MARK: Addresses

extension Playground {
    /// The loopback addresses of a zone's name servers: as the zone above it refers to them, since that is the way to
    /// it; else what the zones say of the names of those servers.
    private static func addresses(of origin: Name, in database: Database) -> [SocketAddress] {
        let above = database.zones.filter { $0.origin != origin && origin.isSubdomain(of: $0.origin) }
            .max { $0.origin.labelCount < $1.origin.labelCount }
        if let above, let reply = ask(Question(origin, .ns), database.keeping({ $0 === above })) {
            let glue = loopback(reply.additional)
            if !glue.isEmpty { return glue }
        }
        let hosts = ask(Question(origin, .ns), database)?.answer.compactMap { try? Name(wire: $0.data.octets.span) }
        let records = (hosts ?? []).flatMap { host in
            [RecordType.a, .aaaa].flatMap { ask(Question(host, $0), database)?.answer ?? [] }
        }
        return loopback(records)
    }

    private static func loopback(_ records: [Record]) -> [SocketAddress] {
        records.filter { $0.type == .a || $0.type == .aaaa }
            .compactMap { SocketAddress(octets: $0.data.octets, port: 0) }.filter(\.isLoopback)
    }

    private static func ask(_ question: Question, _ database: Database) -> Message? {
        guard let query = try? Message(id: 0, question: question).encoded() else { return nil }
        var responder = Responder()
        var octets = [UInt8](repeating: 0, count: Message.maximumCount)
        var room = octets.mutableSpan
        let count = responder.respond(to: query.span, over: .tcp, from: database, into: &room)
        return try? Message(decoding: octets.span.extracting(0..<count))
    }

    /// A name that is worth asking for: www in the lowest zone, or that zone's own name.
    public func sampleName(in database: Database) -> Name {
        let forward = stages.filter { !$0.origin.isSubdomain(of: Self.reverse) }
        guard let lowest = (forward.last ?? stages.last)?.origin else { return .root }
        guard let label = Label(Array("www".utf8)), let name = lowest.prepending(label),
            Self.ask(Question(name, .a), database)?.answer.isEmpty == false
        else { return lowest }
        return name
    }

    /// The top level of the names of addresses (RFC 3172).
    private static let reverse = (try? Name("arpa")) ?? .root
}
