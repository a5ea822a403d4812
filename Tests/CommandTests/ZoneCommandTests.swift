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
        func run(_ script: String) throws -> String {
            var shell = try ChildProcess("/bin/sh", ["-c", script], directory: directory.path)
            var text = ""
            while let octets = try shell.read(.output, milliseconds: 10_000), !octets.isEmpty {
                text += String(decoding: octets, as: UTF8.self)
            }
            _ = shell.wait(milliseconds: 10_000)
            return text
        }
        #expect(try !run(line).contains("\u{1B}"))
        #expect(try run("env -u NO_COLOR TERM=xterm script -qec '\(line)' /dev/null").contains("\u{1B}[33m~"))
        #expect(try !run("NO_COLOR=1 TERM=xterm script -qec '\(line)' /dev/null").contains("\u{1B}"))
    }

    /// What takes long says on a terminal how far it is, on a line that is gone when the rest is told.
    @Test func progressIsForTerminals() throws {
        let directory = try TemporaryDirectory()
        try directory.run(
            """
            mkdir zones; zone=zones/example.test.zone
            echo '@ 300 SOA ns.a. h.a. 1 2h 15m 2w 5m\n@ 300 NS ns.a.' > $zone
            seq 150000 | sed 's/.*/h& 300 A 192.0.2.1/' >> $zone
            """)
        func run(_ arguments: String, wrap: (String) -> String) throws -> String {
            let line = wrap("\(RunningCommand.path) \(arguments)")
            var shell = try ChildProcess("/bin/sh", ["-c", line], directory: directory.path)
            var text = ""
            while let octets = try shell.read(.output, milliseconds: 60_000), !octets.isEmpty {
                text += String(decoding: octets, as: UTF8.self)
            }
            _ = shell.wait(milliseconds: 10_000)
            return text
        }
        func onTerminal(_ line: String) -> String { "TERM=xterm script -qec '\(line)' /dev/null" }
        for arguments in ["check", "check --syntax", "format --check zones", "tree --names 1"] {
            let lines = try run(arguments, wrap: onTerminal).split(separator: "\r")
            let shown = lines.filter { $0.hasPrefix("reading zones: 0 of 1, ") || $0.hasPrefix("laying out zones/") }
            #expect(!shown.isEmpty && shown.allSatisfy { $0.hasSuffix(" s\u{1B}[K") }, "\(arguments): \(lines)")
            #expect(lines.contains { $0.hasPrefix("\u{1B}[K") })
        }
        #expect(try !run("check 2>&1") { $0 }.contains("reading"))
        try directory.write("zones/example.test.zone", Sample.zone(serial: 1))
        #expect(try !run("check", wrap: onTerminal).contains("reading"))
    }
}
