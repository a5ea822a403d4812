import DNS
import Foundation
import Linux
import TestSupport
import Testing

/// `resolve --bulk` as a user runs it.
struct BulkCommandTests {
    /// Runs it with lines on standard input against a server of the sample zones.
    private static func run(_ lines: String, _ options: String, after: String = "") throws -> ResolveRun {
        let zones = TestData.root.deletingLastPathComponent().appending(path: "zones").path()
        var server = try RunningCommand(["--listen", "127.0.0.1:0", zones])
        let address = try #require(try server.addresses().first)
        let script = "printf '\(lines)' | \(ResolveRun.path) --bulk @\(address) \(options) \(after)"
        return try ResolveRun(script: "", wrapped: script)
    }

    /// What each line of the output is about.
    private static func summary(_ run: ResolveRun) throws -> [String] {
        try run.output.split(separator: "\n").map { line in
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let own = try #require(object["resolve"] as? [String: Any])
            guard let name = object["QNAME"] else { return "line \(own["line"] ?? "") \(own["error"] ?? "")" }
            let values = (object["answerRRs"] as? [[String: Any]] ?? []).compactMap { record in
                record.first { $0.key.hasPrefix("rdata") && $0.key != "RDATAHEX" }.map { "\($0.value)" }
            }
            return
                "\(name) \(object["QTYPE"] ?? "") \(object["RCODE"] ?? own["error"] ?? "") \(values.joined(separator: ", "))"
        }
    }

    private static let lines =
        #"www.example.test\n\n# comment\nexample.test mx txt\nno..name\nNope.example.test AAAA\n"#

    private static let expected = [
        "www.example.test. 1 0 192.0.2.80",
        "example.test. 15 0 10 mail.example.test., 20 backup.mail.example.test.",
        "example.test. 16 0 \"v=spf1 mx -all\"",
        "line 5 no..name is not a name: a label of a name must not be empty (two dots in a row, or a leading dot)",
        "Nope.example.test. 28 3 ",
        "www.example.test. 1 0 192.0.2.80",
    ]

    @Test func resultsStandInTheOrderOfTheLines() throws {
        let run = try Self.run(Self.lines + "www.example.test", "")
        #expect(try Self.summary(run) == Self.expected)
        #expect(run.transcript.hasSuffix("=> 64\n") && run.errors.contains("NOERROR 4, NXDOMAIN 1, 1 bad lines"))
    }

