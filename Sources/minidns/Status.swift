import ArgumentParser
import DNS
import Linux

/// `minidns status`: how the zones of a running server stand.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show how the zones of a running server stand.", discussion: ExitStatus.help)

    @OptionGroup var options: ControlOptions

    func run() throws {
        let reply = try options.ask(["request": "status"])
        StandardStreams.write((options.json ? reply.text : Self.table(reply) + Self.counts(reply)) + "\n", to: 1)
        let zones = reply["zones"]?.array ?? []
        let isGood = reply["errors"]?.array?.isEmpty ?? false && zones.allSatisfy { $0["state"] == "ok" }
        if !isGood { throw ExitCode(ExitStatus.brokenZone.rawValue) }
    }

    /// Zones in columns, then what is wrong.
    private static func table(_ reply: JSON) -> String {
        var rows = [["ZONE", "SERIAL", "RECORDS", "LOADED", "STATE"]]
        var remarks = (reply["errors"]?.array ?? []).compactMap { $0.string.map { "\n\($0)" } }
        for zone in reply["zones"]?.array ?? [] {
            let name = zone["zone"]?.string ?? ""
            rows.append([
                name, number(zone["serial"]), number(zone["records"]), zone["loaded"]?.string ?? "-",
                zone["state"]?.string ?? "",
            ])
            if let error = zone["error"]?.string { remarks.append("\n\(error)") }
        }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            let cells = row.indices.map { column in
                let blanks = String(repeating: " ", count: widths[column] - row[column].count)
                // Numbers stand to the right.
                return column == 1 || column == 2 ? blanks + row[column] : row[column] + blanks
            }
            return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
        return (lines + remarks).joined(separator: "\n")
    }

    /// What was done since the start, in a few lines.
    private static func counts(_ reply: JSON) -> String {
        guard let counters = reply["counters"] else { return "" }
        func list(_ counts: [(name: String, count: Int)]) -> String {
            counts.isEmpty ? "none" : counts.map { "\($0.name) \($0.count)" }.joined(separator: ", ")
        }
        var codes: [String: Int] = [:]
        let transports = ["udp", "tcp"].compactMap { counters[$0] }
        for (name, count) in transports.flatMap({ $0["codes"]?.counts ?? [] }) { codes[name, default: 0] += count }
        func sum(_ name: String) -> Int { transports.reduce(0) { $0 + ($1[name]?.number ?? 0) } }
        let sorted = codes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { (name: $0.key, count: $0.value) }
        return """


            queries      \(sum("queries")), over TCP \(counters["tcp"]?["queries"]?.number ?? 0)
            replies      \(sum("replies")), not sent \(sum("unsent")), truncated \(sum("truncated"))
            codes        \(list(sorted))
            connections  \(counters["connectionsOpen"]?.number ?? 0) open, \(counters["connectionsAccepted"]?.number ?? 0) accepted
            limits       \(list(counters["limits"]?.counts ?? []))
            """
    }

    private static func number(_ value: JSON?) -> String { value?.number.map(String.init) ?? "-" }
}

extension JSON {
    /// The members that are numbers.
    var counts: [(name: String, count: Int)] {
        guard case .object(let members) = self else { return [] }
        return members.compactMap { member in member.value.number.map { (member.name, $0) } }
    }
}
