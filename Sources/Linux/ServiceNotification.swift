import CLinux
import Glibc

/// What a service tells its manager (sd_notify(3)); without one nobody hears it.
public enum ServiceNotification {
    private static let patienceMilliseconds = 1_000

    /// - Parameter state: lines such as `READY=1`.
    public static func send(_ state: String) {
        guard let path = Environment["NOTIFY_SOCKET"] else { return }
        do throws(SystemError) {
            let socket = try LocalSocket.connect(to: path, datagrams: true).socket
            guard socket.wait(for: .write, milliseconds: patienceMilliseconds) else { return }
            _ = try socket.send(Array(state.utf8).span)
        } catch {
            // The manager is gone: there is nobody else to tell.
        }
    }

    /// All zones are read again; `READY=1` ends it.
    public static func reloading() {
        send("RELOADING=1\nMONOTONIC_USEC=\(Clock.nanoseconds / 1000)\nSTATUS=reading the zones again")
    }
}
