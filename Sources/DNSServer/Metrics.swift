import DNS

/// What a server counts, in the text format of Prometheus (0.0.4).
struct Metrics {
    private(set) var text = ""

    init(_ counters: Counters, lostLogLines: Int, zones: [ZoneStatus], startedAt: Int) {
        let traffic = [("udp", counters.udp), ("tcp", counters.tcp)]
        add("minidns_queries_total", "Messages that came.", traffic.map { (["transport": $0.0], $0.1.queries) })
        add(
            "minidns_query_types_total", "Queries by the type that they ask for.",
            traffic.flatMap { transport, traffic in
                traffic.types.map { (["transport": transport, "type": Metrics.name($0.key)], $0.value) }
            })
        add(
            "minidns_responses_total", "Responses by their code.",
            traffic.flatMap { transport, traffic in
                traffic.codes.map { (["transport": transport, "rcode": "\($0.key)"], $0.value) }
            })
        add(
            "minidns_responses_truncated_total", "Responses with TC set.",
            traffic.map { (["transport": $0.0], $0.1.truncated) })
        add(
            "minidns_responses_unsent_total", "Responses that the system did not take.",
            traffic.map { (["transport": $0.0], $0.1.dropped) })
        add(
            "minidns_limits_reached_total", "How often a limit was reached.",
            counters.limits.map { (["limit": "\($0.key)"], $0.value) })
        add("minidns_tcp_connections_total", "Connections that were accepted.", [([:], counters.connectionsAccepted)])
        add(
            "minidns_tcp_connections", "Connections that are open.", isGauge: true,
            [([:], counters.connectionsOpen)])
        add("minidns_query_log_lost_total", "Lines of the query log that were lost.", [([:], lostLogLines)])
        add(
            "minidns_zones", "Zones by their state.", isGauge: true,
            ["ok", "last good", "broken"].map { state in
                (["state": state == "last good" ? "last_good" : state], zones.count { $0.state == state })
            })
        add("process_start_time_seconds", "When the process started.", isGauge: true, [([:], startedAt)])
    }

    /// Of a type, or of all that have no name.
    static func name(_ type: RecordType?) -> String { type.map { "\($0)" } ?? "other" }

    /// Lines of one metric, in the order of their labels. No value of ours needs an escape.
    private mutating func add(
        _ name: String, _ help: String, isGauge: Bool = false, _ values: [([String: String], Int)]
    ) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(isGauge ? "gauge" : "counter")\n"
        let lines = values.map { labels, value in
            let list = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }.joined(separator: ",")
            return "\(name)\(list.isEmpty ? "" : "{\(list)}") \(value)\n"
        }
        text += lines.sorted().joined()
    }
}
