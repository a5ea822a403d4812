import Foundation

/// One case of Tests/DNSTests/Vectors/records; the README there describes the format.
public struct RecordVector: Sendable, CustomStringConvertible {
    public enum Outcome: Sendable {
        case good(Good)
        /// The text is refused with the message; the error marks the octets, where they are given.
        case badText(message: String, octets: String?)
        /// The wire octets are refused with this case of `WireError`.
        case badWire(error: String)
    }

    public struct Good: Sendable {
        public var wire: [UInt8]
        /// `NAME=VALUE`, in order.
        public var fields: [String]
        public var canonical: [UInt8]
        /// What the data print as.
        public var printed: String
    }

    /// Where it stands, as `file:line`.
    public let place: String
    public let type: String
    /// The data in presentation form, or in hexadecimal where the wire format is bad.
    public let input: String
    public let outcome: Outcome

    public var good: Good? {
        if case .good(let good) = outcome { good } else { nil }
    }

    public var description: String { "\(place) \(type) \(input.prefix(60))" }

    /// All cases.
    public static func all() throws -> [RecordVector] {
        try TestData.files(in: "DNSTests/Vectors/records", suffix: ".txt").flatMap { file in
            try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
                .enumerated().compactMap { index, line in
                    line.isEmpty || line == "#" || line.hasPrefix("# ")
                        ? nil : try RecordVector(String(line), place: "\(file.lastPathComponent):\(index + 1)")
                }
        }
    }

    private init(_ line: String, place: String) throws {
        self.place = place
        let type = line.prefix { $0 != " " }
        self.type = String(type)
        let separator = line.dropFirst(type.count).dropFirst().prefix { $0 != " " }
        let columns = line.components(separatedBy: " \(separator) ")
        guard columns.count > 2 else { throw MalformedVector(place: place) }
        input = columns[1]
        switch separator {
        case "|":
            guard columns.count > 3, let wire = octets(columns[2]) else { throw MalformedVector(place: place) }
            var good = Good(
                wire: wire, fields: columns[3].components(separatedBy: "  "), canonical: wire, printed: columns[1])
            for column in columns[4...] {
                let value = String(column.drop { $0 != "=" }.dropFirst())
                switch column.prefix(while: { $0 != "=" }) {
                case "canonical": good.canonical = octets(value) ?? []
                case "prints": good.printed = value
                default: throw MalformedVector(place: place)
                }
            }
            outcome = .good(good)
        case "!":
            outcome = .badText(message: columns[2], octets: columns.count > 3 ? columns[3] : nil)
        case "!!":
            outcome = .badWire(error: columns[2])
        default:
            throw MalformedVector(place: place)
        }
    }
}

/// The octets that hexadecimal digits stand for.
public func octets(_ hex: String) -> [UInt8]? {
    guard hex.utf8.count % 2 == 0 else { return nil }
    var octets: [UInt8] = []
    var digits = hex[...]
    while !digits.isEmpty {
        guard let octet = UInt8(digits.prefix(2), radix: 16) else { return nil }
        octets.append(octet)
        digits = digits.dropFirst(2)
    }
    return octets
}

/// A line of the vectors that means nothing.
public struct MalformedVector: Error {
    public let place: String
}
