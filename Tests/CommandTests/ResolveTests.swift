import DNS
import Linux
import TestSupport
import Testing

/// Runs of `resolve` as data: `$` and the command line, what stands on standard output, `!` and what stands on
/// standard error, `=>` and the exit code.
///
/// SERVER is a minidns that serves the zones beside the cases, FAKE a server that does what the first label says, with
/// HOST and PORT for the two parts of SERVER. Times are masked.
struct ResolveTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var line: String
        var expected = ""

        var testDescription: String { line }
    }

    private static let folder: String = {
        "\(#filePath)".split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/Resolve"
    }()

    static func cases(_ file: String) throws -> [Case] {
        let text = String(decoding: try File.read("\(folder)/\(file)", limit: 1 << 20).octets, as: UTF8.self)
        var cases: [Case] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) where !line.hasPrefix("#") {
            if line.hasPrefix("$ resolve") {
                cases.append(Case(line: String(line.dropFirst("$ resolve".count))))
            } else if !cases.isEmpty {
                cases[cases.count - 1].expected += line + "\n"
            }
        }
        return cases
    }

    @Test(arguments: [
        "answers.cases", "failures.cases", "usage.cases", "views.cases", "queries.cases", "expect.cases", "names.cases",
        "diff.cases", "transfer.cases",
    ])
    func runs(file: String) throws {
        var server = try RunningCommand(["--no-cookies", "--listen", "127.0.0.1:0", Self.folder])
        let address = try #require(try server.addresses().first)
        let fake = try FakeServer(Self.react)
        defer { fake.stop() }
        let cases = try Self.cases(file)
        #expect(cases.count > 5)
        for one in cases {
            var line = one.line.replacing("SERVER", with: "\(address)").replacing("FAKE", with: "\(fake.address)")
            line = line.replacing("HOST", with: address.host).replacing("PORT", with: "\(address.port)")
            let result = try ResolveRun(Self.words(line))
            let text = result.transcript.replacing("\(address)", with: "SERVER")
                .replacing("\(fake.address)", with: "FAKE").trimmed
            #expect(text == one.expected.trimmed, "resolve\(one.line)\n\(text)")
        }
    }

    /// The lines of idna.txt say what is asked for, and what is shown.
    @Test func internationalisedNamesAreAsJudged() throws {
        let server = try FakeServer { [.reply($0.response(.nameError))] }
        defer { server.stop() }
        let text = String(decoding: try File.read("\(Self.folder)/idna.txt", limit: 1 << 20).octets, as: UTF8.self)
        // A mark makes one character with the blank before it.
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
            .map { $0.utf8.split(separator: 0x20).map { String($0) ?? "" } }
        let typed = lines.filter { $0[0] != "!" }
        let directory = try TemporaryDirectory()
        try directory.write("names", typed.map { $0[1] + "\n" }.joined())
        let asked = try ResolveRun(["--bulk", "@\(server.address)", "\(directory.path)/names"])
        let objects = asked.output.split(separator: "\n")
        #expect(objects.count == typed.count && typed.count > 400)
        for (line, object) in zip(typed, objects) {
            let expected = line[0] == "x" ? " is not a lawful internationalised name" : "\"QNAME\":\"\(line[2]).\""
            #expect(object.contains(expected), "\(line)")
        }
        let coded = lines.filter { $0[0] == "=" || $0[0] == "!" }
        let options = ["@\(server.address)", "--idn", "+noall", "+question"]
        let shown = try ResolveRun(options + coded.compactMap(\.last))
        let headlines = shown.output.split(separator: "\n")
        #expect(headlines.count == coded.count)
        for (line, headline) in zip(coded, headlines) {
            #expect(headline.utf8.starts(with: "; \(line[1]). IN A: ".utf8), "\(line) \(headline)")
        }
    }

    /// Words, with blanks where they are quoted.
    private static func words(_ line: String) -> [String] {
        line.split(separator: "'", omittingEmptySubsequences: false).enumerated().flatMap { index, part in
            index % 2 == 1 ? [String(part)] : part.split(separator: " ").map(String.init)
        }
    }

    /// Servers of a hierarchy, each with its own address and all with one port.
    @Test func traces() throws {
        let hierarchy = Self.folder + "/Hierarchy"
        var (servers, port): ([RunningCommandBox], UInt16) = ([], 0)
        let zones = [["root"], ["test"], ["other", "lame", "b.test"]]
        // The port may be taken at one of the others.
        for _ in 0..<10 where servers.count < zones.count {
            (servers, port) = ([], 0)
            for (index, names) in zones.enumerated() {
                let files = names.map { "\(hierarchy)/\($0).zone" }
                var server = try RunningCommand(["--no-cookies", "--listen", "127.0.0.\(index + 2):\(port)"] + files)
                guard let address = try? server.addresses().first else { break }
                port = address.port
                servers.append(RunningCommandBox(server))
            }
        }
        #expect(servers.count == zones.count)
        for one in try Self.cases("trace.cases") {
            let result = try ResolveRun(Self.words(one.line.replacing("PORT", with: "\(port)")))
            let text = result.transcript.replacing(":\(port)", with: ":PORT").trimmed
            #expect(text == one.expected.trimmed, "resolve\(one.line)\n\(text)")
        }
    }

    /// Of a server that comes without its address, the one that is wanted is looked up.
    @Test func traceStaysWithItsFamily() async throws {
        let zones = ". 60 IN SOA a. b. 1 1 1 1 60\n. 60 IN NS ns.\nns. 60 IN A 192.0.2.1\nns. 60 IN AAAA ::1\n"
        let server = try await FakeServer(zones: zones, address: .loopback(.ipv6, port: 0))
        defer { server.stop() }
        server.react { query in
            if query.message.questions.first?.name.labels.count == 1 { return [.answer] }
            if query.number > 1 {
                return [
                    .reply(query.response(answer: "www.far. 60 IN A 192.0.2.9") { $0.header.isAuthoritative = true })
                ]
            }
            return [.reply(query.response { $0.authority = [try? Record("far. 60 IN NS ns.")].compactMap { $0 } })]
        }
        let trace = try ResolveRun(["--trace", "-6", "@\(server.address)", "www.far", "--short"])
        #expect(trace.transcript == "192.0.2.9\n=> 0\n")
    }

    /// What a server says of an alias in another zone is not believed.
    @Test func traceAsksForForeignAliases() throws {
        let server = try FakeServer { query in
            let answers = ["www.a. 60 IN CNAME www.b.", "www.b. 60 IN CNAME www.c."]
            switch query.number {
            case 1:
                return [
                    .reply(
                        query.response {
                            $0.authority = [try? Record("a. 60 IN NS ns.a.")].compactMap { $0 }
                            $0.additional = [try? Record("ns.a. 60 IN A 127.0.0.1")].compactMap { $0 }
                        })
                ]
            case 2:
                return [
                    .reply(
                        query.response {
                            $0.header.isAuthoritative = true
                            $0.answer = answers.compactMap { try? Record($0) }
                        })
                ]
            default: return [.reply(query.response(.nameError))]
            }
        }
        defer { server.stop() }
        _ = try ResolveRun(["--trace", "@\(server.address)", "www.a"])
        #expect(server.queries.compactMap { $0.message.questions.first?.name.lowercased.description }.last == "www.b.")
    }

    /// Keeps a server in an array.
    private final class RunningCommandBox {
        private let command: RunningCommand

        init(_ command: consuming RunningCommand) { self.command = command }
    }

    /// What a query had, as the text of a TXT record.
    private static func description(of query: FakeServer.Query) -> String {
        let message = query.message
        func hex(_ octets: some Sequence<UInt8>) -> String {
            octets.map { String(String(0x100 + Int($0), radix: 16).dropFirst()) }.joined()
        }
        var text = "\(query.isStream ? "TCP" : "UDP") flags=\(hex(query.octets[2...3]))"
        if let edns = message.edns {
            text += " edns=\(edns.version) size=\(edns.udpPayloadSize) do=\(edns.dnssecOK) other=\(edns.otherFlags)"
            // What the library adds by itself is random.
            let options = edns.options.filter { $0.code != .cookie || $0.data.starts(with: [1, 2, 3]) }
            text += options.map { " \($0.code.rawValue):\($0.code == .padding ? "" : hex($0.data))" }.joined()
            if edns.options.contains(where: { $0.code == .padding }) { text += " total=\(query.octets.count)" }
        }
        return text
    }

    private static func react(to query: FakeServer.Query) -> [FakeServer.Reaction] {
        let label = query.message.questions.first?.name.labels.first?.description.lowercased() ?? ""
        switch label {
        case _ where label.hasPrefix("chain"):
            let next = (Int(label.dropFirst(5)) ?? 0) + 1
            return [.reply(query.response(answer: "chain\(next - 1).test. 60 IN CNAME chain\(next).test."))]
        case _ where label.hasPrefix("maze"):
            return [
                .reply(
                    query.response {
                        // Each server needs two more, and none has an address.
                        $0.authority = ["a", "b"].compactMap {
                            try? Record("\(query.message.questions[0].name) 60 IN NS maze\(query.number)\($0).test.")
                        }
                    })
            ]
        case "increment":
            let steps = [2, 1, -1, 2, -2, 2].map { line in
                line > 0
                    ? "increment.test. 60 IN SOA a. b. \(line) 60 60 60 60"
                    : "www.increment.test. 60 IN A 192.0.2.\(-line)"
            }
            return [.reply(query.response { $0.answer = steps.compactMap { try? Record($0) } })]
        case "up":
            return [.reply(query.response { $0.authority = [try? Record(". 60 IN NS ns.up.test.")].compactMap { $0 } })]
        case "servfail": return [.reply(query.response(.serverFailure))]
        case "refused":
            return [
                .reply(
                    query.response(.refused) {
                        $0.edns?.append(ExtendedError(.prohibited, text: "no\u{1B}[2J\r\n\u{202E}way"))
                    })
            ]
        case "formerr": return [.reply(query.response(.formatError) { $0.edns = nil })]
        case "badvers": return [.reply(query.response(.badVersion))]
        case "silent": return []
        case "tc":
            let full = query.response(answer: "tc.test. 60 IN A 192.0.2.1")
            return [.reply(query.isStream ? full : query.response { $0.header.isTruncated = true })]
        case "keys":
            let lines = [
                "keys.test. 5400 IN DNSKEY 257 3 13 A32ZK7Wb7iyQQLFNRAK6aUErNvO/q5rZHAS0t6ZQ5a7okJsimjHc0mcEBYSM6O0RQhQ6A320o1Ezz5N3wL2r4Q==",
                "keys.test. 0 IN RRSIG DNSKEY 13 2 3600 20360101000000 20260101000000 26135 keys.test. VRA0+EExggTJn4b3AJd2zc1oZB3UTjr4mqym0O4AcoUEOAZIcoR2O6Y9syQqxTx/P860bbgFzlRkItjQ5lffEA==",
                "keys.test. 60 IN DS 26135 13 1 49fd46e6c4b45c55d4ac69cbd3cd34ac1afe51de",
                "keys.test. 60 IN TXT \"v=spf1 include:one.example include:two.example\" \"; (include:three.example)\" -all",
            ]
            return [.reply(query.response { $0.answer = lines.compactMap { try? Record($0) } })]
        case "again":
            return query.number % 2 == 1 ? [] : [.reply(query.response(answer: "again.test. 60 IN A 192.0.2.1"))]
        case "garbage":
            return [
                .reply(Array(query.octets.prefix(2)) + [0x84, 0, 0, 1, 0, 9, 0, 0, 0, 0] + query.octets.dropFirst(12))
            ]
        case "echo":
            return [.reply(query.response(answer: "echo.test. 60 IN TXT \"\(description(of: query))\""))]
        case "later":
            return [
                .reply(
                    query.number % 3 == 0
                        ? query.response(answer: "later.test. 60 IN A 192.0.2.9") : query.response(.nameError))
            ]
        case "www":
            return [.reply(query.response(answer: "www.example.test. 60 IN A 192.0.2.80"))]
        case "options":
            return [
                .reply(
                    query.response {
                        $0.edns?.options = [
                            .init(.clientSubnet, [0, 1, 24, 16, 192, 0, 2]), .init(.expire, [0, 0, 2, 0]),
                            .init(.tcpKeepalive, [0, 100]), .init(.padding, [0, 0, 0]),
                            .init(.zoneVersion, [2, 0, 0, 0, 0, 7]), .init(.clientSubnet, [0, 1]),
                            .init(.init(rawValue: 65_001), [0x1B]),
                        ]
                    })
            ]
        case "evil": return [.reply(query.response(answer: "evil.test. 60 IN TXT \"\\027[2J\\010; x\""))]
        case "nsid":
            return [.reply(query.response { $0.edns?.options = [.init(.nameServerIdentifier, [0x61, 0x0A])] })]
        default: return [.reply(query.response(.nameError))]
        }
    }

    @Test func aFullOutputIsAFailure() throws {
        let result = try ResolveRun(script: "--version > /dev/full")
        #expect(result.transcript == "! error: cannot write the answer: No space left on device\n=> 6\n")
        #expect(try ResolveRun(script: "--help >&-").transcript == "! error: standard output is closed\n=> 6\n")
    }

    /// Few descriptors do for many questions; none are a failure here.
    @Test(arguments: [(9, 0), (8, 6)])
    func descriptorsMayBeFew(limit: Int, code: Int) throws {
        let server = try FakeServer { [.reply($0.response(answer: "a. 60 IN A 192.0.2.1"))] }
        defer { server.stop() }
        let names = (0..<40).map { "\($0).test" }.joined(separator: " ")
        // Those that the tests have open are not for the command.
        let setting = "exec" + (3...9).map { " \($0)>&-" }.joined() + "; ulimit -n \(limit)"
        let script = "\(setting); \(ResolveRun.path) @\(server.address) \(names) --short; echo code $?"
        let run = try ResolveRun(script: "", wrapped: script)
        #expect(run.output == String(repeating: "192.0.2.1\n", count: code == 0 ? 40 : 0) + "code \(code)\n")
    }

    @Test func helpFitsAScreen() throws {
        let lines = try ResolveRun(["--help"]).output.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count <= 24 && lines.allSatisfy { $0.count <= 80 })
        let all = try ResolveRun(["--help-all"])
        #expect(all.ending == .exit(0) && all.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test func theManualAndCompletionsKnowAllOptions() throws {
        let root = Self.folder.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
        // mdoc writes the first hyphen of an option.
        let page = try File.read("\(root)/docs/man/resolve.1", limit: 1 << 20).octets
        let manual = String(decoding: page, as: UTF8.self).replacing("Fl -", with: "Fl --")
        let options = try ResolveRun(["--help-all"]).output.matches(of: /--[a-z-]+/).map { String($0.output) }
        #expect(options.count > 40)
        for option in Set(options) {
            let isThere = manual.contains(option)
            #expect(isThere, "\(option)")
        }
        for shell in ["bash", "zsh", "fish"] {
            let script = try ResolveRun(["--generate-completion-script", shell])
            #expect(script.ending == .exit(0))
            for option in Set(options) {
                let isThere = script.output.contains(option.dropFirst(2))
                #expect(isThere, "\(shell) \(option)")
            }
        }
    }

    @Test func interruptsEndIt() throws {
        let fake = try FakeServer(Self.react)
        defer { fake.stop() }
        let result = try ResolveRun(
            script: "",
            wrapped: "\(ResolveRun.path) @\(fake.address) silent.test & sleep 0.5; kill -INT $!; wait $!; echo code $?")
        #expect(result.output == "code 130\n")
    }

    @Test func theHostsFileIsMentioned() throws {
        let hosts = String(decoding: try File.read("/etc/hosts", limit: 1 << 20).octets, as: UTF8.self)
        let line = hosts.split(separator: "\n").map { $0.split { $0 == " " || $0 == "\t" } }
            .first { $0.count > 1 && $0[0].first != "#" && !$0[1].hasSuffix("localhost") }
        // A machine need not have any such name.
        guard let line else { return }
        let result = try ResolveRun(["\(line[1])", "--json", "--deadline", "0.1"])
        #expect(result.output.contains("/etc/hosts has the name: ") && result.output.contains(line[0]))
    }

    @Test func aClosedPipeEndsQuietly() throws {
        // The reader is gone before anything is written.
        let script = "exec 3>&1; { sleep 0.2; \(ResolveRun.path) --help; echo code $? >&3; } | true"
        let result = try ResolveRun(script: "", wrapped: script)
        #expect(result.output == "code 0\n" && result.errors.isEmpty)
    }

    @Test func colourIsForTerminals() throws {
        let fake = try FakeServer(Self.react)
        defer { fake.stop() }
        let words = "@\(fake.address) tc.test -r"
        #expect(try !ResolveRun(script: words).output.contains("\u{1B}"))
        let terminal = try ResolveRun(
            script: "", wrapped: "env -u NO_COLOR TERM=xterm script -qec '\(ResolveRun.path) \(words)' /dev/null")
        #expect(terminal.output.contains("\u{1B}[36mA\u{1B}[0m"))
        let plain = try ResolveRun(
            script: "", wrapped: "TERM=xterm NO_COLOR=1 script -qec '\(ResolveRun.path) \(words)' /dev/null")
        #expect(plain.output.contains("192.0.2.1") && !plain.output.contains("\u{1B}"))
    }
}

