import Testing

@testable import DNS

/// Cutting text into tokens.
@Suite struct ScannerTests {
    private struct Piece: Equatable {
        let kind: Token.Kind
        let text: String
    }

    private func pieces(_ text: String) throws -> [Piece] {
        let octets = Array(text.utf8)
        var scanner = Scanner(octets.span)
        var pieces: [Piece] = []
        while scanner.beginEntry() != nil {
            while true {
                let token = try scanner.next()
                pieces.append(Piece(kind: token.kind, text: String(decoding: octets[token.range], as: UTF8.self)))
                if token.kind == .end { break }
            }
        }
        return pieces
    }

    @Test func wordsAndStrings() throws {
        #expect(
            try pieces("a \"b c\"d ; e\n\n;\n ( f\n ) \"\"\r\n") == [
                Piece(kind: .word, text: "a"), Piece(kind: .quoted, text: "b c"), Piece(kind: .word, text: "d"),
                Piece(kind: .end, text: ""), Piece(kind: .word, text: "f"), Piece(kind: .quoted, text: ""),
                Piece(kind: .end, text: ""),
            ])
    }

    /// Words are scanned 16 and 64 octets at a time: no octet may be missed at any place of them.
    @Test func wordEndsAtTheSameOctetEverywhere() throws {
        let ends = Set("\t\n\r \"();".utf8)
        for octet in UInt8.min...UInt8.max {
            for before in Array(1..<18) + Array(46..<68) + [127, 128] {
                for behind in [1, 3, 16, 80] {
                    let text = Array(repeating: 0x61, count: before) + [octet] + Array(repeating: 0x7F, count: behind)
                    var scanner = Scanner(text.span)
                    #expect(scanner.beginEntry() == false)
                    let token = try scanner.next()
                    #expect(token.range == 0..<(ends.contains(octet) ? before : text.count))
                    // The same as the second word of a line, of which more is known.
                    let line = Array("a ".utf8) + text
                    var second = Scanner(line.span)
                    #expect(second.beginEntry() == false)
                    _ = try second.next()
                    #expect(try second.next().range == (token.start + 2)..<(token.end + 2))
                }
            }
        }
    }

    @Test func tokensCanBePutBack() throws {
        let octets = Array("a ( \"b\" )".utf8)
        var scanner = Scanner(octets.span)
        #expect(scanner.beginEntry() == false)
        _ = try scanner.next()
        let peeked = try scanner.peek()
        let token = try scanner.next()
        #expect(peeked.range == token.range && token.kind == .quoted)
        scanner.putBack(token)
        let again = try scanner.next()
        #expect(again.range == token.range && again.kind == .quoted)
        let end = try scanner.next()
        #expect(end.kind == .end)
    }

    @Test(arguments: [
        ("a ) b\nc", 5), ("a ( b\n c ) d\ne", 12), ("a \"b\nc", 4), ("a", 1), ("a ( b\n c\nd", 9),
        ("a ( b\n )c\n\\d", 9),
    ])
    func goingOnAfterAnError(_ text: String, _ position: Int) throws {
        let octets = Array(text.utf8)
        var scanner = Scanner(octets.span)
        #expect(scanner.beginEntry() == false)
        _ = try scanner.next()
        _ = scanner.skipEntry()
        #expect(scanner.position == position)
    }
}
