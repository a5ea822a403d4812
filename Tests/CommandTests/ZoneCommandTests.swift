import Linux
import TestSupport
import Testing

/// Runs of commands that look at zones, as data: `--- file PATH` and its text, then for each run `$ minidns` and the
/// command line, what stands on standard output, `!` and what stands on standard error, `=>` and the exit code. Files
/// stay for the runs behind them. SERVER is a minidns that serves the files in `served`.
struct ZoneCommandTests {
    private static let folder: String = {
        "\(#filePath)".split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/Zones"
    }()

    @Test(arguments: ["diff.cases", "explain.cases", "tree.cases", "format.cases"])
    func runs(file: String) throws {
        let directory = try TemporaryDirectory()
        try directory.run("mkdir zones old new served")
        let text = String(decoding: try File.read("\(Self.folder)/\(file)", limit: 1 << 20).octets, as: UTF8.self)
        var path: String?
        var content = ""
        var runs: [(line: String, expected: String)] = []
        for line in (text + "\n--- end").split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("--- file ") || line == "--- end" || line.hasPrefix("$ minidns ") {
                if let path { try directory.write(path, content) }
                path = line.hasPrefix("--- file ") ? String(line.dropFirst("--- file ".count)) : nil
                content = ""
                if path != nil || line == "--- end" { try Self.check(&runs, in: directory) }
                if line.hasPrefix("$ minidns ") { runs.append((String(line.dropFirst("$ minidns ".count)), "")) }
            } else if path != nil {
                content += line + "\n"
            } else if !runs.isEmpty {
                runs[runs.count - 1].expected += line + "\n"
            }
        }
    }

    /// Runs what was collected, with the files as they are now.
    private static func check(
        _ runs: inout [(line: String, expected: String)], in directory: borrowing TemporaryDirectory
    ) throws {
        guard !runs.isEmpty else { return }
        var server = try RunningCommand(["--listen", "127.0.0.1:0", "served"], in: directory.path)
        let address = try #require(try server.addresses().first)
        for run in runs {
            let words = run.line.replacing("SERVER", with: "\(address)").split(separator: " ").map(String.init)
            let result = try RunningCommand.run(words, in: directory.path)
            let errors = result.errors.split(separator: "\n").map { "! \($0)\n" }.joined()
            let ending = result.ending.map { "\($0)" } ?? "none"
            let code = ending.filter(\.isNumber)
            let text = (result.output + errors + "=> \(code)").replacing("\(address)", with: "SERVER")
            #expect(text.trimmed == run.expected.trimmed, "minidns \(run.line)\n\(text)")
        }
        runs = []
    }

    @Test func aReloadTellsWhatChanged() throws {
        let directory = try makeZones()
        var server = try RunningCommand(["--listen", "127.0.0.1:0"], in: directory.path)
        _ = try server.addresses()
        let text = Sample.zone(serial: 2) + "new 60 A 192.0.2.77\n"
        try directory.write("zones/example.test.zone", text)
        server.process.send(signal: 1)
        #expect(try server.sees("~ example.test. SOA serial 1 to 2"))
        #expect(try server.sees("+ new.example.test. 60 IN A 192.0.2.77"))
    }

    @Test func colourIsForTerminals() throws {
        let directory = try makeZones()
        try directory.write("other.zone", Sample.zone(serial: 2))
        let line = "\(RunningCommand.path) diff zones/example.test.zone example.test=other.zone"
        func run(_ script: String) throws -> String { try shell(script, in: directory) }
        #expect(try !run(line).contains("\u{1B}"))
        #expect(try run("env -u NO_COLOR TERM=xterm script -qec '\(line)' /dev/null").contains("\u{1B}[33m~"))
        #expect(try !run("NO_COLOR=1 TERM=xterm script -qec '\(line)' /dev/null").contains("\u{1B}"))
    }

    /// What takes long says on a terminal how far it is, on a line that is gone when the rest is told.
    @Test func progressIsForTerminals() throws {
        let directory = try makeZones()
        // A server that never answers.
        var silent: Socket? = try Socket(.tcp, .ipv4)
        try silent?.bind(SocketAddress.loopback(.ipv4, port: 0))
        try silent?.listen()
        let line = "\(RunningCommand.path) diff zones @\(try #require(try silent?.localAddress()))"
        #expect(try shell("timeout 1 \(line) 2>&1", in: directory) == "")
        let arguments = ["-c", "TERM=xterm script -qec '\(line)' /dev/null"]
        var terminal = try ChildProcess("/bin/sh", arguments, directory: directory.path)
        var text = ""
        while let octets = try terminal.read(.output, milliseconds: 10_000), !octets.isEmpty {
            text += String(decoding: octets, as: UTF8.self)
            if text.contains("\rrecords of example.test.: 0, 0 s\u{1B}[K") { silent = nil }
        }
        #expect(silent == nil && text.contains("\r\u{1B}[Kerror: the zone example.test. cannot be had from"), "\(text)")
        _ = terminal.wait(milliseconds: 10_000)
    }

    /// Whether a large zone takes long depends on the machine.
    @Test(arguments: ["check", "check --syntax"])
    func progressOfZones(arguments: String) throws {
        let directory = try makeZones()
        try directory.run("seq 40000 | sed 's/.*/h& 300 A 192.0.2.1/' >> zones/example.test.zone")
        let line = "\(RunningCommand.path) \(arguments)"
        let text = try shell("TERM=xterm script -qec '\(line)' /dev/null", in: directory)
        let words = text.split { $0.isWhitespace || $0 == "," }
        let milliseconds = words.lastIndex(of: "ms").flatMap { Int(words[$0 - 1]) }
        if try #require(milliseconds) > 1_000 {
            #expect(text.contains("\rreading zones: 0 of 1, 0 s\u{1B}[K") && text.contains("\r\u{1B}[Kinfo: "))
        }
        #expect(try !shell("\(line) 2>&1", in: directory).contains("reading"))
    }

    /// What a script prints on standard output.
    private func shell(_ script: String, in directory: borrowing TemporaryDirectory) throws -> String {
        var shell = try ChildProcess("/bin/sh", ["-c", script], directory: directory.path)
        var text = ""
        while let octets = try shell.read(.output, milliseconds: 60_000), !octets.isEmpty {
            text += String(decoding: octets, as: UTF8.self)
        }
        _ = shell.wait(milliseconds: 10_000)
        return text
    }
}
