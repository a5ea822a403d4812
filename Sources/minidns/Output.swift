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

/// Counts on standard error what takes long, where that is a terminal.
struct Progress: ~Copyable {
    private let what: String
    private let isShown = StandardStreams.isTerminal(2)
    private var count = 0
    private var nextShown = Progress.step

    private static let step = 50_000

    init(_ what: String) { self.what = what }

    mutating func add(_ more: Int) {
        count += more
        guard isShown, count >= nextShown else { return }
        nextShown = count + Self.step
        StandardStreams.write("\r\(what): \(count)", to: 2)
    }

    deinit {
        // Clears the line.
        if nextShown > Self.step { StandardStreams.write("\r\u{1B}[K", to: 2) }
    }
}
