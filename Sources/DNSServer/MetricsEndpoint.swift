public import Linux

/// Bounds of a `MetricsEndpoint`.
public struct MetricsLimits: Sendable {
    /// Connections at once; others are closed.
    public var connections = 16
    /// Octets of a request.
    public var requestSize = 8192
    /// How long a client may take for its request and for taking the answer, in all.
    public var patienceMilliseconds = 5_000

    public init() {}
}

/// Answers `GET /metrics` over HTTP/1.0 on a thread of its own, and nothing else: a request a connection.
public final class MetricsEndpoint: Sendable {
    private struct Client {
        let socket: Socket
        let end: Int
        var request: [UInt8] = []
        /// Nil while the request is not complete.
        var response: [UInt8]?
        var sent = 0
    }

    /// Where it answers, with the port that was chosen.
    public let address: SocketAddress
    private let listener: Socket
    private let limits: MetricsLimits
    private let text: @Sendable () -> String
    private let stopped: Wakeup

    private static let listenerToken: UInt64 = 0
    private static let stopToken: UInt64 = 1
    private static let firstClientToken: UInt64 = 2
    /// How long it rests where the system has no descriptor or memory for a connection.
    private static let restMilliseconds = 100

    /// Binds, and answers nothing before `start`.
    /// - Parameter text: what there is to tell, in the text format of Prometheus.
    public init(
        at address: SocketAddress, limits: MetricsLimits = MetricsLimits(), text: @escaping @Sendable () -> String
    ) throws(SystemError) {
        let listener = try Socket(.tcp, address.family)
        if address.family == .ipv6 { try listener.onlyIPv6() }
        try listener.reuseAddress()
        try listener.bind(address)
        try listener.listen(backlog: Int32(clamping: limits.connections))
        self.address = try listener.localAddress()
        self.listener = listener
        stopped = try Wakeup()
        self.limits = limits
        self.text = text
    }

    public func start() throws(SystemError) {
        _ = try Linux.Thread(name: "metrics") { [self] in
            do throws(SystemError) { try run() } catch {}
        }
    }

    public func stop() { stopped.signal() }

    private func run() throws(SystemError) {
        var poller = try Poller()
        try poller.add(listener.descriptor, .read, token: Self.listenerToken)
        try poller.add(stopped.descriptor, .read, token: Self.stopToken)
        var clients: [UInt64: Client] = [:]
        var next = Self.firstClientToken
        while true {
            let due = clients.values.map(\.end).min()
            for index in 0..<(try poller.wait(milliseconds: due.map { max(0, $0 - Clock.milliseconds) } ?? -1)) {
                let token = poller.token(index)
                if token == Self.stopToken { return }
                if let client = clients[token] {
                    clients[token] = try? serve(client, poller, token)
                } else if token == Self.listenerToken, let socket = accept(), clients.count < limits.connections {
                    let end = Clock.milliseconds + limits.patienceMilliseconds
                    guard (try? poller.add(socket.descriptor, .read, token: next)) != nil else { continue }
                    clients[next] = Client(socket: socket, end: end)
                    next += 1
                }
            }
            let now = Clock.milliseconds
            clients = clients.filter { $0.value.end > now }
        }
    }

    private func accept() -> Socket? {
        do throws(SystemError) {
            return try listener.accept()?.socket
        } catch {
            Clock.sleep(milliseconds: Self.restMilliseconds)
            return nil
        }
    }

    /// Goes on with a connection; nil where that is at its end.
    private func serve(_ client: Client, _ poller: borrowing Poller, _ token: UInt64) throws(SystemError) -> Client? {
        var client = client
        if client.response == nil {
            var octets = [UInt8](repeating: 0, count: 4096)
            var room = octets.mutableSpan
            guard let count = try client.socket.receive(into: &room) else { return client }
            if count == 0 { return nil }
            client.request += octets.prefix(count)
            client.response = respond(to: client.request)
        }
        guard let response = client.response else { return client }
        while client.sent < response.count,
            let count = try client.socket.send(response.span.extracting(client.sent..<response.count))
        {
            client.sent += count
        }
        if client.sent == response.count { return nil }
        try poller.change(client.socket.descriptor, .write, token: token)
        return client
    }

    /// Nil while the request is not complete.
    private func respond(to request: [UInt8]) -> [UInt8]? {
        if request.count > limits.requestSize { return Self.response("431 Request Header Fields Too Large", "") }
        let lines = String(decoding: request, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
        // An empty line ends it.
        guard lines.dropLast().contains("") else { return nil }
        let words = lines[0].split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[2].hasPrefix("HTTP/1.") else { return Self.response("400 Bad Request", "") }
        guard words[0] == "GET" else { return Self.response("405 Method Not Allowed", "", "Allow: GET\r\n") }
        guard words[1].prefix(while: { $0 != "?" }) == "/metrics" else {
            return Self.response("404 Not Found", "It is at /metrics.\n")
        }
        return Self.response("200 OK", text())
    }

    private static func response(_ status: String, _ text: String, _ fields: String = "") -> [UInt8] {
        let head = """
            HTTP/1.0 \(status)\r
            Content-Type: text/plain; version=0.0.4; charset=utf-8\r
            Content-Length: \(text.utf8.count)\r
            \(fields)Connection: close\r
            \r

            """
        return Array((head + text).utf8)
    }
}
