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
                // Numbers stand to the right.
                let isNumber = column == 1 || column == 2
                let blanks = isNumber ? "".padded(to: widths[column] - row[column].count) : ""
                return (blanks + row[column]).padded(to: widths[column])
            }
            return cells.joined(separator: "  ").withoutBlanksAtEnd
        }
        return (lines + remarks).joined(separator: "\n")
    }

    /// What was done since the start, in a few lines.
    private static func counts(_ reply: JSON) -> String {
        guard let counters = reply["counters"] else { return "" }
        func list(_ counts: [(name: String, count: Int)]) -> String {
            counts.isEmpty ? "none" : counts.map { "\($0.name) \($0.count)" }.joined(separator: ", ")
        }
        func sum(_ name: String) -> Int { counters.count("udp", name) + counters.count("tcp", name) }
        return """


            queries      \(sum("queries")), over TCP \(counters.count("tcp", "queries"))
            replies      \(sum("replies")), not sent \(sum("unsent")), truncated \(sum("truncated"))
            codes        \(list(JSON.sums("codes", to: counters)))
            connections  \(counters.count("connectionsOpen")) open, \(counters.count("connectionsAccepted")) accepted
            limits       \(list(counters["limits"]?.counts ?? []))
            """
    }

    private static func number(_ value: JSON?) -> String { value?.number.map(String.init) ?? "-" }
}
