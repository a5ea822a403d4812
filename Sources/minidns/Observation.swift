import ArgumentParser
import DNS
import DNSServer
import Linux
import Logging

/// What of a server can be seen from outside, as options of `serve`.
struct ObservationOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp(
            "Where GET /metrics is answered for Prometheus (default: nowhere).", valueName: "address:port"))
    var metrics: ListenAddress?

    @Option(
        help: ArgumentHelp(
            "Append queries to this file, a line of JSON each; - for standard output (default: none; see minidns querylog).",
            valueName: "file"))
    var queryLog: String?

    @Option(help: ArgumentHelp("Of so many queries write one to the query log (default: 1).", valueName: "number"))
    var queryLogSample: Int?

    func validate() throws {
        try require("--query-log-sample", queryLogSample, in: Self.samples)
    }

    /// How many queries may stand for one line of the log.
    static let samples = 1...1_000_000_000
}

/// What a running server tells of itself.
struct Observation: Sendable {
    let server: Server
    let directory: ZoneDirectory
    let logger: Logger
    private let options: ObservationOptions
    private let startedAt = Clock.secondsSince1970

    /// Names and clients in the reply to `top`.
    private static let mostFrequent = 20

    /// Begins what the options ask for.
    init(
        _ options: ObservationOptions, server: Server, directory: ZoneDirectory, logger: Logger
    ) throws(SystemError) {
        self.options = options
        self.server = server
        self.directory = directory
        self.logger = logger
        if let path = options.queryLog { try startLog(path, sample: options.queryLogSample ?? 1) }
        guard let address = options.metrics?.address else { return }
        let endpoint = try MetricsEndpoint(at: address) { [self] in metrics }
        try endpoint.start()
        logger.notice("metrics are at http://\(endpoint.address)/metrics")
    }

    var metrics: String {
        Metrics(
            server.counters, lostLogLines: server.observer.lostLines, zones: directory.zoneCounts, startedAt: startedAt
        ).text
    }

    var status: JSON {
        guard case .object(let members) = directory.statusReply(addresses: server.addresses) else { return .null }
        return .object(members + [JSON.Member("counters", counters)])
    }

    /// The reply to `top`.
    var top: JSON {
        do throws(SystemError) {
            let top = try server.observer.top(Self.mostFrequent)
            return [
                "addresses": .array(server.addresses.map { "\($0)" }), "milliseconds": .number(Clock.milliseconds),
                "counters": counters, "samples": .number(top.samples),
                "names": .array(top.names.map { ["name": "\($0.name)", "count": .number($0.count)] }),
                "clients": .array(top.clients.map { ["client": "\($0.client.host)", "count": .number($0.count)] }),
            ]
        } catch {
            return ["error": "\(error)"]
        }
    }

    /// Switches the query log, and replies.
    func queryLog(_ request: JSON) -> JSON {
        switch request["log"]?.string {
        case "on":
            let sample = request["sample"]?.number ?? options.queryLogSample ?? 1
            guard ObservationOptions.samples.contains(sample) else {
                return ["error": "a sample is a number from 1 on"]
            }
            do throws(SystemError) {
                try startLog(request["file"]?.string ?? options.queryLog ?? "-", sample: sample)
            } catch {
                let advice = "; the server writes beneath the directory of --query-log, or with --no-sandbox"
                return ["error": "\(error)\(error.isForbidden ? advice : "")"]
            }
        case "off":
            server.observer.stopLog()
            logger.notice("the query log ends")
        default: return ["error": "the query log can be on and off"]
        }
        return ["lost": .number(server.observer.lostLines)]
    }

    func startLog(_ path: String, sample: Int) throws(SystemError) {
        try server.observer.startLog(path: path == "-" ? nil : path, sampling: sample)
        let share = sample == 1 ? "all queries are" : "one in \(sample) queries is"
        logger.notice("\(share) logged \(path == "-" ? "on standard output" : "in \(path)")")
    }

    private var counters: JSON {
        let counters = server.counters
        return [
            "uptime": .number(Clock.secondsSince1970 - startedAt), "udp": counters.udp.json, "tcp": counters.tcp.json,
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

extension JSON {
    /// An object of those that are not zero, the most frequent first.
    fileprivate static func counts(_ counts: [(String, Int)]) -> JSON {
        let sorted = counts.filter { $0.1 > 0 }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
        return .object(sorted.map { Member($0.0, .number($0.1)) })
    }

    /// What counters have by a name over both transports, the most frequent first.
    static func sums(_ list: String, from before: JSON = .null, to now: JSON) -> [(name: String, count: Int)] {
        var counts: [String: Int] = [:]
        for transport in ["udp", "tcp"] {
            for (name, count) in now[transport]?[list]?.counts ?? [] {
                counts[name, default: 0] += count - before.count(transport, list, name)
            }
        }
        return counts.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0, $1) }
    }

    /// The members that are numbers.
    var counts: [(name: String, count: Int)] {
        guard case .object(let members) = self else { return [] }
        return members.compactMap { member in member.value.number.map { (member.name, $0) } }
    }
}
