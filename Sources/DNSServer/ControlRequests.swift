public import DNS
public import Linux
public import Logging

/// What the requests of a control socket do with a server, and what it tells of itself.
public struct ControlRequests: Sendable {
    private let server: Server
    private let directory: ZoneDirectory
    private let keeper: ZoneKeeper
    private let clients: Clients?
    private let logger: Logger
    private let queryLog: (path: String?, sample: Int?)
    private let startedAt = Clock.secondsSince1970
    private let startedMilliseconds = Clock.milliseconds

    /// Of so many queries one can be logged.
    public static let samples = 1...1_000_000_000
    /// Names and clients in the reply to `top`.
    private static let mostFrequent = 20

    /// Reads anew who gets what.
    public typealias Clients = @Sendable () throws -> ClientPolicy

    /// - Parameters:
    ///   - clients: is called with each reload; nil where who gets what does not change.
    ///   - queryLog: the file, and of how many queries one goes there, where a request does not say.
    public init(
        _ server: Server, _ directory: ZoneDirectory, _ keeper: ZoneKeeper, clients: Clients?, logger: Logger,
        queryLog: (path: String?, sample: Int?)
    ) {
        self.server = server
        self.directory = directory
        self.keeper = keeper
        self.clients = clients
        self.logger = logger
        self.queryLog = queryLog
    }

    /// Does what a request asks for; `reload` returns when the zones were read.
    public func reply(to request: JSON) -> JSON {
        do {
            switch request["request"]?.string {
            case "status": return status
            case "top": return try top
            case "querylog": return switchLog(request)
            case "reload":
                logger.notice("reading the zones again (minidns reload)")
                let zones = Result { () throws(SystemError) in try keeper.reload().reply }
                try readClients()
                return try zones.get()
            default: return ["error": "requests are status, reload, top and querylog"]
            }
        } catch {
            return ["error": .string("\(error)")]
        }
    }

    /// Has the server treat clients as it is said now; where that cannot be understood, nothing changes.
    public func readClients() throws {
        do {
            if let clients { server.publish(try clients()) }
        } catch {
            logger.error("who gets answers stays as it was: \(error)")
            throw error
        }
    }

    /// What is counted, in the text format of Prometheus.
    public var metrics: String {
        Metrics(
            server.counters, lostLogLines: server.observer.lostLines, zones: directory.status().zones,
            startedAt: startedAt
        ).text
    }

    private var status: JSON {
        let (zones, errors) = directory.status()
        return [
            "addresses": addresses, "errors": .array(errors.map { .string("\($0)") }),
            "zones": .array(zones.map(\.json)), "counters": counters,
        ]
    }

    private var top: JSON {
        get throws(SystemError) {
            let top = try server.observer.top(Self.mostFrequent)
            let names = top.names.map {
                JSON.object([.init("name", .string("\($0.name)")), .init("count", .number($0.count))])
            }
            let clients = top.clients.map {
                JSON.object([.init("client", .string($0.client.host)), .init("count", .number($0.count))])
            }
            return [
                "addresses": addresses, "milliseconds": .number(Clock.milliseconds), "counters": counters,
                "samples": .number(top.samples), "names": .array(names), "clients": .array(clients),
            ]
        }
    }

    private func switchLog(_ request: JSON) -> JSON {
        switch request["log"]?.string {
        case "on":
            let sample = request["sample"]?.number ?? queryLog.sample ?? 1
            guard Self.samples.contains(sample) else { return ["error": "a sample is a number from 1 on"] }
            do throws(SystemError) {
                try startLog(request["file"]?.string ?? queryLog.path ?? "-", sample: sample)
            } catch {
                let advice =
                    error.isForbidden
                    ? "; the server writes beneath the directory of --query-log, or with --no-sandbox" : ""
                return ["error": .string("\(error)\(advice)")]
            }
        case "off":
            server.observer.stopLog()
            logger.notice("the query log ends")
        default: return ["error": "the query log can be on and off"]
        }
        return ["lost": .number(server.observer.lostLines)]
    }

    /// Begins to log queries, on standard output where the path is `-`.
    public func startLog(_ path: String, sample: Int) throws(SystemError) {
        try server.observer.startLog(path: path == "-" ? nil : path, sampling: sample)
        let share = sample == 1 ? "all queries are" : "one in \(sample) queries is"
        logger.notice("\(share) logged \(path == "-" ? "on standard output" : "in \(path)")")
    }

    private var addresses: JSON { .array(server.addresses.map { .string("\($0)") }) }

    private var counters: JSON {
        let counters = server.counters
        return [
            "uptime": .number((Clock.milliseconds - startedMilliseconds) / 1000), "udp": counters.udp.json,
            "tcp": counters.tcp.json,
            "limits": .counts(counters.limits.map { ("\($0.key)", $0.value) }),
            "connectionsAccepted": .number(counters.connectionsAccepted),
            "connectionsOpen": .number(counters.connectionsOpen), "lostLogLines": .number(server.observer.lostLines),
        ]
    }
}

extension Counters.Traffic {
    fileprivate var json: JSON {
        [
            "queries": .number(queries), "replies": .number(replies), "unsent": .number(dropped),
            "truncated": .number(truncated), "types": .counts(types.map { (Metrics.name($0.key), $0.value) }),
            "codes": .counts(codes.map { ("\($0.key)", $0.value) }),
        ]
    }
}

extension ZoneStatus {
    fileprivate var json: JSON {
        [
            "zone": .string("\(source.origin)"), "file": .string(source.path), "state": .string(state),
            "serial": zone.map { .number(Int($0.serial.value)) } ?? .null,
            "records": zone.map { .number($0.recordCount) } ?? .null,
            "loaded": zone == nil ? .null : .string(Clock.timestamp(loadedAt)),
            "error": failure.map(JSON.string) ?? .null,
        ]
    }
}

extension ReloadOutcome {
    fileprivate var reply: JSON {
        if !isComplete { return ["error": "the server ends"] }
        // The last report of a zone is how it stands.
        var last: [ZoneSource: ZoneReport] = [:]
        for report in reports { last[report.source] = report }
        let problems = last.values.filter { $0.state != .loaded }.flatMap(\.problems).filter { $0.severity == .error }
        let loaded = last.values.filter { $0.state == .loaded }.map { "\($0.source.origin)" }.sorted()
        return [
            "zones": .number(zoneCount), "loaded": .array(loaded.map(JSON.string)),
            "problems": .array(errors.map { .string("\($0)") } + problems.map { .string("\($0)") }),
        ]
    }
}

extension JSON {
    /// An object of those that are not zero, the most frequent first.
    fileprivate static func counts(_ counts: [(String, Int)]) -> JSON {
        let sorted = counts.filter { $0.1 > 0 }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
        return .object(sorted.map { Member($0.0, .number($0.1)) })
    }
}
