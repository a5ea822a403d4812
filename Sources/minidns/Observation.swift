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
        try require("--query-log-sample", queryLogSample, in: ControlRequests.samples)
    }

    /// Begins what the options ask for.
    func start(_ requests: ControlRequests, _ logger: Logger) throws(SystemError) {
        if let path = queryLog { try requests.startLog(path, sample: queryLogSample ?? 1) }
        guard let address = metrics?.address else { return }
        let endpoint = try MetricsEndpoint(at: address) { requests.metrics }
        try endpoint.start()
        logger.notice("metrics are at http://\(endpoint.address)/metrics")
    }
}

extension JSON {
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
