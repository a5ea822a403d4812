import DNS

/// The ways on which the server answers a query.
enum Path: Int, CaseIterable {
    /// One after the other, as from a small database over UDP.
    case alone
    /// In batches, as from a large database over UDP.
    case passes
    /// Over TCP.
    case stream
}

/// A fault that is put in on purpose, to show that it would be found.
enum Plant: String { case none, retain, allocation }

/// Answers as the server's workers do, with what they keep from query to query.
struct Answering: ~Copyable {
    let database: Database
    private var responder = Responder()
    private var batch = QueryBatch()
    private let plant: Plant
    private let seed = Planted()
    private var planted: Planted?

    init(_ database: Database, _ plant: Plant) {
        self.database = database
        self.plant = plant
    }

    /// Answers so many queries, a multiple of a batch, all questions in turn; returns the octets of the last response.
    mutating func answer(
        _ questions: Questions, times: Int, on path: Path, into response: inout [UInt8]
    ) -> Int {
        var count = 0
        for start in stride(from: 0, to: times, by: QueryBatch.count) {
            let numbers = start..<(start + QueryBatch.count)
            switch path {
            case .alone: count = alone(questions, numbers, &response)
            case .passes: count = passes(questions, numbers, &response)
            case .stream: count = stream(questions, numbers, &response)
            }
        }
        return count
    }

    private mutating func alone(_ questions: Questions, _ numbers: Range<Int>, _ response: inout [UInt8]) -> Int {
        var count = 0
        for number in numbers {
            var room = response.mutableSpan
            count = responder.respond(to: questions[number], over: .udp, from: database, into: &room)
            if plant != .none { planted = plant == .retain ? seed : Planted() }
        }
        return count
    }

    private mutating func passes(_ questions: Questions, _ numbers: Range<Int>, _ response: inout [UInt8]) -> Int {
        var count = 0
        for (index, number) in numbers.enumerated() { batch.prepare(index, questions[number], from: database) }
        batch.fetch(QueryBatch.count, from: database)
        for (index, number) in numbers.enumerated() {
            var room = response.mutableSpan
            count = responder.respond(
                to: questions[number], preparedAt: index, of: &batch, from: database, into: &room)
        }
        return count
    }

    private mutating func stream(_ questions: Questions, _ numbers: Range<Int>, _ response: inout [UInt8]) -> Int {
        var count = 0
        for number in numbers {
            var room = response.mutableSpan
            let reply = responder.respond(
                toStreamed: questions[number], from: database, for: Client(), into: &room)
            if case .message(let octets) = consume reply { count = octets }
        }
        return count
    }

    private final class Planted {}
}

/// What a response says, in a word.
func outcome(of response: [UInt8], _ count: Int) -> String {
    guard count >= 12 else { return "nothing" }
    let code = response[3] & 15
    if code != 0 { return ResponseCode(rawValue: UInt16(code)).description }
    if response[2] & 2 != 0 { return "truncated" }
    if response[6] | response[7] != 0 { return "answer" }
    return response[2] & 4 == 0 ? "referral" : "no data"
}
