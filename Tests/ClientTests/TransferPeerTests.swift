import DNS
import DNSClient
import DNSSecurity
import Linux
import TestSupport
import Testing

/// Signed lookups and transfers from BIND, Knot and NSD on loopback, where they are installed.
struct TransferPeerTests {
    private static let zone = try! Name("example.test")
    private static let secret = Array("0123456789abcdef".utf8)
    private static let base64 = "MDEyMzQ1Njc4OWFiY2RlZg=="
    /// Octets enough for several messages.
    private static let count = 1_200

    private static func text(_ serial: Int, _ lines: String...) -> String {
        let soa = "$ORIGIN example.test.\n@ 3600 IN SOA ns hostmaster \(serial) 3600 600 86400 60"
        let many = (0..<count).map { "n\($0) 300 IN TXT \"\(String(repeating: "x", count: 100))\"" }
        return ([soa, "@ 3600 IN NS ns", "ns 3600 IN A 192.0.2.1"] + lines + many).joined(separator: "\n") + "\n"
    }

    private static let versions = [
        text(1, "www 300 IN A 192.0.2.80", "www 300 IN A 192.0.2.81", "ttl 300 IN A 192.0.2.5"),
        text(2, "www 300 IN A 192.0.2.80", "www 300 IN A 192.0.2.82", "ttl 600 IN A 192.0.2.5"),
        text(3, "www 300 IN A 192.0.2.80", "ttl 600 IN A 192.0.2.5", "new 300 IN TXT \"new\""),
    ]
    private static let changes = [
        "~ example.test. SOA serial 1 to 2", "- www.example.test. 300 IN A 192.0.2.81",
        "+ www.example.test. 300 IN A 192.0.2.82", "~ ttl.example.test. A TTL 300 to 600",
        "~ example.test. SOA serial 2 to 3", "- www.example.test. 300 IN A 192.0.2.82",
        "+ new.example.test. 300 IN TXT \"new\"",
    ]

    private static func signer(_ key: TSIGKey, ahead: Int = 0) -> TSIGSigner {
        TSIGSigner(key) { Clock.microsecondsSince1970 / 1_000_000 + ahead }
    }

    /// A key that the peers have, named after its algorithm.
    private static func key(_ algorithm: TSIGAlgorithm) throws -> TSIGKey {
        TSIGKey(name: try Name("\(algorithm)"), algorithm: algorithm, secret: secret)
    }

    private static func resolver(_ port: UInt16, _ signer: TSIGSigner) -> Resolver {
        var configuration = ResolverConfiguration.patient(.loopback(.ipv4, port: port))
        configuration.signer = signer
        return Resolver(configuration: configuration)
    }

