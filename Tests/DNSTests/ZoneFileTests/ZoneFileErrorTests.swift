import Testing

@testable import DNS

/// How an error is shown.
@Suite struct ZoneFileErrorTests {
    /// The error about `part` of `text`.
    private func error(
        _ text: String, about part: String, _ code: ProblemCode = .syntax, path: String = "zone"
    ) throws -> ZoneFileError {
        let octets = Array(text.utf8)
        let marked = Array(part.utf8)
        let start = try #require((0...octets.count).first { octets[$0...].starts(with: marked) })
        return error("not so", code, path: path, text: octets, range: start..<(start + marked.count))
    }

    private func error(
        _ message: String = "not so", _ code: ProblemCode = .syntax, path: String = "zone", text: [UInt8],
        range: Range<Int>
    ) -> ZoneFileError {
        var lines = LineCounter()
        let file = Zone.SourceFile(path: path, text: text, count: text.count, start: 0)
        return ZoneFileError(code, message, in: file, range, lines: &lines)
    }

    private func lines(_ error: ZoneFileError) -> [String] {
        error.description.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test func placeIsShownBelowItsLine() throws {
        let text = String(repeating: "\n", count: 13) + "@          3600  IN  MX  70000  mail.example.test.\n"
        let octets = Array(text.utf8)
        let error = error(
            "MX preference must be a number from 0 to 65535", path: "zones/example.test.zone", text: octets,
            range: 38..<43)
        #expect(
            error.description == """
                zones/example.test.zone:14:26: MX preference must be a number from 0 to 65535
                14 | @          3600  IN  MX  70000  mail.example.test.
                   |                          ^^^^^
                """)
        #expect((error.line, error.column) == (14, 26))
        #expect(error.excerpt?.markOffset == 25)
        #expect(error.excerpt?.markCount == 5)
    }

    @Test func warningSaysSo() throws {
        #expect(try lines(error("a b", about: "b", .ttlZero)) == ["zone:1:3: warning: not so", "1 | a b", "  |   ^"])
    }

    @Test func wholeFileTakesOneLine() {
        #expect(ZoneFileError(.unreadable, "is a directory", path: "zones").description == "zones: is a directory")
        #expect(ZoneFileError(.staleSerial, "is old", path: "zones").description == "zones: warning: is old")
    }

    @Test func tabsAreColumns() throws {
        let error = try error("www\tIN\tB", about: "B")
        #expect(lines(error) == ["zone:1:8: not so", "1 | www     IN      B", "  |                 ^"])
    }

    @Test func carriageReturnIsNotShown() throws {
        #expect(try lines(error("a b\r\nc\r\n", about: "b")) == ["zone:1:3: not so", "1 | a b", "  |   ^"])
    }

    @Test func columnsCountOctetsAndMarksCharacters() throws {
        #expect(try lines(error("grüße B", about: "B")) == ["zone:1:9: not so", "1 | grüße B", "  |       ^"])
        #expect(try lines(error("a grüße", about: "grüße"))[2] == "  |   ^^^^^")
        #expect(try error("grüße B", about: "B").characterColumn == 7)
        #expect(try error("日本\n日本 ü B\n", about: "B").characterColumn == 6)
    }

    /// Wide characters take two columns of a terminal, combining ones none.
    @Test func marksStandBelowWideCharacters() throws {
        #expect(try lines(error("日本 B", about: "B"))[2] == "  |      ^")
        #expect(try lines(error("a 日本", about: "日本"))[2] == "  |   ^^^^")
        #expect(try lines(error("u\u{308} B", about: "B"))[2] == "  |   ^")
    }

