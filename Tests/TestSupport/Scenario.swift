public import DNS
import Foundation

/// Zones, questions, and the whole of each answer. Tests/DNSTests/Scenarios/README.md describes the files.
public struct Scenario: Sendable, CustomStringConvertible {
    /// The file's name without its ending.
    public var name: String
    public var groups: [Group] = []
    /// What the server says of itself in all groups.
    public var identity: String?
    public var version: String?

    public var description: String { name }

    /// Zones that are served together, and what is asked of them.
    public struct Group: Sendable {
        public var zones: [(origin: String, text: [UInt8])] = []
        /// Origins of zones without a good version.
        public var broken: [String] = []
        public var steps: [Step] = []

        public init() {}
    }

    /// One query and the reply to it.
    public struct Step: Sendable {
        /// `file:line`.
        public var place: String
        public var query: [UInt8]
        public var transports: [Transport] = [.udp, .tcp]
        public var reply = ExpectedReply()
    }

    public static func all() throws -> [Scenario] {
        try TestData.files(in: "DNSTests/Scenarios", suffix: ".scenario").map { file in
            try Scenario(name: file.deletingPathExtension().lastPathComponent, text: [UInt8](Data(contentsOf: file)))
        }
    }

    /// A line of a scenario that is not understood.
    public struct BadLine: Error, CustomStringConvertible {
        public var place: String
        public var line: String

        public init(place: String, line: String) { (self.place, self.line) = (place, line) }

        public var description: String { "\(place): not understood: \(line)" }
    }

    init(name: String, text: [UInt8]) throws {
        self.name = name
        groups = [Group()]
        var isInZone = false
        for (index, octets) in text.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            let place = "\(name).scenario:\(index + 1)"
            let line = String(decoding: octets, as: UTF8.self)
            if line.hasPrefix("#") {
                if isInZone { groups[groups.count - 1].append(zoneLine: [0x3B]) }
            } else if line.hasPrefix("--- ") {
                isInZone = try addDirective(line.dropFirst(4).split(separator: " ").map(String.init), place)
            } else if isInZone {
                groups[groups.count - 1].append(zoneLine: Array(octets))
            } else if !line.isEmpty {
                try addExpectation(line, place)
            }
        }
    }

    /// Whether the lines that follow are a zone's.
    private mutating func addDirective(_ words: [String], _ place: String) throws -> Bool {
        let last = groups.count - 1
        switch (words.first, words.count) {
        case ("zone", 2):
            if !groups[last].steps.isEmpty { groups.append(Group()) }
            groups[groups.count - 1].zones.append((words[1], []))
            return true
        case ("broken", 2):
            if !groups[last].steps.isEmpty { groups.append(Group()) }
            groups[groups.count - 1].broken.append(words[1])
        case ("identity", 2): identity = words[1]
        case ("version", 2): version = words[1]
        case ("reset", 1):
            groups.append(Group())
        case ("ask", 3...):
            groups[last].steps.append(try Step(asking: Array(words.dropFirst()), place))
        case ("send", 2...):
            groups[last].steps.append(try Step(sending: Array(words.dropFirst()), place))
        default:
            throw BadLine(place: place, line: words.joined(separator: " "))
        }
        return false
    }

    private mutating func addExpectation(_ line: String, _ place: String) throws {
        let group = groups.count - 1
        guard let step = groups[group].steps.indices.last else { throw BadLine(place: place, line: line) }
        try groups[group].steps[step].reply.add(line, place)
    }
}

extension Scenario.Group {
    mutating func append(zoneLine: [UInt8]) { zones[zones.count - 1].text += zoneLine + [0x0A] }

    /// The group's zones, loaded; an error where one of them does not load.
    public func database(
        seed: UInt64 = 0x5EED, recordsPerPiece: Int = ZoneLoader.recordsPerPiece
    ) throws -> Database {
        let compiled = try zones.map { origin, text in
            let loaded = ZoneLoader.load(
                path: origin + "zone", origin: try Name(origin), seed: seed, parallel: Pieces.backwards,
                recordsPerPiece: recordsPerPiece
            ) { _ in .success(text) }
            guard let zone = loaded.zone else {
                throw Scenario.BadLine(place: origin, line: loaded.problems.map(\.description).joined(separator: "\n"))
            }
            return zone
        }
        return Database(zones: compiled, unavailable: try broken.map { try Name($0) }, seed: seed)
    }
}

extension Scenario.Step {
    /// `NAME TYPE [OPTION …]`.
    init(asking words: [String], _ place: String) throws {
        guard let type = RecordType(words[1]) else { throw Scenario.BadLine(place: place, line: words[1]) }
        var message = Message(id: 0x1234, question: Question(try Name(words[0]), type))
        self.place = place
        query = []
        for word in words.dropFirst(2) {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            switch (parts[0], parts.count > 1 ? parts[1] : "") {
            case ("+udp", ""): transports = [.udp]
            case ("+tcp", ""): transports = [.tcp]
            case ("+noedns", ""): message.edns = nil
            case ("+edns", ""): message.edns = message.edns ?? EDNS()
            case ("+do", ""): message.edns = EDNS(udpPayloadSize: message.edns?.udpPayloadSize ?? 1232, dnssecOK: true)
            case ("+bufsize", let size):
                guard let size = UInt16(size) else { throw Scenario.BadLine(place: place, line: word) }
                message.edns = EDNS(udpPayloadSize: size, dnssecOK: message.edns?.dnssecOK ?? false)
            case ("+option", let text):
                // CODE or CODE:HEX.
                let parts = text.split(separator: ":").map(String.init)
                guard let code = UInt16(parts[0]), let data = [UInt8](hex: parts.count > 1 ? parts[1] : "") else {
                    throw Scenario.BadLine(place: place, line: word)
                }
                message.edns = message.edns ?? EDNS()
                message.edns?.options.append(EDNS.Option(.init(rawValue: code), data))
            case ("+rd", ""): message.header.recursionDesired = true
            case ("+cd", ""): message.header.checkingDisabled = true
            case ("+class", let name):
                guard let known = RecordClass(name) else { throw Scenario.BadLine(place: place, line: word) }
                message.questions[0].recordClass = known
            case ("+opcode", let number):
                guard let opcode = UInt8(number) else { throw Scenario.BadLine(place: place, line: word) }
                message.header.opcode = Opcode(rawValue: opcode)
            default: throw Scenario.BadLine(place: place, line: word)
            }
        }
        query = try message.encoded()
    }

    /// `HEX [OPTION …]`.
    init(sending words: [String], _ place: String) throws {
        self.place = place
        let digits = words.filter { !$0.hasPrefix("+") }.joined()
        guard let octets = [UInt8](hex: digits) else { throw Scenario.BadLine(place: place, line: digits) }
        query = octets
        if words.contains("+udp") { transports = [.udp] }
        if words.contains("+tcp") { transports = [.tcp] }
    }
}

extension [UInt8] {
    /// From hexadecimal digits, two an octet.
    public init?(hex: String) {
        let digits = hex.compactMap(\.hexDigitValue)
        guard digits.count == hex.count, digits.count % 2 == 0 else { return nil }
        self = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    }

    public var hex: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}
