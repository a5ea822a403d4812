import DNS

/// The queries of one kind, as they arrive.
struct Questions {
    let kind: String
    private(set) var count = 0
    private var octets: [UInt8] = []
    private var ends: [Int] = []

    init(kind: String) { self.kind = kind }

    /// Each query says that its client takes 1,232 octets, as resolvers do.
    mutating func append(_ name: Name, _ type: RecordType, dnssecOK: Bool) {
        octets += [0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1]
        octets += name.wire
        octets += [UInt8(type.rawValue >> 8), UInt8(type.rawValue & 255), 0, 1]
        octets += [0, 0, 41, 0x04, 0xD0, 0, 0, dnssecOK ? 0x80 : 0, 0, 0, 0]
        ends.append(octets.count)
        count += 1
    }

    /// The least number of queries that asks all questions in whole batches.
    var round: Int { (count + QueryBatch.count - 1) / QueryBatch.count * QueryBatch.count }

    /// The query of this number; behind the last one comes the first again.
    subscript(number: Int) -> Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let index = number % count
            return octets.span.extracting((index == 0 ? 0 : ends[index - 1])..<ends[index])
        }
    }

    /// A line of standard input for each question: kind, name, number of the type, and `do` or `-`, between tabs.
    static func read() throws -> [Questions] {
        var all: [Questions] = []
        while let line = readLine() {
            let fields = line.split(separator: "\t")
            guard fields.count == 4, let type = UInt16(fields[2]) else { throw Failure("not a question: \(line)") }
            if all.last?.kind != String(fields[0]) { all.append(Questions(kind: String(fields[0]))) }
            let name = try Name(String(fields[1]))
            all[all.count - 1].append(name, RecordType(rawValue: type), dnssecOK: fields[3] == "do")
        }
        return all
    }
}

struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
