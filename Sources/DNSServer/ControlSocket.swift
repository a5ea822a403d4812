public import DNS
public import Linux
import Synchronization

/// Bounds of a `ControlSocket`.
public struct ControlLimits: Sendable {
    /// Connections at once; others are told so and closed.
    public var connections = 16
    /// Octets of a request with its line's end.
    public var requestSize = 4096
    /// How long a client may take for its next request, and for taking the reply.
    public var patienceMilliseconds = 10_000

    public init() {}
}

/// Answers requests of programs on this machine: a line of JSON each, `{"request":"status"}`, and a line for
/// each answer. Each connection has a thread of its own, so that nobody waits for another, nor the server for any.
public final class ControlSocket: Sendable {
    /// What a request is answered with.
    public typealias Handler = @Sendable (_ request: JSON) -> JSON

    private let path: String
    private let listener: LocalSocket
    private let limits: ControlLimits
    private let handler: Handler
    private let open = Atomic(0)
    private let stopped: Wakeup

    /// Listens at a path, for this user only; see `LocalSocket.listen`. Answers nothing before `start`.
    public init(
        at path: String, limits: ControlLimits = ControlLimits(), handler: @escaping Handler
    ) throws(SystemError) {
        stopped = try Wakeup()
        listener = try LocalSocket.listen(at: path, backlog: Int32(clamping: limits.connections))
        self.path = path
        self.limits = limits
        self.handler = handler
    }

    public func start() throws(SystemError) {
        _ = try Linux.Thread(name: "control") { [self] in accept() }
    }

    /// Ends listening, and removes the socket's name.
    public func stop() {
        stopped.signal()
        File.remove(path)
    }

    private func accept() {
        guard var poller = try? Poller() else { return }
        try? poller.add(listener.socket.descriptor, .read, token: 0)
        try? poller.add(stopped.descriptor, .read, token: 1)
        while let count = try? poller.wait() {
            if (0..<count).contains(where: { poller.token($0) == 1 }) { return }
            do throws(SystemError) {
                while let client = try listener.accept() { serve(client) }
            } catch {
                // No descriptor or memory is left for it.
                Clock.sleep(milliseconds: 100)
            }
        }
    }

    private func serve(_ client: LocalSocket) {
        let connection = ControlConnection(client, patienceMilliseconds: limits.patienceMilliseconds)
        let isTooMany = open.add(1, ordering: .relaxed).newValue > limits.connections
        let thread =
            isTooMany
            ? nil
            : try? Linux.Thread(name: "control") { [self] in
                answer(connection)
                open.subtract(1, ordering: .relaxed)
            }
        if thread == nil {
            open.subtract(1, ordering: .relaxed)
            _ = connection.send(["error": "too many connections"])
        }
    }

    private func answer(_ connection: ControlConnection) {
        while let line = connection.receive(limit: limits.requestSize) {
            guard let request = JSON(parsing: line) else {
                _ = connection.send(["error": "a request is a line of JSON such as {\"request\":\"status\"}"])
                return
            }
            guard connection.send(handler(request)) else { return }
        }
    }
}

/// Lines of JSON over a local socket, as a client and the server see it.
public final class ControlConnection: Sendable {
    private let client: LocalSocket
    private let patienceMilliseconds: Int
    /// What came behind the last line.
    private let rest = Mutex<[UInt8]>([])

    init(_ client: LocalSocket, patienceMilliseconds: Int) {
        self.client = client
        self.patienceMilliseconds = patienceMilliseconds
    }

    /// Connects to the server at a path, and waits for its answers however long they take.
    public convenience init(to path: String) throws(SystemError) {
        self.init(try LocalSocket.connect(to: path), patienceMilliseconds: .max)
    }

    /// Sends a line; false where the other end is gone, or takes nothing for too long.
    public func send(_ line: JSON) -> Bool {
        let octets = Array((line.text + "\n").utf8)
        var sent = 0
        let start = Clock.milliseconds
        do throws(SystemError) {
            while sent < octets.count {
                if let count = try client.socket.send(octets.span.extracting(sent..<octets.count)) {
                    sent += count
                } else if !client.socket.wait(for: .write, milliseconds: patience(since: start)) {
                    return false
                }
            }
        } catch {
            return false
        }
        return true
    }

    /// The next line; nil where the other end is gone, is silent for too long, or says too much.
    public func receive(limit: Int) -> [UInt8]? {
        rest.withLock { rest in
            var looked = 0
            let start = Clock.milliseconds
            while true {
                if let end = rest[looked...].firstIndex(of: 0x0A) {
                    defer { rest.removeFirst(end + 1) }
                    return Array(rest[..<end])
                }
                looked = rest.count
                guard looked < limit, let more = receiveSome(patience(since: start)), !more.isEmpty else { return nil }
                rest += more
            }
        }
    }

    private func patience(since start: Int) -> Int { patienceMilliseconds - (Clock.milliseconds - start) }

    private func receiveSome(_ patience: Int) -> [UInt8]? {
        var octets = [UInt8](repeating: 0, count: 4096)
        var room = octets.mutableSpan
        guard client.socket.wait(for: .read, milliseconds: patience) else { return nil }
        guard let count = try? client.socket.receive(into: &room) else { return nil }
        return Array(octets.prefix(count))
    }
}
