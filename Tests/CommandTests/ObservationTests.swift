import DNS
import Linux
import TestSupport
import Testing

/// What a running `minidns` shows of itself.
struct ObservationTests {
    private static func serve(_ directory: borrowing TemporaryDirectory, _ more: [String] = []) throws -> RunningCommand
    {
        try RunningCommand(
            ["--listen", "127.0.0.1:0", "--control", "control", "--state", "state"] + more, in: directory.path)
    }

    private static func run(
        _ directory: borrowing TemporaryDirectory, _ words: String...
    ) throws -> (ending: ChildProcess.Ending?, output: String, errors: String) {
        try RunningCommand.run(words + ["--control", "control"], in: directory.path)
    }

    private static func log(_ directory: borrowing TemporaryDirectory, _ name: String) -> [JSON] {
        let text = (try? File.read("\(directory.path)/\(name)", limit: 1 << 20).octets) ?? []
        return text.split(separator: 0x0A).map { JSON(parsing: $0) ?? .null }
    }

    @Test func switchesTheQueryLog() throws {
        let directory = try makeZones()
        var command = try Self.serve(directory, ["--query-log", "first", "--query-log-sample", "1"])
        let client = try DatagramClient(to: try #require(try command.addresses().first))
        #expect(try client.askOnce(Sample.query("example.test")) != nil)
        #expect(try Self.run(directory, "querylog", "off").ending == .exit(0))
        #expect(Self.log(directory, "first").map { $0["name"]?.string } == ["example.test."])
        #expect(try client.askOnce(Sample.query("unseen.example.test")) != nil)
        // As it was told at the start; then somewhere else.
        #expect(try Self.run(directory, "querylog", "on").ending == .exit(0))
        #expect(try client.askOnce(Sample.query("a.example.test")) != nil)
        #expect(try Self.run(directory, "querylog", "on", "--file", "second").ending == .exit(0))
        #expect(try client.askOnce(Sample.query("b.example.test")) != nil)
        #expect(try Self.run(directory, "querylog", "off", "--json").output == "{\"lost\":0}\n")
        #expect(Self.log(directory, "first").map { $0["name"]?.string } == ["example.test.", "a.example.test."])
        #expect(Self.log(directory, "second").map { $0["name"]?.string } == ["b.example.test."])
        let refused = try Self.run(directory, "querylog", "on", "--file", "/nowhere/log")
        #expect(refused.ending == .exit(69) && refused.errors.contains("open /nowhere/log: No such file"))
        #expect(try Self.run(directory, "querylog", "off", "--sample", "2").ending == .exit(64))
        #expect(try Self.run(directory, "querylog", "on", "--sample", "0").ending == .exit(64))
        #expect(try Self.run(directory, "querylog", "perhaps").ending == .exit(64))
    }

    /// A full disk takes no line, and the server goes on.
    @Test func loggingToAFullDisk() throws {
        let directory = try makeZones()
        var command = try Self.serve(directory, ["--query-log", "/dev/full"])
        let client = try DatagramClient(to: try #require(try command.addresses().first))
        for id in UInt16(0)..<3 { #expect(try client.askOnce(Sample.query("example.test", id: id)) != nil) }
        #expect(try command.sees("write /dev/full: No space left on device; lines of the query log are lost"))
        #expect(try client.askOnce(Sample.query("example.test", id: 9)) != nil)
        let off = try Self.run(directory, "querylog", "off")
        #expect(off.output == "4 lines were lost since the server's start\n")
    }

    @Test func statusCounts() throws {
        let directory = try makeZones()
        var command = try Self.serve(directory)
        let address = try #require(try command.addresses().first)
        _ = try DatagramClient(to: address).askOnce(Sample.query("example.test"))
        _ = try StreamClient(to: address).ask(Sample.query("nx.example.test"))
        // They are counted after they were answered.
        var status = ""
        let end = Clock.milliseconds + 10_000
        while !status.contains("queries      2") && Clock.milliseconds < end {
            status = try Self.run(directory, "status").output
        }
        #expect(
            status.contains(
                """


                queries      2, over TCP 1
                replies      2, not sent 0, truncated 0
                codes        NOERROR 1, NXDOMAIN 1
                connections  \("")
                """))
        let json = try JSON(parsing: Self.run(directory, "status", "--json").output.utf8)
        #expect(json?["counters"]?["udp"]?["codes"]?["NOERROR"] == .number(1))
        #expect(json?["counters"]?["tcp"]?["types"]?["SOA"] == .number(1))
    }

    @Test func metricsAreWhatPrometheusReads() throws {
        let directory = try makeZones()
        var command = try Self.serve(directory, ["--metrics", "127.0.0.1:0"])
        #expect(try command.sees("metrics are at http://127.0.0.1:"))
        let line = try #require(command.errors.split(separator: "\n").first { $0.contains("metrics are at") })
        let address = try #require(
            SocketAddress(line.split(separator: "http://")[1].prefix { $0 != "/" }, defaultPort: 1))
        let client = try DatagramClient(to: try #require(try command.addresses().first))
        for id in UInt16(0)..<7 { #expect(try client.askOnce(Sample.query("example.test", id: id)) != nil) }
        // They are counted after they were answered.
        var answer = ""
        let end = Clock.milliseconds + 10_000
        while !answer.contains("{transport=\"udp\"} 7\n") && Clock.milliseconds < end {
            answer = try Self.fetch(address)
        }
        let parts = answer.split(separator: "\r\n\r\n", maxSplits: 1)
        #expect(parts[0].contains("Content-Type: text/plain; version=0.0.4"))
        let samples = try Self.samples(of: String(parts[1]))
        #expect(samples["minidns_queries_total{transport=\"udp\"}"] == 7)
        #expect(samples["minidns_query_types_total{transport=\"udp\",type=\"SOA\"}"] == 7)
        #expect(samples["minidns_responses_total{rcode=\"NOERROR\",transport=\"udp\"}"] == 7)
        #expect(samples["minidns_zones{state=\"ok\"}"] == 1 && samples["minidns_tcp_connections"] == 0)
        #expect(samples["minidns_limits_reached_total{limit=\"connections\"}"] == 0)
        #expect((samples["process_start_time_seconds"] ?? 0) > 1_700_000_000)
    }

    private static func fetch(_ address: SocketAddress) throws -> String {
        let client = try StreamClient(to: address)
        try client.send(Array("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
        var octets: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while client.socket.wait(for: .read, milliseconds: 5_000) {
            var room = piece.mutableSpan
            guard let count = try client.socket.receive(into: &room), count > 0 else { break }
            octets += piece.prefix(count)
        }
        return String(decoding: octets, as: UTF8.self)
    }

    /// The samples of the text format, which is held to what Prometheus and its `promtool check metrics` want of it.
    private static func samples(of text: String) throws -> [String: Int] {
        var samples: [String: Int] = [:]
        var name = ""
        var kind = ""
        #expect(text.hasSuffix("\n") && !text.hasSuffix("\n\n"))
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            let words = line.split(separator: " ", maxSplits: 3)
            if line.hasPrefix("# HELP ") {
                name = String(words[2])
                #expect(words.count == 4 && samples.keys.allSatisfy { $0.prefix { $0 != "{" } != name })
                #expect(name.allSatisfy { $0.isLowercase || $0 == "_" })
            } else if line.hasPrefix("# TYPE ") {
                kind = String(words[3])
                #expect(words[2] == name && ["counter", "gauge"].contains(kind))
                #expect(name.hasSuffix("_total") == (kind == "counter"))
            } else {
                let pattern = #/([a-z_]+)(\{[a-z]+="[A-Za-z0-9_-]*"(,[a-z]+="[A-Za-z0-9_-]*")*\})? ([0-9]+)/#
                let match = try #require(try pattern.wholeMatch(in: line), "\(line)")
                #expect(match.1 == name)
                let former = samples.updateValue(try #require(Int(match.4)), forKey: String(match.1 + (match.2 ?? "")))
                #expect(former == nil)
            }
        }
        return samples
    }

    @Test func topShowsOneSecond() throws {
        let directory = try makeZones()
        var command = try Self.serve(directory)
        let address = try #require(try command.addresses().first)
        // The first call begins the sample.
        #expect(try Self.run(directory, "top", "--json").output.hasPrefix("{\"addresses\":[\"127.0.0.1:"))
        var top = try RunningCommand(["top", "--once", "--control", "control"], in: directory.path)
        let client = try DatagramClient(to: address)
        var hostile = Sample.query("xxxx.example.test", type: 1)
        hostile.replaceSubrange(13..<17, with: [0x1B, 0x5B, 0x32, 0x4A])
        var output: [UInt8] = []
        // As long as it looks.
        while output.isEmpty {
            for query in [Sample.query("example.test"), Sample.query("EXAMPLE.test"), hostile] {
                #expect(try client.ask(query) != nil)
            }
            output += try top.process.read(.output, milliseconds: 10) ?? []
        }
        while let more = try top.process.read(.output, milliseconds: 5_000), !more.isEmpty { output += more }
        #expect(top.end() == .exit(0))
        // Digits differ from one time to the other.
        let text = String(decoding: output, as: UTF8.self)
        let shape = text.replacing(#/ +/#, with: " ").replacing(#/[0-9]+/#, with: "#")
        #expect(
            shape == """
                minidns #.#.#.#:# up #:#:#

                queries #/s UDP #/s TCP #/s
                replies #/s truncated #/s not sent #/s
                connections # open #/s new
                limits none reached

                CODE TYPE
                NOERROR #/s SOA #/s
                NXDOMAIN #/s A #/s

                NAME CLIENT
                example.test. #.# % #.#.#.# #.# %
                \\#[#j.example.test. #.# %

                """)
        #expect(text.contains("127.0.0.1                          100.0 %") && text.contains("TCP 0/s"))
    }

    @Test func topWithoutAServer() throws {
        let directory = try TemporaryDirectory()
        #expect(try Self.run(directory, "top", "--once").ending == .exit(69))
    }
}
