import DNS
import Linux

/// A query and what became of it, as a worker hands it on.
struct QueryRecord: Sendable {
    /// What it is for.
    struct Uses: OptionSet, Sendable {
        let rawValue: UInt8
        static let log = Uses(rawValue: 1)
        static let top = Uses(rawValue: 2)
    }

    var uses: Uses
    let transport: Transport
    /// When its batch was answered, in microseconds since 1970.
    let time: Int
    let client: SocketAddress
    let summary: ResponseSummary
    /// Of the reply; 0 where there was none.
    let octets: Int
    /// Of the query's header.
    private let flags: UInt8
    private let recordClass: UInt16
    /// Zero where there is no question.
    private var nameCount = 0
    private var name = InlineArray<255, UInt8>(repeating: 0)

    init(
        _ uses: Uses, _ query: Span<UInt8>, from client: SocketAddress, over transport: Transport, at time: Int,
        _ summary: ResponseSummary, octets: Int
    ) {
        self.uses = uses
        self.client = client
        self.transport = transport
        self.time = time
        self.summary = summary
        self.octets = octets
        flags = query.count > 2 ? query[2] : 0
        let end = Self.nameEnd(query)
        recordClass = end > 0 ? UInt16(query[end + 2]) << 8 | UInt16(query[end + 3]) : 0
        guard end > 0 else { return }
        nameCount = end - Header.count
        for index in 0..<nameCount { name[index] = query[Header.count + index] }
    }

    /// The end of the question's name, with type and class behind it; 0 where it has none of at most 255 octets.
    private static func nameEnd(_ query: Span<UInt8>) -> Int {
        guard query.count > Header.count, query[4] == 0, query[5] == 1 else { return 0 }
        var offset = Header.count
        while offset < query.count, offset < Header.count + 255 {
            let length = Int(query[offset])
            offset += 1 + length
            if length == 0 { return offset + 4 <= query.count ? offset : 0 }
            if length > 63 { return 0 }
        }
        return 0
    }

    /// Nil where there is no question.
    var question: Name? {
        nameCount == 0 ? nil : try? Name(wire: name.span.extracting(0..<nameCount))
    }

    /// The name in small letters: for counting.
    var foldedName: [UInt8]? {
        if nameCount == 0 { return nil }
        // Lengths of labels are below the letters.
        return (0..<nameCount).map { (0x41...0x5A).contains(name[$0]) ? name[$0] | 0x20 : name[$0] }
    }

    /// A line of the query log.
    func line(timestamp: String) -> JSON {
        let fraction = String(1_000_000 + time % 1_000_000).dropFirst()
        let marks = [
            (flags & 1 != 0, "rd"), (summary.marks.contains(.hasEDNS), "edns"),
            (summary.marks.contains(.dnssecOK), "do"),
            (summary.marks.contains(.isTruncated), "tc"),
        ]
        let name = question
        return [
            "time": .string("\(timestamp.dropLast()).\(fraction)Z"), "client": .string(client.host),
            "port": .number(Int(client.port)), "transport": transport == .udp ? "udp" : "tcp",
            "name": name.map { .string("\($0)") } ?? .null,
            "class": name == nil ? .null : .string("\(RecordClass(rawValue: recordClass))"),
            "type": name == nil ? .null : .string("\(summary.type)"),
            "flags": .array(marks.filter(\.0).map { .string($0.1) }),
            "code": octets == 0 ? .null : .string("\(summary.code)"), "octets": .number(octets),
        ]
    }
}
