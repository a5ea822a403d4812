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

    @Test(arguments: ["answers.cases", "failures.cases", "usage.cases"])
    func runs(file: String) throws {
        var server = try RunningCommand(["--listen", "127.0.0.1:0", Self.folder])
        let address = try #require(try server.addresses().first)
        let fake = try FakeServer(Self.react)
        defer { fake.stop() }
        let cases = try Self.cases(file)
        #expect(cases.count > 5)
        for one in cases {
            var line = one.line.replacing("SERVER", with: "\(address)").replacing("FAKE", with: "\(fake.address)")
            line = line.replacing("HOST", with: address.host).replacing("PORT", with: "\(address.port)")
            let result = try ResolveRun(line.split(separator: " ").map(String.init))
            let text = result.transcript.replacing("\(address)", with: "SERVER")
                .replacing("\(fake.address)", with: "FAKE").trimmed
            #expect(text == one.expected.trimmed, "resolve\(one.line)\n\(text)")
        }
    }

    private static func react(to query: FakeServer.Query) -> [FakeServer.Reaction] {
        let label = query.message.questions.first?.name.labels.first?.description.lowercased() ?? ""
        switch label {
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
        case "again":
            return query.number % 2 == 1 ? [] : [.reply(query.response(answer: "again.test. 60 IN A 192.0.2.1"))]
        case "garbage":
            return [
                .reply(Array(query.octets.prefix(2)) + [0x84, 0, 0, 1, 0, 9, 0, 0, 0, 0] + query.octets.dropFirst(12))
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

    @Test func aClosedPipeEndsQuietly() throws {
        // The reader is gone before anything is written.
        let script = "exec 3>&1; { sleep 0.2; \(ResolveRun.path) --help; echo code $? >&3; } | true"
        let result = try ResolveRun(script: "", wrapped: script)
        #expect(result.output == "code 0\n" && result.errors.isEmpty)
    }

    @Test func colourIsForTerminals() throws {
        let fake = try FakeServer(Self.react)
        defer { fake.stop() }
        let words = "@\(fake.address) tc.test"
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
        return output.replacing(/in [0-9]+\.[0-9] ms/, with: "in TIME") + errors + "=> \(code)\n"
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop { $0.isNewline }.reversed().drop { $0.isNewline }.reversed())
    }
}
