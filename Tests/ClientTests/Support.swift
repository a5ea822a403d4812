import DNS
import DNSClient
import DNSServer
import Linux
import Testing

extension ResolverConfiguration {
    /// Short times: nothing but a fault makes a test wait.
    static func test(_ servers: SocketAddress..., tries: Int = 2) -> ResolverConfiguration {
        var configuration = ResolverConfiguration(servers: servers)
        configuration.timeout = .milliseconds(150)
        configuration.tries = tries
        configuration.deadline = .seconds(5)
        return configuration
    }

    /// For what must arrive, on a machine as busy as it may be.
    static func patient(_ servers: SocketAddress...) -> ResolverConfiguration {
        var configuration = ResolverConfiguration(servers: servers)
        configuration.timeout = .seconds(5)
        configuration.familyDelay = .seconds(5)
        configuration.deadline = .seconds(20)
        return configuration
    }
}

let question = Question(try! Name("www.example.test"), .a)
let record = "www.example.test. 60 IN A 192.0.2.1"

/// The error of a query; nil where it is answered.
func failure(of resolver: Resolver, _ question: Question = question) async -> ResolverError? {
    do throws(ResolverError) {
        _ = try await resolver.query(question)
        return nil
    } catch {
        return error
    }
}

/// A server that serves one zone, which stops with its owner.
struct RunningServer: ~Copyable {
    let server: Server
    let address: SocketAddress

    init(origin: String, _ zone: String) throws {
        let server = try Server(binding: [.loopback(.ipv4, port: 0)], workers: 1)
        let loaded = ZoneLoader.load(path: "\(origin).zone", origin: try Name(origin), seed: 1) { _ in
            .success(Array(zone.utf8))
        }
        try server.start(serving: Database(zones: [try #require(loaded.zone)], unavailable: [], seed: 1))
        self.server = server
        address = server.addresses[0]
    }

    deinit {
        server.stop()
    }
}
