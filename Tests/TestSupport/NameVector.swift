import Foundation

/// One line of Tests/DNSTests/Vectors/names.txt, which describes the format.
public struct NameVector: Sendable, CustomStringConvertible {
    public enum Outcome: Sendable {
        case good(wire: [UInt8], printed: String)
        case badText(message: String)
        case badWire([UInt8], error: String)
        /// Comes behind the names of the lines of this kind before it.
        case ordered
    }

    /// Where it stands, as `file:line`.
    public let place: String
    public let text: String
    public let outcome: Outcome

    public var description: String { "\(place) \(text.prefix(60))" }

    public static func all() throws -> [NameVector] {
        let file = TestData.root.appending(path: "DNSTests/Vectors/names.txt")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated().compactMap { index, line in
                line.isEmpty || line == "#" || line.hasPrefix("# ")
                    ? nil : try NameVector(String(line), place: "names.txt:\(index + 1)")
            }
    }

    private init(_ line: String, place: String) throws {
        self.place = place
        if line.hasPrefix("< ") {
            (text, outcome) = (String(line.dropFirst(2)), .ordered)
            return
        }
        if line.hasPrefix("!! ") {
            let columns = line.dropFirst(3).components(separatedBy: "!! ")
            let hex = columns[0].trimmingCharacters(in: .whitespaces)
            guard columns.count == 2, let wire = octets(hex) else { throw MalformedVector(place: place) }
            (text, outcome) = (hex, .badWire(wire, error: columns[1]))
            return
        }
        let good = line.components(separatedBy: " | ")
        if good.count > 1, let wire = octets(good[1]) {
            (text, outcome) = (good[0], .good(wire: wire, printed: good.count > 2 ? good[2] : good[0]))
            return
        }
        let bad = line.components(separatedBy: " ! ")
        guard bad.count == 2 else { throw MalformedVector(place: place) }
        (text, outcome) = (bad[0], .badText(message: bad[1]))
    }
}
