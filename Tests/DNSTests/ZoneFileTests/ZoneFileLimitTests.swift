import Testing

@testable import DNS

/// Each bound of `Limits` that a zone file can reach: what is at it is read, what is over it is refused.
@Suite struct ZoneFileLimitTests {
    private func parse(_ files: [String: String], origin: Name = .root) -> ZoneParseResult {
        ZoneParser.parse(path: "zone", origin: origin) { path in
            files[path].map { .success(Array($0.utf8)) } ?? .failure(ZoneReadError("there is no such file"))
        }
    }

    private func messages(_ result: ZoneParseResult) -> [String] {
        result.problems.map { "\($0.path):\($0.line):\($0.column) \($0.message)" }
    }

    @Test func includesInIncludes() {
        var files: [String: String] = ["zone": "$INCLUDE 1"]
        for depth in 1..<Limits.includeDepth { files[String(depth)] = "$INCLUDE \(depth + 1)" }
        files["16"] = "a 300 A 192.0.2.1"
        #expect(messages(parse(files)) == [])
        #expect(parse(files).zone.recordCount == 1)
        files["16"] = "$INCLUDE 17"
        files["17"] = "a 300 A 192.0.2.1"
        #expect(messages(parse(files)) == ["16:1:10 files must not be included more than 16 deep"])
    }

    @Test func includedFiles() {
        let includes = String(repeating: "$INCLUDE more\n", count: Limits.includedFiles)
        var reads = 0
        let result = ZoneParser.parse(path: "zone", origin: .root) { path in
            reads += 1
            return .success(Array((path == "zone" ? includes : "a 300 A 192.0.2.1\n").utf8))
        }
        #expect(messages(result) == [])
        #expect(result.zone.recordCount == Limits.includedFiles)
        #expect(reads == 2)
        let over = parse(["zone": includes + "$INCLUDE more\n$INCLUDE more\n", "more": "a 300 A 192.0.2.1\n"])
        #expect(messages(over) == ["zone:10001:10 a zone must not include more than 10000 files"])
    }

