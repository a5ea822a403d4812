import Linux

/// How text gets to the reader: on a terminal aligned and with colour, elsewhere plain. Nothing that came from the
/// network is written but through here, where all but printing ASCII is escaped.
struct Style {
    var usesColor: Bool
    var aligns: Bool

    init(noColor: Bool) {
        aligns = StandardStreams.isTerminal(1)
        // https://no-color.org: set and not empty.
        usesColor = aligns && !noColor && (Environment["NO_COLOR"] ?? "").isEmpty && Environment["TERM"] != "dumb"
    }

    enum Paint: String {
        case plain = ""
        case comment = "2"
        case owner = "1"
        case type = "36"
        case bad = "31"
    }

    func paint(_ text: String, _ paint: Paint) -> String {
        let text = Self.escaped(text)
        return usesColor && paint != .plain ? "\u{1B}[\(paint.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// A line that zone files take as a comment.
    func comment(_ text: String, _ paint: Paint = .comment) -> String { self.paint("; \(text)", paint) }

    /// `text` with every octet that is not printing ASCII as `\DDD`.
    static func escaped(_ text: String) -> String {
        if text.utf8.allSatisfy({ 0x20...0x7E ~= $0 }) { return text }
        var escaped: [UInt8] = []
        for octet in text.utf8 {
            if 0x20...0x7E ~= octet {
                escaped.append(octet)
            } else {
                escaped += [0x5C, 0x30 + octet / 100, 0x30 + octet / 10 % 10, 0x30 + octet % 10]
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}
