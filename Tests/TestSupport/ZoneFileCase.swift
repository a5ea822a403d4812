import Foundation

/// A zone file, and what parsing it gives. Tests/DNSTests/ZoneFiles/README.md describes the format.
public struct ZoneFileCase: Sendable, CustomStringConvertible {
    public var name: String
    /// Where it stands, as `file:line`.
    public var place: String
    public var isAccepted: Bool
    public var origin = "example."
    public var text: [UInt8] = []
    /// The files that may be included, by name.
    public var files: [String: [UInt8]] = [:]
    /// One canonical line a record.
    public var records: [String] = []
    /// `LINE:COL message`, with `warning: ` before the message of a warning and the name of an included file before
    /// its line.
    public var problems: [String] = []

    public var description: String { "\(place) \(name)" }

    /// All cases of a corpus.
    public static func all(in folder: String = "DNSTests/ZoneFiles") throws -> [ZoneFileCase] {
        let folder = TestData.root.appending(path: folder)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted()
        return try files.filter { $0.hasSuffix(".cases") }.flatMap { file in
            try parse([UInt8](Data(contentsOf: folder.appending(path: file))), file: file)
        }
    }

    private static func parse(_ text: [UInt8], file: String) throws -> [ZoneFileCase] {
        var cases: [ZoneFileCase] = []
        var section = Section.comment
        var lineEnd: [UInt8] = [0x0A]
        for (index, octets) in text.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            let place = "\(file):\(index + 1)"
            guard octets.starts(with: Array("--- ".utf8)) else {
                guard !cases.isEmpty else { continue }
                cases[cases.count - 1].add(Array(octets), section, lineEnd)
                continue
            }
            let line = String(decoding: octets, as: UTF8.self).dropFirst(4)
            let word = String(line.prefix { $0 != " " })
            let rest = String(line.dropFirst(word.count + 1))
            if word == "accept" || word == "reject" {
                cases.append(ZoneFileCase(name: rest, place: place, isAccepted: word == "accept"))
                lineEnd = [0x0A]
                section = .text
            } else if cases.isEmpty {
                throw MalformedCase(place: place)
            } else if word == "text" {
                lineEnd = try cases[cases.count - 1].applyOptions(rest, place)
            } else {
                section = try cases[cases.count - 1].begin(word, rest, place)
            }
        }
        for index in cases.indices { cases[index].finish() }
        return cases
    }

    private enum Section {
        case comment, text, records
        case file(String)
    }

    private var isUnended = false
    private var expandsEscapes = false

    init(name: String, place: String, isAccepted: Bool) {
        self.name = name
        self.place = place
        self.isAccepted = isAccepted
    }

    private mutating func applyOptions(_ options: String, _ place: String) throws -> [UInt8] {
        var lineEnd: [UInt8] = [0x0A]
        for option in options.split(separator: " ") {
            switch option {
            case "crlf": lineEnd = [0x0D, 0x0A]
            case "unended": isUnended = true
            case "mark": text += [0xEF, 0xBB, 0xBF]
            case "percent": expandsEscapes = true
            default: throw MalformedCase(place: place)
            }
        }
        return lineEnd
    }

    private mutating func begin(_ word: String, _ rest: String, _ place: String) throws -> Section {
        switch word {
        case "origin":
            origin = rest
            return .text
        case "records":
            return .records
        case "error":
            problems.append(rest)
            return .comment
        case "warn":
            let parts = rest.split(separator: " ", maxSplits: 1)
            guard parts.count == 2 else { throw MalformedCase(place: place) }
            problems.append("\(parts[0]) warning: \(parts[1])")
            return .comment
        case "file":
            files[rest] = []
            return .file(rest)
        default:
            throw MalformedCase(place: place)
        }
    }

    private mutating func add(_ line: [UInt8], _ section: Section, _ lineEnd: [UInt8]) {
        switch section {
        case .comment: break
        case .text: text += line + lineEnd
        case .file(let name): files[name, default: []] += line + lineEnd
        case .records: if !line.isEmpty { records.append(String(decoding: line, as: UTF8.self)) }
        }
    }

    private mutating func finish() {
        if isUnended, text.last == 0x0A { text.removeLast() }
        if isUnended, text.last == 0x0D { text.removeLast() }
        if expandsEscapes { text = expandingEscapes(text) }
    }

    /// `%XX` stands for an octet.
    private func expandingEscapes(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < text.count {
            let digits = String(decoding: text[min(index + 1, text.count)..<min(index + 3, text.count)], as: UTF8.self)
            if text[index] == 0x25, let octet = UInt8(digits, radix: 16) {
                result.append(octet)
                index += 3
            } else {
                result.append(text[index])
                index += 1
            }
        }
        return result
    }
}

/// A line of the corpus that means nothing.
struct MalformedCase: Error {
    let place: String
}
