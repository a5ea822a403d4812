public import DNS
import Foundation

/// A message and what decoding gives. Tests/DNSTests/Vectors/messages.txt says how it is written.
public struct GoldenMessage: Sendable, CustomStringConvertible {
    public var name: String
    /// `file:line`.
    public var place: String
    public var octets: [UInt8] = []
    /// Why it is refused; nil where it is not.
    public var error: String?
    /// Whether encoding gives other octets than there were.
    public var isRewritten = false
    /// What it says, a line a thing.
    public var lines: [String] = []

    public var description: String { "\(place) \(name)" }

    public static func all() throws -> [GoldenMessage] {
        let file = TestData.root.appending(path: "DNSTests/Vectors/messages.txt")
        let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        var messages: [GoldenMessage] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let place = "messages.txt:\(index + 1)"
            if line.hasPrefix("--- ") {
                messages.append(GoldenMessage(name: String(line.dropFirst(4)), place: place))
            } else if !line.isEmpty, !line.hasPrefix("#") {
                guard let last = messages.indices.last else { throw Scenario.BadLine(place: place, line: String(line)) }
                try messages[last].add(String(line), place)
            }
        }
        return messages
    }

    private mutating func add(_ line: String, _ place: String) throws {
        let words = line.split(separator: " ").map(String.init)
        guard words.first == "=" else {
            guard let octets = [UInt8](hex: line.prefix { $0 != ";" }.filter { $0 != " " }) else {
                throw Scenario.BadLine(place: place, line: line)
            }
            self.octets += octets
            return
        }
        switch words.dropFirst().first {
        case "error": error = words.last
        case "rewritten": isRewritten = true
        case "answer", "authority", "additional":
            let record = try Record(words.dropFirst(2).joined(separator: " "))
            lines.append("\(words[1]) \(record)")
        default: lines.append(words.dropFirst().joined(separator: " "))
        }
    }
}

extension GoldenMessage {
    /// What a message says, as the file writes it.
    public static func lines(of message: Message) -> [String] {
        let header = message.header
        let flags = [
            (header.isResponse, " qr"), (header.isAuthoritative, " aa"), (header.isTruncated, " tc"),
            (header.recursionDesired, " rd"), (header.recursionAvailable, " ra"), (header.authenticData, " ad"),
            (header.checkingDisabled, " cd"),
        ]
        var lines = ["\(header.id) \(header.opcode) \(header.responseCode)" + flags.filter(\.0).map(\.1).joined()]
        lines += message.questions.map { "question \($0.name) \($0.recordClass) \($0.type)" }
        lines += message.answer.map { "answer \($0)" } + message.authority.map { "authority \($0)" }
        lines += message.additional.map { "additional \($0)" }
        guard let edns = message.edns else { return lines }
        lines.append("edns version=\(edns.version) udp=\(edns.udpPayloadSize)" + (edns.dnssecOK ? " do" : ""))
        if edns.otherFlags != 0 { lines.append("edns flags=\(edns.otherFlags)") }
        return lines + edns.options.map { "option \($0.code.rawValue)" + ($0.data.isEmpty ? "" : " \($0.data.hex)") }
    }
}