    /// Waits until the server has a version.
    private static func wait(for serial: Int, at port: UInt16) async throws {
        let end = Clock.milliseconds + 20_000
        while Clock.milliseconds < end {
            let reply = try? await resolver(port, signer(key(.sha256))).query(Question(zone, .soa))
            if reply?.records.first.flatMap({ SOA($0.data) })?.serial.value == UInt32(serial) { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("serial \(serial) is not there")
    }

    /// The lines of what came, or the number of records.
    private static func fetch(_ port: UInt16, since: UInt32?, _ signer: TSIGSigner) async throws -> [String] {
        var options = TransferOptions()
        options.signer = signer
        var lines: [String] = []
        var count = 0
        let transfer = Transfer(
            of: zone, since: since.map(SerialNumber.init), from: .loopback(.ipv4, port: port), options: options)
        for try await batch in transfer {
            switch batch.content {
            case .records(let records): count += records.count
            case .differences(let steps): lines += steps.flatMap(\.changes).flatMap(\.lines)
            case .upToDate: lines.append("up to date")
            }
        }
        return count > 0 ? ["\(count) records"] : lines
    }

    /// The first sentence of what is wrong with a signature; nil where nothing is.
    private static func complaint(_ port: UInt16, _ signer: TSIGSigner) async -> String? {
        do throws(ResolverError) {
            _ = try await resolver(port, signer).query(Question(zone, .soa))
            return nil
        } catch {
            return error.notes.first.map { String("\($0.reason)".prefix { $0 != ":" }) }
        }
    }

    private static func check(_ port: UInt16, _ algorithms: [TSIGAlgorithm]) async throws {
        for algorithm in algorithms {
            #expect(await complaint(port, signer(try key(algorithm))) == nil, "\(algorithm)")
            let records = try await fetch(port, since: nil, signer(key(algorithm)))
            #expect(records.first?.hasSuffix(" records") == true, "\(algorithm)")
        }
        let known = try key(.sha256)
        let wrong = TSIGKey(name: known.name, secret: [1])
        #expect(await complaint(port, signer(wrong)) == "BADSIG")
        #expect(await complaint(port, signer(TSIGKey(name: try Name("unknown"), secret: [1]))) == "BADKEY")
        #expect(await complaint(port, signer(known, ahead: 1_000))?.hasPrefix("BADTIME") == true)
        await #expect(throws: TransferError.signature(.refused(error: 16))) {
            try await fetch(port, since: nil, signer(wrong))
        }
    }

    private static func checkIncrements(
        _ port: UInt16, _ directory: borrowing TemporaryDirectory, _ process: borrowing ChildProcess
    ) async throws {
        try await wait(for: 1, at: port)
        for (index, version) in versions.enumerated().dropFirst() {
            // Servers compare times in seconds.
            try await Task.sleep(for: .milliseconds(1_100))
            try directory.write("example.test.zone", version)
            process.send(signal: 1)
            try await wait(for: index + 1, at: port)
        }
        let signer = try signer(key(.sha256))
        #expect(Set(try await fetch(port, since: 1, signer)) == Set(changes))
        #expect(Set(try await fetch(port, since: 2, signer)) == Set(changes.suffix(3)))
        #expect(try await fetch(port, since: 3, signer) == ["up to date"])
        #expect(try await fetch(port, since: 1_000, signer).first != nil)
        #expect(try await fetch(port, since: nil, signer) == ["\(count + 6) records"])
    }

    /// It sends a message a record.
    @Test(.enabled(if: PeerTests.isThere("named"), "BIND is not installed: apt-get install bind9"))
    func bind() async throws {
        let directory = try TemporaryDirectory()
        let port = try PeerTests.port()
        let algorithms = TSIGAlgorithm.allCases
        let keys = algorithms.map { algorithm in
            "key \"\(algorithm)\" { algorithm \(algorithm.rawValue.prefix { $0 != "." }); secret \"\(Self.base64)\"; };"
        }
        try directory.write("example.test.zone", Self.versions[0])
        try directory.write(
            "named.conf",
            """
            \(keys.joined(separator: "\n"))
            options {
                directory "\(directory.path)"; pid-file none; lock-file none; session-keyfile none;
                listen-on port \(port) { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; dnssec-validation no;
                allow-query { \(algorithms.map { "key \"\($0)\"; " }.joined()) };
                allow-transfer { \(algorithms.map { "key \"\($0)\"; " }.joined()) }; transfer-format one-answer;
            };
            controls { };
            zone "example.test" {
                type primary; file "example.test.zone"; ixfr-from-differences yes; max-ixfr-ratio unlimited;
            };
            """)
        let process = try ChildProcess(
            PeerTests.path("named"), ["-g", "-n", "1", "-c", "\(directory.path)/named.conf"])
        try await Self.checkIncrements(port, directory, process)
        try await Self.check(port, algorithms)
        process.send(signal: 9)
    }

    @Test(.enabled(if: PeerTests.isThere("knotd"), "Knot DNS is not installed: apt-get install knot"))
    func knot() async throws {
        let directory = try TemporaryDirectory()
        let port = try PeerTests.port()
        let algorithms = TSIGAlgorithm.allCases
        let keys = algorithms.map { algorithm in
            "  - id: \(algorithm)\n    algorithm: \(algorithm.rawValue.prefix { $0 != "." })\n    secret: \(Self.base64)"
        }
        try directory.write("example.test.zone", Self.versions[0])
        try directory.write(
            "knot.conf",
            """
            server:
                listen: 127.0.0.1@\(port)
                rundir: \(directory.path)
            database:
                storage: \(directory.path)
            key:
            \(keys.joined(separator: "\n"))
            acl:
              - id: transfer
                key: [\(algorithms.map { "\($0)" }.joined(separator: ", "))]
                action: transfer
            zone:
              - domain: example.test
                storage: \(directory.path)
                file: example.test.zone
                zonefile-load: difference
                zonefile-sync: -1
                journal-content: all
                acl: transfer
            """)
        let process = try ChildProcess(PeerTests.path("knotd"), ["-c", "\(directory.path)/knot.conf"])
        try await Self.checkIncrements(port, directory, process)
        try await Self.check(port, algorithms)
        process.send(signal: 9)
    }

    /// It signs few of the messages of a transfer.
    @Test(.enabled(if: PeerTests.isThere("nsd"), "NSD is not installed: apt-get install nsd"))
    func nsd() async throws {
        let directory = try TemporaryDirectory()
        let port = try PeerTests.port()
        let algorithms = TSIGAlgorithm.allCases
        let keys = algorithms.map { algorithm in
            """
            key:
                name: "\(algorithm)"
                algorithm: \(algorithm.rawValue.prefix { $0 != "." })
                secret: "\(Self.base64)"
            """
        }
        try directory.write("example.test.zone", Self.versions[0])
        try directory.write(
            "nsd.conf",
            """
            server:
                ip-address: 127.0.0.1@\(port)
                username: ""
                database: ""
                pidfile: ""
                zonesdir: "\(directory.path)"
                xfrdir: "\(directory.path)"
                zonelistfile: "\(directory.path)/zone.list"
                xfrdfile: "\(directory.path)/xfrd.state"
            remote-control:
                control-enable: no
            \(keys.joined(separator: "\n"))
            zone:
                name: "example.test"
                zonefile: "example.test.zone"
            \(algorithms.map { "    provide-xfr: 127.0.0.0/8 \($0)" }.joined(separator: "\n"))
            """)
        let process = try ChildProcess(PeerTests.path("nsd"), ["-d", "-c", "\(directory.path)/nsd.conf"])
        try await Self.wait(for: 1, at: port)
        let records = try await Self.fetch(port, since: nil, Self.signer(Self.key(.sha256)))
        #expect(records == ["\(Self.count + 6) records"])
        try await Self.check(port, algorithms)
        process.send(signal: 9)
    }
}
