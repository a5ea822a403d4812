import Foundation
import Linux
import TestSupport
import Testing

/// `minidns check` and `minidns format` as they are typed.
struct CheckTests {
    private static let data = TestData.root.appending(path: "CommandTests/Check")

    /// What the files `check.*` hold: the problems of the zones beside them.
    @Test(arguments: ["txt", "jsonl", "sarif"])
    func golden(format: String) throws {
        let options = ["txt": [], "jsonl": ["--json"], "sarif": ["--sarif"]][format] ?? []
        let result = try RunningCommand.run(["check", "zones"] + options, in: Self.data.path())
        #expect(result.ending == .exit(65))
        var text = format == "txt" ? result.errors : result.output
        // How long it took.
        if let end = text.range(of: ", [0-9]+ ms\n", options: .regularExpression) { text.removeSubrange(end) }
        #expect(format == "txt" ? result.output.isEmpty : result.errors.isEmpty)
        let golden = try String(contentsOf: Self.data.appending(path: "check.\(format)"), encoding: .utf8)
        #expect(text == golden)
    }

    /// What the schema of SARIF 2.1.0 requires.
    @Test func sarifHasWhatItMust() throws {
        let output = try RunningCommand.run(["check", "zones", "--sarif"], in: Self.data.path()).output
        let log = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
        #expect(log["version"] as? String == "2.1.0")
        let run = try #require((log["runs"] as? [[String: Any]])?.first)
        #expect(run["columnKind"] as? String == "unicodeCodePoints")
        let driver = try #require((run["tool"] as? [String: Any])?["driver"] as? [String: Any])
        #expect(driver["name"] as? String == "minidns")
        let rules = try #require(driver["rules"] as? [[String: Any]])
        let identifiers = rules.compactMap { $0["id"] as? String }
        #expect(identifiers.count == rules.count && Set(identifiers).count == rules.count)
        let results = try #require(run["results"] as? [[String: Any]])
        #expect(!results.isEmpty)
        for result in results {
            #expect((result["message"] as? [String: Any])?["text"] is String)
            #expect(["error", "warning"].contains(result["level"] as? String))
            let index = try #require(result["ruleIndex"] as? Int)
            #expect(identifiers[index] == result["ruleId"] as? String)
            let place = (result["locations"] as? [[String: Any]])?.first?["physicalLocation"] as? [String: Any]
            let region = try #require(place?["region"] as? [String: Int])
            #expect(region["startLine"] ?? 0 > 0 && region["startColumn"] ?? 0 > 0)
        }
    }

    @Test func sarifCountsCharacters() throws {
        let directory = try makeZones()
        try directory.write("zones/example.test.zone", Sample.zone(serial: 1) + "日本 A grüße\n")
        let output = try RunningCommand.run(["check", "--sarif"], in: directory.path).output
        #expect(output.contains("\"startColumn\":6}"))
        #expect(try RunningCommand.run(["check", "--json"], in: directory.path).output.contains("\"column\":10,"))
    }

    @Test func warningsCountWhereTheUserSaysSo() throws {
        let directory = try makeZones()
        try directory.write(
            "zones/example.test.zone", "$TTL 1h\n@ SOA ns.a. h.a. 1 2h 15m 2w 5m\n@ NS ns.a.\n@ MX 1 gone\n")
        for (options, status) in [([], Int32(0)), (["--strict"], 65), (["--strict", "--json"], 65), (["--json"], 0)] {
            #expect(try RunningCommand.run(["check"] + options, in: directory.path).ending == .exit(status))
        }
        #expect(try RunningCommand.run(["check", "--json", "--sarif"], in: directory.path).ending == .exit(64))
    }

    @Test func formatRewritesFiles() throws {
        let directory = try makeZones()
        try directory.run(
            "mkdir real; mv zones/example.test.zone real/x; ln -s ../real/x zones/example.test.zone; chmod 640 real/x")
        let before = try File.read("\(directory.path)/real/x", limit: 1 << 20).octets
        let check = try RunningCommand.run(["format", "--check", "zones"], in: directory.path)
        #expect(check.ending == .exit(1))
        #expect(check.output == "zones/example.test.zone\n")
        #expect(try File.read("\(directory.path)/real/x", limit: 1 << 20).octets == before)
        #expect(try RunningCommand.run(["format", "zones"], in: directory.path).ending == .exit(0))
        #expect(try File.read("\(directory.path)/real/x", limit: 1 << 20).octets != before)
        #expect(try RunningCommand.run(["format", "--check", "zones"], in: directory.path).ending == .exit(0))
        // The link, the mode, and nothing beside it.
        try directory.run("test -L zones/example.test.zone; test $(stat -c %a real/x) = 640; test $(ls -A real) = x")
        #expect(try RunningCommand.run(["check"], in: directory.path).ending == .exit(0))
    }

    /// What is printed makes of each file what it would be.
    @Test func diffCanBeApplied() throws {
        let directory = try makeZones()
        try directory.write("zones/odd.test.zone", "\n\n$TTL 3600\r\n@ NS (\n\n ns.a. )\n\n\na  A 192.0.2.1\n \n;b")
        let diff = try RunningCommand.run(["format", "--diff", "zones"], in: directory.path)
        #expect(diff.ending == .exit(1) && diff.output.contains("\\ No newline at end of file\n"))
        try directory.write("patch", diff.output)
        try directory.run("cp -r zones copy; patch -s -p0 < patch")
        #expect(try RunningCommand.run(["format", "copy"], in: directory.path).ending == .exit(0))
        try directory.run("diff -r zones copy")
        #expect(try RunningCommand.run(["format", "--diff", "zones"], in: directory.path).output == "")
    }

    @Test func formatLeavesFilesWithErrorsAlone() throws {
        let directory = try makeZones()
        try directory.write("zones/broken.test.zone", "a  AX  192.0.2.1\n")
        let result = try RunningCommand.run(["format", "zones"], in: directory.path)
        #expect(result.ending == .exit(65))
        #expect(result.errors.hasPrefix("error: zones/broken.test.zone:1:4: AX is not a record type"))
        try directory.run("grep -q 'a  AX  192.0.2.1' zones/broken.test.zone")
        #expect(try RunningCommand.run(["format", "nothing"], in: directory.path).ending == .exit(66))
        #expect(try RunningCommand.run(["format"], in: directory.path).ending == .exit(64))
    }

    @Test func formatReadsStandardInput() throws {
        var command = try RunningCommand(
            script:
                "printf 'a   A 192.0.2.1' | '\(RunningCommand.path)' format - && printf 'a A 1' | '\(RunningCommand.path)' format - "
        )
        var output = ""
        while let octets = try command.process.read(.output, milliseconds: 10_000), !octets.isEmpty {
            output += String(decoding: octets, as: UTF8.self)
        }
        #expect(output == "a A 192.0.2.1\n")
        #expect(command.end() == .exit(65))
    }
}