    @Test func endOfFileIsAPlace() throws {
        #expect(try lines(error("a\nb", about: "")) == ["zone:1:1: not so", "1 | a", "  | ^"])
        let end = error(text: Array("a\nb".utf8), range: 3..<3)
        #expect(lines(end) == ["zone:2:2: not so", "2 | b", "  |  ^"])
        let behind = error(text: Array("a\n".utf8), range: 9..<12)
        #expect(lines(behind) == ["zone:2:1: not so", "2 | ", "  | ^"])
        let empty = error(text: [], range: 0..<0)
        #expect(lines(empty) == ["zone:1:1: not so", "1 | ", "  | ^"])
    }

    @Test func markEndsWithItsLine() throws {
        #expect(try lines(error("a b\nc", about: "b\nc"))[2] == "  |   ^")
        #expect(try lines(error("a b\r\nc", about: "b\r\nc"))[2] == "  |   ^")
    }

    @Test func nothingMovesTheCursor() throws {
        let error = try error("a\u{1B}[31m\u{202E}\u{7F} B", about: "B", path: "\u{1B}c")
        #expect(
            lines(error) == [
                "\u{FFFD}c:1:12: not so", "1 | a\u{FFFD}[31m\u{FFFD}\u{FFFD} B", "  |          ^",
            ])
        let octets: [UInt8] = [0x80, 0xFF, 0x20, 0x42, 0x00]
        let raw = self.error("\u{9B}2J", text: octets, range: 3..<4)
        #expect(lines(raw) == ["zone:1:4: \u{FFFD}2J", "1 | \u{FFFD}\u{FFFD} B\u{FFFD}", "  |    ^"])
    }

    @Test func longLinesAreCut() throws {
        let long = String(repeating: "x", count: 300) + " B " + String(repeating: "y", count: 300)
        let error = try error(long, about: "B")
        let shown = lines(error)
        #expect(shown[0] == "zone:1:302: not so")
        #expect(shown[1].hasPrefix("1 | …xxx") && shown[1].hasSuffix("yyy…") && shown[1].count < 180)
        #expect(shown[2].count == (Array(shown[1]).firstIndex(of: "B") ?? 0) + 1)
    }

    @Test func longPlacesAreCut() throws {
        let long = "a " + String(repeating: "x", count: 100_000)
        let shown = try lines(error(long, about: String(long.dropFirst(2))))
        #expect(shown[1].count < 180 && shown[1].hasSuffix("…"))
        #expect(shown[2].count < 180)
    }

    /// What later checks report is shown at the record's entry.
    @Test func errorAtARecord() {
        let text = """
            $TTL 300
            www IN A 192.0.2.1 ; comment
               IN TXT "a ;" ( b
               c )
            $GENERATE 1-2 host$ A 192.0.2.$
            """
        let result = ZoneParser.parse(path: "zone", origin: .root) { _ in .success(Array(text.utf8)) }
        var counter = LineCounter()
        let shown = result.zone.entries.map {
            lines(ZoneFileError(.syntax, "not so", at: $0, in: result.zone, lines: &counter))
        }
        let generated = "$GENERATE 1-2 host$ A 192.0.2.$"
        let mark = "  | " + String(repeating: "^", count: 31)
        #expect(
            shown == [
                ["zone:2:1: not so", "2 | www IN A 192.0.2.1 ; comment", "  | ^^^^^^^^^^^^^^^^^^"],
                ["zone:3:4: not so", "3 |    IN TXT \"a ;\" ( b", "  |    ^^^^^^^^^^^^^^^^"],
                ["zone:5:1: not so", "5 | " + generated, mark],
                ["zone:5:1: not so", "5 | " + generated, mark],
            ])
    }

    @Test(arguments: [
        ("ORGIN", "; did you mean ORIGIN?"), ("Orign", "; did you mean ORIGIN?"), ("TLL", "; did you mean TTL?"),
        ("X", ""), ("SOMETHING", ""), (String(repeating: "A", count: 1000), ""),
    ])
    func suggestion(_ word: String, _ text: String) {
        #expect(Suggestion.text(for: word, among: ["ORIGIN", "TTL", "INCLUDE"]) == text)
    }
}