    /// A few lines must not become more records than fit the memory.
    @Test(arguments: ["$INCLUDE more\n", "$INCLUDE ./more\n$INCLUDE ././more\n"])
    func textThatIsIncludedAgain(_ includes: String) {
        let more = ";" + String(repeating: "x", count: 1 << 20) + "\n"
        let files = ["more": more, "./more": more, "././more": more]
        let result = parse(files.merging(["zone": String(repeating: includes, count: 70)]) { old, _ in old })
        #expect(
            result.problems.map(\.message) == [
                "the files that a zone includes again must not add up to more than 64 MiB"
            ])
        #expect(result.problems.map(\.line) == [65])
    }

    /// Files that include two files each would be 2^16 reads.
    @Test func includedFilesThatDouble() {
        var files: [String: String] = ["zone": "$INCLUDE 1"]
        for depth in 1..<Limits.includeDepth {
            files[String(depth)] = "$INCLUDE \(depth + 1)\n$INCLUDE \(depth + 1)\n"
        }
        files["16"] = ""
        #expect(parse(files).problems.map(\.message) == ["a zone must not include more than 10000 files"])
    }

    private static let overlong = [
        "a 300 TXT (" + String(repeating: "\n ; comment", count: Limits.entryCount / 11) + "\n b )\n",
        "a 300 TXT " + String(repeating: "b", count: Limits.entryCount) + "\n",
        "a 300 TXT \"" + String(repeating: "b", count: Limits.entryCount) + "\"\n",
        "a 300 TXT b ;" + String(repeating: "b", count: Limits.entryCount) + "\n",
        "a" + String(repeating: " ", count: Limits.entryCount) + "300 TXT b\n",
    ]

    @Test(arguments: overlong.indices)
    func entryOverOneMebibyte(_ index: Int) {
        let result = parse(["zone": "a 300 A 192.0.2.1\n" + Self.overlong[index] + "b 300 A 192.0.2.2\n"])
        #expect(messages(result) == ["zone:2:1 an entry must be shorter than 1 MiB"])
        #expect(result.zone.recordCount == 2)
    }

    @Test func longCommentIsNoEntry() {
        let comment = ";" + String(repeating: "x", count: 2 * Limits.entryCount) + "\n"
        #expect(messages(parse(["zone": comment + "a 300 A 192.0.2.1\n" + comment])) == [])
    }

    @Test func entryOfDataOver65535() {
        let strings = String(repeating: "\"" + String(repeating: "x", count: 255) + "\" ", count: 255)
        #expect(messages(parse(["zone": "a 300 TXT \(strings)"])) == [])
        #expect(parse(["zone": "a 300 TXT \(strings) \"\(String(repeating: "x", count: 254))\""]).zone.recordCount == 1)
        #expect(parse(["zone": "a 300 TXT \(strings) \"\(String(repeating: "x", count: 255))\""]).errorCount == 1)
    }

    @Test func textOfFourGibibytes() {
        var builder = ZoneBuilder(origin: .root)
        builder.textCount = Limits.zoneCount - 18
        builder.parseFile("zone", includedAt: nil) { _ in .success(Array("a 300 A 192.0.2.1\n".utf8)) }
        #expect(builder.problems.errorCount == 0)
        builder.parseFile("zone", includedAt: nil) { _ in .success(Array("a 300 A 192.0.2.1\n".utf8)) }
        #expect(
            builder.problems.described(in: builder.zone).map(\.message) == [
                "the text of a zone must be shorter than 4 GiB, included files counted"
            ])
    }

    @Test func generatedText() {
        var builder = ZoneBuilder(origin: .root)
        builder.generatedCount = Limits.generatedCount - 20
        builder.parseFile("zone", includedAt: nil) { _ in .success(Array("$GENERATE 1-9 a$ 300 A 192.0.2.1\n".utf8)) }
        #expect(builder.entryCount == 2)
        #expect(
            builder.problems.described(in: builder.zone).map(\.message) == [
                "a zone must not $GENERATE more than 256 MiB of text"
            ])
    }

    @Test func generatedSteps() {
        var builder = ZoneBuilder(origin: .root)
        builder.generateSteps = Limits.generateSteps - 9
        let text = "$GENERATE 1-9 a$ 300 A 192.0.2.$\n$GENERATE 1-1 a$ 300 A 192.0.2.$\n"
        builder.parseFile("zone", includedAt: nil) { _ in .success(Array(text.utf8)) }
        #expect(builder.entryCount == 9)
        #expect(
            builder.problems.described(in: builder.zone).map(\.message) == [
                "a zone must not $GENERATE more than 1000000 records"
            ])
    }

    @Test func reportedProblems() {
        let warnings = String(repeating: "a.other. 300 A 192.0.2.1\n", count: 30)
        let errors = String(repeating: "a.test. 300 A\n", count: 15)
        let result = parse(["zone": warnings + errors], origin: Name(testing: "test"))
        #expect(result.problems.count == Limits.reportedProblems)
        #expect(result.problems.filter { $0.severity == .error }.count == 15)
        #expect((result.errorCount, result.warningCount, result.unreportedProblems) == (15, 30, 25))
        #expect(result.problems.map(\.line) == result.problems.map(\.line).sorted())
    }

    @Test func fileOfErrorsIsNotReadToItsEnd() {
        let result = parse(["zone": String(repeating: "a 300 FOO\n", count: 100_000)])
        #expect(result.errorCount == Limits.syntaxErrors + 1)
        #expect(result.problems.count == Limits.reportedProblems)
    }

    /// Nothing takes time that grows with the square of a file's size.
    @Test(arguments: [
        "a 300 TXT (\n", "( ", "\"", "a\\", ")\n", "a 300 TXT \"b\n", "$INCLUDE zone\n", "(((\n", "\u{FEFF}", " (\n;",
    ])
    func repeatedOddities(_ text: String) {
        let result = parse(["zone": String(repeating: text, count: 100_000)])
        #expect(result.errorCount <= Limits.syntaxErrors + 1)
        #expect(result.problems.count <= Limits.reportedProblems)
    }

    @Test func zoneFileThatCannotBeRead() {
        #expect(parse([:]).problems.map(\.description) == ["zone: there is no such file"])
        #expect(parse([:]).hasErrors)
    }
}

extension Name {
    /// A name that a test knows to be one.
    init(testing text: String) {
        do { try self.init(text) } catch { fatalError("\(text): \(error)") }
    }
}
