import ArgumentParser
import DNS
import Linux

/// What a command prints on standard output: in colour on a terminal, written in large pieces elsewhere.
struct Output: ~Copyable {
    private let usesColor: Bool
    private var text = ""

    private static let pieceSize = 1 << 16

    init() {
        // Whoever reads may stop early, as `head` does.
        StandardStreams.ignoreClosedPipes()
        // https://no-color.org: set and not empty.
        usesColor =
            StandardStreams.isTerminal(1) && (Environment["NO_COLOR"] ?? "").isEmpty && Environment["TERM"] != "dumb"
    }

    enum Paint: String {
        case plain = ""
        case strong = "1"
        case faint = "2"
        case removed = "31"
        case added = "32"
        case changed = "33"
    }

    func painted(_ text: String, _ paint: Paint) -> String {
        usesColor && paint != .plain ? "\u{1B}[\(paint.rawValue)m\(text)\u{1B}[0m" : text
    }

    mutating func print(_ line: String, _ paint: Paint = .plain) {
        text += painted(line, paint) + "\n"
        if text.utf8.count >= Self.pieceSize { flush() }
    }

    /// One line a value.
    mutating func print(_ json: JSON) { print(json.text) }

    mutating func flush() {
        StandardStreams.write(text, to: 1)
        text = ""
    }
}

// MARK: Words

/// 1 record, 2 records.
func plural(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }

extension String {
    /// Filled up with blanks.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

    var withoutBlanksAtEnd: String { String(reversed().drop { $0 == " " }.reversed()) }
}

extension JSON {
    /// The number at the end of some names of members; 0 where there is none.
    func count(_ names: String...) -> Int { count(names) }
    func count(_ names: [String]) -> Int { names.reduce(self as JSON?) { $0?[$1] }?.number ?? 0 }
}

/// Refuses a number that an option does not take.
func require(_ option: String, _ number: Int?, in range: ClosedRange<Int>, _ advice: String = "") throws {
    guard let number, !range.contains(number) else { return }
    throw ValidationError("\(option) is a number from \(range.lowerBound) to \(range.upperBound)\(advice).")
}
