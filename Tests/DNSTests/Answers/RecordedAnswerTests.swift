import DNS
import Foundation
import TestSupport
import Testing

/// Answers that most of three other servers agree on, replayed: Tests/Compare/README.md says how they were recorded.
@Suite struct RecordedAnswerTests {
    @Test(arguments: ["plain", "root", "signed"])
    func answers(_ world: String) throws {
        let folder = "DNSTests/Recorded/\(world)"
        var group = Scenario.Group()
        for file in try TestData.files(in: folder, suffix: ".zone") {
            let name = file.deletingPathExtension().lastPathComponent
            group.zones.append((name == "root" ? "." : name + ".", [UInt8](try Data(contentsOf: file))))
        }
        let database = try group.database()
        let answers = try #require(TestData.files(in: folder, suffix: "answers.txt").first)
        let lines = try String(contentsOf: answers, encoding: .utf8).split(separator: "\n")
        #expect(lines.count >= 400)
        for line in lines {
            let recorded = try Recorded(line)
            guard let reply = respond(to: recorded.query, over: recorded.transport, from: database) else {
                Issue.record("no reply: \(line)")
                continue
            }
            let answer = try Recorded.answer(Message(decoding: reply.span))
            if answer != recorded.answer { Issue.record("\(line)\nis answered \(answer)") }
        }
    }
}

/// A line of answers.txt: name, type, transport, EDNS size, DO | the answer.
struct Recorded {
    let query: [UInt8]
    let transport: Transport
    let answer: String

    init(_ line: Substring) throws {
        let parts = line.split(separator: "|", maxSplits: 1)
        let words = parts[0].split(separator: " ").map(String.init)
        guard parts.count == 2, words.count == 5, let type = UInt16(words[1]) else {
            throw Scenario.BadLine(place: "answers.txt", line: String(line))
        }
        let edns = UInt16(words[3]).map { EDNS(udpPayloadSize: $0, dnssecOK: words[4] == "do") }
        let question = Question(try Name(words[0]), RecordType(rawValue: type))
        query = try Message(id: 1, question: question, edns: edns).encoded()
        transport = words[2] == "tcp" ? .tcp : .udp
        answer = parts[1].trimmingCharacters(in: .whitespaces)
    }

    /// Code and flags | types and counts of each section | digest of all records.
    static func answer(_ message: Message) -> String {
        let flags = (message.header.isAuthoritative ? " aa" : "") + (message.header.isTruncated ? " tc" : "")
        let sections = [message.answer, message.authority, message.additional]
        let counts = sections.map { records in
            Dictionary(grouping: records, by: \.type.rawValue).sorted { $0.key < $1.key }
                .map { "\($0.key)*\($0.value.count)" }.joined(separator: " ")
        }
        let parts = [message.header.responseCode.description + flags] + counts + [digest(sections)]
        return parts.joined(separator: " | ")
    }

    /// FNV-1a of 64 bits over the sorted records: section, owner, type, TTL, data.
    private static func digest(_ sections: [[Record]]) -> String {
        var records: [[UInt8]] = []
        for (number, section) in sections.enumerated() {
            for record in section {
                let (type, ttl) = (record.type.rawValue, record.ttl.seconds)
                let fixed = [UInt8(type >> 8), UInt8(type & 0xFF)] + (0..<4).map { UInt8(ttl >> (24 - 8 * $0) & 0xFF) }
                records.append([UInt8(number)] + record.owner.wire + fixed + record.data.octets)
            }
        }
        var value: UInt64 = 0xCBF2_9CE4_8422_2325
        for octet in records.sorted(by: { $0.lexicographicallyPrecedes($1) }).joined() {
            value = (value ^ UInt64(octet)) &* 0x100_0000_01B3
        }
        let text = String(value, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
}