    @Test func linesMayBeSkipped() throws {
        let run = try Self.run(Self.lines + "192.0.2.80", "--skip 5")
        #expect(
            try Self.summary(run) == ["Nope.example.test. 28 3 ", "80.2.0.192.in-addr.arpa. 12 0 www.example.test."])
        #expect(run.transcript.hasSuffix("=> 0\n"))
    }

    @Test func resultsMayComeInAnyOrder() throws {
        let run = try Self.run(Self.lines + "www.example.test", "--as-they-come")
        #expect(try Self.summary(run).sorted() == Self.expected.sorted())
    }

    @Test func manyNamesOfAFileStayInOrder() throws {
        let directory = try TemporaryDirectory()
        let names = (0..<20_000).map { "n\($0).example.test." }
        try directory.write("names", names.joined(separator: "\n"))
        let run = try Self.run("", "\(directory.path)/names")
        #expect(try Self.summary(run) == names.map { "\($0) 1 3 " })
        #expect(run.transcript.hasSuffix("=> 0\n"))
    }

    /// What is left of a line that is too long is not taken for names.
    @Test func aLineMayBeOfAnyLength() throws {
        let directory = try TemporaryDirectory()
        let long = String(repeating: "a", count: (256 << 10) - 5) + " www.example.test a "
        try directory.write("names", "a.test\n\n\(long)\nb.test\n\(long)")
        let run = try Self.run("", "\(directory.path)/names")
        let expected = [3, 5].map { "line \($0) a line must have at most 4096 octets" }
        let summary = try Self.summary(run)
        #expect(summary == ["a.test. 1 3 ", expected[0], "b.test. 1 3 ", expected[1]])
    }

    @Test func namesMayBeInternationalisedAndSpecial() throws {
        let run = try Self.run(#"BÜCHER.example.test mx\na·b.test\nxn--bcher-kva.example.test\n"#, "")
        #expect(
            try Self.summary(run) == [
                "xn--bcher-kva.example.test. 15 3 ",
                "line 2 a\\194\\183b.test is not a lawful internationalised name; --no-idn asks for its octets",
                "xn--bcher-kva.example.test. 1 3 ",
            ])
        // Without a server of one's own, nobody is asked for what every resolver knows.
        let special = try ResolveRun(
            script: "", wrapped: "printf 'a.onion\\nlocalhost aaaa\\n' | \(ResolveRun.path) --bulk")
        #expect(try Self.summary(special) == ["a.onion. 1 3 ", "localhost. 28 0 ::1"])
        #expect(special.output.contains("\"server\":null,\"transport\":null"))
    }

    @Test func aNameWithoutReplyIsToldInItsPlace() throws {
        let server = try FakeServer { query in
            query.message.questions.first?.name.labels.count == 1 ? [] : [.reply(query.response(.nameError))]
        }
        defer { server.stop() }
        let script =
            "printf 'a.test\\nsilent\\nb.test\\n' | \(ResolveRun.path) --bulk --timeout 0.1 --tries 2 @\(server.address)"
        let run = try ResolveRun(script: "", wrapped: script)
        #expect(try Self.summary(run) == ["a.test. 1 3 ", "silent. 1 no usable reply ", "b.test. 1 3 "])
        #expect(run.transcript.hasSuffix("=> 4\n"))
    }

    /// A line is done when all its questions are.
    @Test(arguments: [("a.test\n\nb.test\nsilent\nc.test\n", 2), ("a.test\n\nb.test\nc.test a txt\nd.test\n", 3)])
    func anInterruptionSaysWhereToGoOn(lines: String, printed: Int) throws {
        let server = try FakeServer { query in
            let question = query.message.questions.first
            return question?.name.labels.count == 1 || question?.type == .txt
                ? [] : [.reply(query.response(.nameError))]
        }
        defer { server.stop() }
        let directory = try TemporaryDirectory()
        try directory.write("names", lines)
        let words = ["--bulk", "--timeout", "60", "@\(server.address)", "\(directory.path)/names"]
        var process = try ChildProcess(ResolveRun.path, words)
        // The first lines are written before long, and then it waits.
        var output: [UInt8] = []
        while output.count(where: { $0 == 0x0A }) < printed {
            let piece = try #require(try process.read(.output, milliseconds: 10_000))
            try #require(!piece.isEmpty)
            output += piece
        }
        process.send(signal: 2)
        #expect(process.wait(milliseconds: 10_000) == .exit(130))
        let errors = String(decoding: try process.read(.errors, milliseconds: 1_000) ?? [], as: UTF8.self)
        #expect(errors.contains("interrupted; to go on: --skip 3"), "\(errors)")
    }

    @Test func wrongUsageIsTold() throws {
        let others = [
            "--trace", "--diff", "--search", "--axfr a", "--ixfr 1", "--expect a", "--wire", "--short", "axfr",
        ]
        for words in ["--bulk one two", "--bulk --name a", "--bulk --skip -1 a", "--skip 1 a", "--as-they-come a"]
            + others.map({ "--bulk \($0)" })
        {
            #expect(try ResolveRun(script: words).transcript.hasSuffix("=> 64\n"), "\(words)")
        }
        #expect(try ResolveRun(script: "--bulk @127.0.0.1 /nowhere/names").transcript.hasSuffix("=> 6\n"))
    }

    @Test func whatIsMissingHereIsAFailureAndAClosedPipeIsNot() throws {
        let full = try Self.run(Self.lines, "", after: "> /dev/full")
        #expect(full.transcript.contains("No space left on device") && full.transcript.hasSuffix("=> 6\n"))
        let exhausted = "echo a.test | { ulimit -n 20; \(ResolveRun.path) --bulk @127.0.0.1:1; }"
        #expect(try ResolveRun(script: "", wrapped: exhausted).transcript.hasSuffix("=> 6\n"))
        let closed = try Self.run(Self.lines, "", after: "| true; echo $?")
        #expect(closed.errors.isEmpty || closed.errors.contains("a second"))
    }

    @Test func thePlaygroundSaysWhatToType() throws {
        let zones = TestData.root.deletingLastPathComponent().appending(path: "zones").path()
        var command = try RunningCommand(["playground", "--port", "0", zones])
        let octets = try #require(try command.process.read(.output, milliseconds: 10_000))
        let text = String(decoding: octets, as: UTF8.self)
        #expect(text.contains(".  127.0.0.2:") || text.contains(" 127.0.0.2:"), "\(text)")
        #expect(text.contains("resolve --trace @127.0.0.2:") && text.contains(" www.news.example.test.\n"))
        command.process.send(signal: 15)
        #expect(command.end() == .exit(0))
    }
}
