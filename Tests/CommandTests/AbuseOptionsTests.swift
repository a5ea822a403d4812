import Linux
import TestSupport
import Testing

struct AbuseOptionsTests {
    private static let secret = "e5e973e5a6b2a43f48e7dc849e37bfcf"

    /// Options, what their file says, and the error.
    @Test(arguments: [
        (["--allow", "192.0.2.1/24"], "", "192.0.2.0/24 is meant"),
        (["--deny", "localhost"], "", "'localhost' is no prefix"),
        (["--allow-transfer", "192.0.2.1,::/129"], "", "'::/129'"),
        (["--deny-transfer", "@nowhere"], "", "nowhere"),
        (["--allow", "@list"], "# nobody\n", "--allow names no prefix"),
        (["--allow", "@list"], "192.0.2.0/24 # one\n\n::1, 192.0.2.0/33\n", "list:3: '192.0.2.0/33'"),
        (["--cookie-secrets", "list"], "", "one or two secrets"),
        (["--cookie-secrets", "list"], "\(secret)\n\(secret)\n\(secret)\n", "one or two secrets"),
        (["--cookie-secrets", "list"], "\(secret)0\n", "one or two secrets"),
        (["--cookie-secrets", "list"], "g\(secret.dropFirst())\n", "one or two secrets"),
    ])
    func refuses(_ options: [String], _ list: String, _ message: String) throws {
        let directory = try makeZones()
        try directory.write("list", list)
        let result = try RunningCommand.run(["serve", "--listen", "127.0.0.1:0"] + options, in: directory.path)
        #expect(result.ending == .exit(options.contains("@nowhere") ? 71 : 64))
        #expect(result.errors.contains(message), "\(result.errors)")
    }

    /// Whom which options let ask, and have the zone: 127.1.2.3, 127.2.2.3.
    @Test(
        arguments: [
            ([], [true, true], [true, true]),
            (["--deny", "127.1.0.0/16,192.0.2.1"], [false, true], [false, true]),
            (["--allow", "@list", "--deny", "::1"], [true, false], [true, false]),
            (["--allow-transfer", "127.2.2.3"], [true, true], [false, true]),
            (["--deny-transfer", "127.2.2.3"], [true, true], [true, false]),
            (["--allow-transfer", "192.0.2.0/24", "--allow-transfer", "@list"], [true, true], [true, false]),
        ] as [([String], [Bool], [Bool])])
    func decides(_ options: [String], _ mayAsk: [Bool], _ mayTransfer: [Bool]) throws {
        let directory = try makeZones(serial: 5)
        try directory.write("list", "# The first network\n127.1.0.0/16\n\n2001:db8::/32,192.0.2.9\n")
        var command = try RunningCommand(["serve", "--listen", "127.0.0.1:0"] + options, in: directory.path)
        let address = try #require(try command.addresses().first)
        for (index, host) in ["127.1.2.3", "127.2.2.3"].enumerated() {
            let source = try #require(SocketAddress(host: host, port: 0))
            let datagrams = try DatagramClient(to: address, from: source)
            #expect(try datagrams.ask(Sample.query("example.test")).flatMap(Sample.serial) == (mayAsk[index] ? 5 : nil))
            let stream = try StreamClient(to: address, from: source)
            let transfer = try stream.ask(Sample.query("example.test", type: 252))
            #expect(transfer.flatMap(Sample.serial) == (mayTransfer[index] ? 5 : nil))
        }
    }

    /// Two servers that share their secrets take each other's cookies, though one has another first.
    @Test func serversShareCookies() throws {
        let directory = try makeZones()
        try directory.write("one", "\(Self.secret)\n")
        try directory.write("two", "# Soon\n445536bcd2513298075a5d379663c962\n\(Self.secret)\n")
        let query = Sample.query("example.test")
        func asking(_ cookie: [UInt8]) -> [UInt8] {
            let option: [UInt8] = [0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, UInt8(cookie.count + 4), 0, 10, 0]
            var query = query
            query[11] = 1
            return query + option + [UInt8(cookie.count)] + cookie
        }
        func ask(_ cookie: [UInt8], secrets: String) throws -> [UInt8] {
            var command = try RunningCommand(
                ["serve", "--listen", "127.0.0.1:0", "--require-cookies", "--cookie-secrets", secrets],
                in: directory.path)
            let client = try DatagramClient(to: try #require(try command.addresses().first))
            return try #require(try client.ask(asking(cookie)))
        }
        // BADCOOKIE is 23: 7 in the header, 1 in OPT.
        let first = try ask([1, 2, 3, 4, 5, 6, 7, 8], secrets: "one")
        #expect(first[3] & 15 == 7 && first[7] == 0)
        let second = try ask(Array(first.suffix(24)), secrets: "two")
        #expect(second[3] & 15 == 0 && second[7] == 1)
        // The other way, the newer secret is not yet known.
        #expect(try ask(Array(second.suffix(24)), secrets: "one")[3] & 15 == 7)
    }

    @Test func theRateLimitCanBeSet() throws {
        let directory = try makeZones()
        for (options, answers) in [
            (["--rate-limit", "5"], 5...15), (["--rate-limit", "5", "--no-rate-limit"], 40...40),
        ] {
            var command = try RunningCommand(
                ["serve", "--listen", "127.0.0.1:0", "--rate-limit-loopback", "--rate-limit-slip", "0"] + options,
                in: directory.path)
            let client = try DatagramClient(to: try #require(try command.addresses().first))
            for id in UInt16(0)..<40 { try client.send(Sample.query("example.test", id: id)) }
            var received = 0
            while try client.receive(milliseconds: 200) != nil { received += 1 }
            #expect(answers.contains(received))
        }
    }

    /// Files that say who gets answers are read again with the zones; what cannot be understood changes nothing.
    @Test func aReloadReadsFilesAgain() throws {
        let directory = try makeZones(serial: 5)
        try directory.write("list", "127.1.0.0/16\n")
        let socket = directory.path + "/control"
        var command = try RunningCommand(
            ["serve", "--listen", "127.0.0.1:0", "--control", socket, "--deny", "@list"], in: directory.path)
        let address = try #require(try command.addresses().first)
        func isAnswered(_ host: String) throws -> Bool {
            let source = try #require(SocketAddress(host: host, port: 0))
            let client = try DatagramClient(to: address, from: source)
            return try client.ask(Sample.query("example.test")).flatMap(Sample.serial) == 5
        }
        func reload() throws -> (ending: ChildProcess.Ending?, output: String, errors: String) {
            try RunningCommand.run(["reload", "--control", socket], in: directory.path)
        }
        #expect(try !isAnswered("127.1.2.3") && isAnswered("127.2.2.3"))
        // As an editor does: a new file takes its place.
        try directory.write("new", "127.2.0.0/16\n")
        try directory.run("mv new list")
        #expect(try reload().ending == .exit(0))
        #expect(try isAnswered("127.1.2.3") && !isAnswered("127.2.2.3"))
        try directory.write("list", "127.1.0.0/8\n")
        let refused = try reload()
        #expect(refused.ending != .exit(0) && refused.errors.contains("list:1:"), "\(refused)")
        #expect(try isAnswered("127.1.2.3") && !isAnswered("127.2.2.3"))
    }
}
