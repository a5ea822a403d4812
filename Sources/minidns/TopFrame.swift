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
        milliseconds = max(1, (now["milliseconds"]?.number ?? 0) - (before["milliseconds"]?.number ?? 0))
        self.before = before["counters"] ?? .null
        self.now = now["counters"] ?? .null
        let addresses = (now["addresses"]?.array ?? []).compactMap(\.string).joined(separator: ", ")
        let uptime = self.now["uptime"]?.number ?? 0
        add(
            "minidns  \(addresses)  up \(uptime / 3600):\(Self.two(uptime / 60 % 60)):\(Self.two(uptime % 60))", .strong
        )
        addTotals()
        addColumns(
            ("CODE", rates("codes").map { ($0.name, "\($0.rate)/s") }),
            ("TYPE", rates("types").map { ($0.name, "\($0.rate)/s") }), Self.codesAndTypes)
        let samples = now["samples"]?.number ?? 0
        func shares(_ list: String, _ key: String) -> [(String, String)] {
            (now[list]?.array ?? []).map { entry in
                let share = (entry["count"]?.number ?? 0) * 1000 / max(1, samples)
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
        let accepted = perSecond(number(now, "connectionsAccepted") - number(before, "connectionsAccepted"))
        add("connections \(number(now, "connectionsOpen")) open   \(accepted)/s new")
        let limits = (now["limits"]?.counts ?? []).map { name, count in
            "\(name) \(perSecond(count - (before["limits"]?[name]?.number ?? 0)))/s (\(count) in all)"
        }
        add("limits \(limits.isEmpty ? "none reached" : limits.joined(separator: "   "))")
    }

    /// Two lists side by side, up to so many lines.
    private mutating func addColumns(
        _ left: (title: String, values: [(String, String)]), _ right: (title: String, values: [(String, String)]),
        _ limit: Int
    ) {
        func cell(_ list: [(String, String)], _ index: Int) -> String {
            guard index < list.count else { return Self.padded("", Self.columnWidth) }
            let (name, value) = list[index]
            let text = Self.clean(name)
            let shown = text.count <= Self.nameWidth ? text : "..." + text.suffix(Self.nameWidth - 3)
            let blanks = String(repeating: " ", count: max(1, Self.columnWidth - 2 - shown.count - value.count))
            return shown + blanks + value + "  "
        }
        add("")
        add(Self.padded(left.title, Self.columnWidth) + right.title, .faint)
        for index in 0..<min(limit, max(left.values.count, right.values.count)) {
            let text = cell(left.values, index) + cell(right.values, index)
            add(String(text.reversed().drop { $0 == " " }.reversed()))
        }
    }

    /// What was counted by name over both transports, a second, the most frequent first.
    private func rates(_ list: String) -> [(name: String, rate: Int)] {
        var counts: [String: Int] = [:]
        for transport in ["udp", "tcp"] {
            for (name, count) in now[transport]?[list]?.counts ?? [] {
                counts[name, default: 0] += count - (before[transport]?[list]?[name]?.number ?? 0)
            }
        }
        return counts.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { ($0.key, perSecond($0.value)) }
    }

    private func rate(_ transport: String, _ name: String) -> Int {
        perSecond(number(now[transport], name) - number(before[transport], name))
    }

    private func number(_ counters: JSON?, _ name: String) -> Int { counters?[name]?.number ?? 0 }

    private func perSecond(_ count: Int) -> Int { (count * 1000 + milliseconds / 2) / milliseconds }

    private mutating func add(_ text: String, _ paint: Output.Paint = .plain) {
        lines.append(Line(text: text, paint: paint))
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// Without anything that a terminal could take for a command.
    private static func clean(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { (0x20...0x7E).contains($0.value) ? $0 : "?" }))
    }
}
