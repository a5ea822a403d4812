import DNSServer
import Linux
import TestSupport
import Testing

struct MetricsEndpointTests {
    /// What is sent, and how the answer begins; nothing where the connection is closed without one.
    private static let requests: [(request: String, status: String)] = [
        ("GET /metrics HTTP/1.0\r\n\r\n", "HTTP/1.0 200 OK\r\n"),
        ("GET /metrics?x=1 HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n", "HTTP/1.0 200 OK\r\n"),
        ("GET / HTTP/1.0\r\n\r\n", "HTTP/1.0 404 "), ("GET /metricsx HTTP/1.0\r\n\r\n", "HTTP/1.0 404 "),
        ("POST /metrics HTTP/1.0\r\n\r\n", "HTTP/1.0 405 "), ("GET /metrics\r\n\r\n", "HTTP/1.0 400 "),
        ("\r\n\r\n", "HTTP/1.0 400 "), ("\u{1B}\0 x HTTP/1.1\r\n\r\n", "HTTP/1.0 405 "),
        ("GET /metrics HTTP/2\r\n\r\n", "HTTP/1.0 400 "),
        ("GET /metrics HTTP/1.0\r\nX: " + String(repeating: "x", count: 9_000), "HTTP/1.0 431 "),
        ("GET /metrics HTTP/1.0\r\n", ""),
    ]

    private static func start(_ text: String) throws -> MetricsEndpoint {
        var limits = MetricsLimits()
        limits.patienceMilliseconds = 1_000
        limits.connections = 4
        let endpoint = try MetricsEndpoint(at: .loopback(.ipv4, port: 0), limits: limits) { text }
        try endpoint.start()
        return endpoint
    }

    private static func ask(_ endpoint: MetricsEndpoint, _ request: String) throws -> String {
        let client = try StreamClient(to: endpoint.address)
        _ = try client.send(Array(request.utf8))
        return try read(client)
    }

    /// To the end.
    private static func read(_ client: StreamClient) throws -> String {
        var octets: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while client.socket.wait(for: .read, milliseconds: 5_000) {
            var room = piece.mutableSpan
            guard let count = try? client.socket.receive(into: &room), count > 0 else { break }
            octets += piece.prefix(count)
        }
        return String(decoding: octets, as: UTF8.self)
    }

    @Test(arguments: requests)
    func answers(request: String, status: String) throws {
        let endpoint = try Self.start("a 1\n")
        let answer = try Self.ask(endpoint, request)
        #expect(answer.hasPrefix(status) && answer.isEmpty == status.isEmpty)
        #expect(answer.hasSuffix("\r\n\r\na 1\n") == status.contains("200"))
        #expect(answer.contains("\r\nContent-Length: 4\r\n") == status.contains("200"))
        endpoint.stop()
    }

    @Test func answersOthersWhileSomeAreSilentOrDoNotRead() throws {
        let text = String(repeating: "minidns_queries_total 1\n", count: 200_000)
        let endpoint = try Self.start(text)
        let silent = try (0..<3).map { _ in try StreamClient(to: endpoint.address) }
        try silent[0].send(Array("GET /metrics HTTP/1.0\r\n\r\n".utf8))
        #expect(try Self.ask(endpoint, "GET / HTTP/1.0\r\n\r\n").hasPrefix("HTTP/1.0 404 "))
        // They are closed when their time is over, so that others get their turn.
        let more = try (0..<3).map { _ in try StreamClient(to: endpoint.address) }
        for client in silent[1...] + more { #expect(try Self.read(client).isEmpty) }
        #expect(try Self.ask(endpoint, "GET /metrics HTTP/1.0\r\n\r\n").hasSuffix("\r\n\r\n" + text))
        endpoint.stop()
    }
}
