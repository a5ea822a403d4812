import ArgumentParser
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
        guard let number = queryLogSample, !ControlRequests.samples.contains(number) else { return }
        throw ValidationError(Self.sampleError("--query-log-sample"))
    }

    static func sampleError(_ option: String) -> String {
        "\(option) is a number from \(ControlRequests.samples.lowerBound) to \(ControlRequests.samples.upperBound)."
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
