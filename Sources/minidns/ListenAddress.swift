import ArgumentParser
import DNSServer
import Linux
import Logging

/// An address to listen on, as it is written on the command line.
struct ListenAddress: ExpressibleByArgument, Hashable, Sendable {
    let address: SocketAddress

    /// High enough for everybody to bind.
    static let defaultPort: UInt16 = 5353
    static let defaults = [SocketAddress.Family.ipv4, .ipv6].map { SocketAddress.loopback($0, port: defaultPort) }

    init?(argument: String) {
        guard let address = SocketAddress(argument, defaultPort: Self.defaultPort) else { return nil }
        self.address = address
    }

    /// Binds the addresses that the user named, all of them; or those of the defaults that the
    /// machine has.
    static func bind(
        _ named: [ListenAddress], workers: Int?, limits: ServerLimits, logger: Logger
    ) throws -> Server {
        var addresses = named.isEmpty ? defaults : named.map(\.address)
        while true {
            do throws(BindError) {
                return try Server(binding: addresses, workers: workers, limits: limits, logger: logger)
            } catch {
                guard named.isEmpty && error.isAbsent && addresses.count > 1 else {
                    throw Failure(status: .systemRefused, message: "\(error)\n\(advice(error))")
                }
                logger.notice("this machine has no \(error.address.host): not listening there")
                addresses.removeAll { $0 == error.address }
            }
        }
    }

    private static func advice(_ error: BindError) -> String {
        let port = error.address.port
        let another = error.address.with(port: port == 5300 ? 5301 : 5300)
        let choose = "Choose another port: minidns serve --listen \(another)"
        if error.isTaken {
            let multicast = port == 5353 ? ", or multicast DNS (avahi-daemon, systemd-resolved), which uses 5353" : ""
            return """
                Another program has this port: maybe another minidns\(multicast). See which: ss -tulpn 'sport = :\(port)'
                \(choose)
                """
        }
        if error.isForbidden {
            return
                "Ports below 1024 are for root (who gives --user NAME too), or for programs with CAP_NET_BIND_SERVICE.\n\(choose)"
        }
        if error.isAbsent {
            return "This machine has no such address (see: ip address). --freebind waits for it to come."
        }
        return choose
    }
}
