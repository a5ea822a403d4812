import Linux

/// How text gets to the reader: on a terminal aligned and with colour, elsewhere plain. Nothing that came from the
/// network is written but through here, where all but printing ASCII is escaped.
struct Style {
    let usesColor: Bool
    let aligns: Bool
    /// Whether names are shown as U-labels.
    let usesIDN: Bool

    init(_ lookup: Lookup) {
        aligns = StandardStreams.isTerminal(1)
        // https://no-color.org: set and not empty.
        usesColor =
            aligns && !lookup.noColor && (Environment["NO_COLOR"] ?? "").isEmpty && Environment["TERM"] != "dumb"
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { Environment[$0] }.first { !$0.isEmpty } ?? ""
        usesIDN = lookup.idn ?? (aligns && locale.uppercased().replacing("-", with: "").hasSuffix("UTF8"))
    }

    enum Paint: String {
        case plain = ""
        case comment = "2"
        case owner = "1"
        case type = "36"
        case bad = "31"
    }

    /// Text as it is shown, without colour.
    func shown(_ text: String) -> String {
        let text = Self.escaped(text)
        return usesIDN ? IDNA.unicode(text) : text
    }

    func paint(_ text: String, _ paint: Paint, width: Int = 0) -> String {
        var text = shown(text)
        text += String(repeating: " ", count: max(0, width - text.count))
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
