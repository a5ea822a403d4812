import DNS
import DNSServer
import Linux
import TestSupport
import Testing

struct ControlSocketTests {
    /// Who says a request, or takes a reply, a little at a time has no more time for it than others.
    @Test(arguments: ["", "{}\n"])
    func whoIsSlowIsClosed(request: String) throws {
        let directory = try TemporaryDirectory()
        var limits = ControlLimits()
        limits.patienceMilliseconds = 500
        let path = "\(directory.path)/control"
        let server = try ControlSocket(at: path, limits: limits) { _ in
            .string(String(repeating: "x", count: 4 << 20))
        }
        try server.start()
        let client = try LocalSocket.connect(to: path)
        let (octets, blank) = (Array(request.utf8), [0x20] as [UInt8])
        _ = try client.socket.send(octets.span)
        let start = Clock.milliseconds
        var piece = [UInt8](repeating: 0, count: 1_024)
        var isOpen = true
        while isOpen, Clock.milliseconds - start < 5_000 {
            var room = piece.mutableSpan
            let hasSent = !octets.isEmpty || (try? client.socket.send(blank.span)) != nil
            isOpen = hasSent && (try? client.socket.receive(into: &room)) != 0
            Clock.sleep(milliseconds: 5)
        }
        #expect((450..<5_000).contains(Clock.milliseconds - start))
        server.stop()
    }
}