/// The built `resolve`, run to its end.
struct ResolveRun {
    let output: String
    let errors: String
    let ending: ChildProcess.Ending?

    static let path = String(RunningCommand.path.dropLast("minidns".count)) + "resolve"

    init(_ arguments: [String]) throws {
        try self.init(ChildProcess(Self.path, arguments))
    }

    /// Runs it with arguments, and what a shell does with them; or another script as a whole.
    init(script: String, wrapped: String? = nil) throws {
        try self.init(ChildProcess("/bin/sh", ["-c", wrapped ?? "\(Self.path) \(script)"]))
    }

    private init(_ started: consuming ChildProcess) throws {
        var process = started
        output = try Self.all(process, .output)
        errors = try Self.all(process, .errors)
        ending = process.wait(milliseconds: 10_000)
    }

    private static func all(_ process: borrowing ChildProcess, _ stream: ChildProcess.Stream) throws -> String {
        var text: [UInt8] = []
        while let octets = try process.read(stream, milliseconds: 20_000), !octets.isEmpty { text += octets }
        return String(decoding: text, as: UTF8.self)
    }

    /// Output, errors and ending in the form of the cases.
    var transcript: String {
        let errors = errors.split(separator: "\n").map { "! \($0)\n" }.joined()
        let code = if case .exit(let code) = ending { "\(code)" } else { "killed" }
        let masked = output.replacing(/in [0-9]+\.[0-9] ms/, with: "in TIME")
            .replacing(/"milliseconds":[0-9.]+/, with: "\"milliseconds\":TIME").replacing(
                /"ID":[0-9]+/, with: "\"ID\":ID"
            )
            .replacing(/0000  .. ..                    id [0-9]+/, with: "0000  id")
            .replacing(/cookie: [0-9a-f]{16}/, with: "cookie: COOKIE")
        return masked + errors + "=> \(code)\n"
    }
}

extension String {
    var trimmed: String {
        String(drop { $0.isNewline }.reversed().drop { $0.isNewline }.reversed())
    }
}
