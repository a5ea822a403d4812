import DNS

/// One picture of `minidns top`, from two replies of the server.
struct TopFrame {
    struct Line {
        var text: String
        var paint = Output.Paint.plain
    }

    private(set) var lines: [Line] = []
    private let before: JSON
    private let now: JSON
    /// Between the two.
    private let milliseconds: Int

    private static let codesAndTypes = 8
    private static let mostFrequent = 12
    private static let columnWidth = 44
    private static let nameWidth = 34

    init(from before: JSON, to now: JSON) {
        milliseconds = max(1, now.count("milliseconds") - before.count("milliseconds"))
        self.before = before["counters"] ?? .null
        self.now = now["counters"] ?? .null
        let addresses = (now["addresses"]?.array ?? []).compactMap(\.string).joined(separator: ", ")
        let uptime = self.now.count("uptime")
        add(
            "minidns  \(addresses)  up \(uptime / 3600):\(Self.two(uptime / 60 % 60)):\(Self.two(uptime % 60))", .strong
        )
        addTotals()
        addColumns(
            ("CODE", rates("codes").map { ($0.name, "\($0.rate)/s") }),
            ("TYPE", rates("types").map { ($0.name, "\($0.rate)/s") }), Self.codesAndTypes)
        let samples = now.count("samples")
        func shares(_ list: String, _ key: String) -> [(String, String)] {
            (now[list]?.array ?? []).map { entry in
                let share = entry.count("count") * 1000 / max(1, samples)
                return (entry[key]?.string ?? "", "\(share / 10).\(share % 10) %")
            }
        }
        addColumns(("NAME", shares("names", "name")), ("CLIENT", shares("clients", "client")), Self.mostFrequent)
    }

    private mutating func addTotals() {
        let udp = rate("udp", "queries")
        let tcp = rate("tcp", "queries")
        let replies = rate("udp", "replies") + rate("tcp", "replies")
        add("")
        add("queries \(udp + tcp)/s   UDP \(udp)/s   TCP \(tcp)/s")
        let truncated = rate("udp", "truncated") + rate("tcp", "truncated")
        let unsent = rate("udp", "unsent") + rate("tcp", "unsent")
        add("replies \(replies)/s   truncated \(truncated)/s   not sent \(unsent)/s")
        add("connections \(now.count("connectionsOpen")) open   \(rate("connectionsAccepted"))/s new")
        let limits = (now["limits"]?.counts ?? []).map { name, count in
            "\(name) \(perSecond(count - before.count("limits", name)))/s (\(count) in all)"
        }
        add("limits \(limits.isEmpty ? "none reached" : limits.joined(separator: "   "))")
    }

    /// Two lists side by side, up to so many lines.
    private mutating func addColumns(
        _ left: (title: String, values: [(String, String)]), _ right: (title: String, values: [(String, String)]),
        _ limit: Int
    ) {
        func cell(_ list: [(String, String)], _ index: Int) -> String {
            guard index < list.count else { return "".padded(to: Self.columnWidth) }
            let (name, value) = list[index]
            let text = Self.clean(name)
            let shown = text.count <= Self.nameWidth ? text : "..." + text.suffix(Self.nameWidth - 3)
            return shown + "".padded(to: max(1, Self.columnWidth - 2 - shown.count - value.count)) + value + "  "
        }
        add("")
        add(left.title.padded(to: Self.columnWidth) + right.title, .faint)
        for index in 0..<min(limit, max(left.values.count, right.values.count)) {
            add((cell(left.values, index) + cell(right.values, index)).withoutBlanksAtEnd)
        }
    }

    /// What was counted by name over both transports, a second, the most frequent first.
    private func rates(_ list: String) -> [(name: String, rate: Int)] {
        JSON.sums(list, from: before, to: now).map { ($0.name, perSecond($0.count)) }
    }

    private func rate(_ names: String...) -> Int { perSecond(now.count(names) - before.count(names)) }

    private func perSecond(_ count: Int) -> Int { (count * 1000 + milliseconds / 2) / milliseconds }

    private mutating func add(_ text: String, _ paint: Output.Paint = .plain) {
        lines.append(Line(text: text, paint: paint))
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// Without anything that a terminal could take for a command.
    private static func clean(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { (0x20...0x7E).contains($0.value) ? $0 : "?" }))
    }
}
