import DNS
import TestSupport

/// A difference between what the server replied and what the specification demands.
struct Difference: Error {
    let question: Question
    let way: Way
    let explanations: [String]
}

/// Asks the server, and holds its replies against the specification.
struct Comparison: ~Copyable {
    private let database: Database
    private let specification: Specification
    private let hasSignedZones: Bool
    private var responder = Responder()
    private var room: [UInt8]
    private(set) var count = 0

    static let plainly = Way(.tcp, nil)

    init(_ database: Database, _ specification: Specification) {
        self.database = database
        self.specification = specification
        hasSignedZones = specification.hasSignedZones
        room = [UInt8](repeating: 0, count: Message.maximumCount)
    }

    /// Asks a question plainly over TCP and in the other ways; the first difference is thrown.
    mutating func compare(_ question: Question, _ ways: [Way]) throws {
        var known: [UInt8] = []
        if question.type != .ixfr {
            known = try respond(to: question, Self.plainly)
            try check(known, to: question, Self.plainly)
            try checkExplanation(of: question, known)
        }
        for way in ways where question.type != .ixfr || way.transport == .udp {
            let reply = try respond(to: question, way)
            // A reply that is the one that was checked, but for its OPT record, need not be checked again.
            if !isSame(reply, as: known, way, question) { try check(reply, to: question, way) }
        }
    }

    private mutating func respond(to question: Question, _ way: Way) throws -> [UInt8] {
        count += 1
        let query = try way.query(question)
        var room: [UInt8] = []
        swap(&room, &self.room)
        defer { swap(&room, &self.room) }
        var span = room.mutableSpan
        let size = responder.respond(to: query.span, over: way.transport, from: database, into: &span)
        return Array(room[..<size])
    }

    private func isSame(_ reply: [UInt8], as known: [UInt8], _ way: Way, _ question: Question) -> Bool {
        let dependsOnWay = [.any, .rrsig].contains(question.type) || (way.edns?.dnssecOK ?? false && hasSignedZones)
        guard !known.isEmpty, !dependsOnWay, reply.count <= way.limit else { return false }
        guard let edns = way.edns else { return reply == known }
        // The records of the additional section are fewer than 255.
        var expected = known + [0, 0, 41, 4, 208, 0, 0, edns.dnssecOK ? 0x80 : 0, 0, 0, 0]
        expected[11] &+= 1
        return reply == expected
    }

    /// What `Explanation` says of the question is what was replied.
    private func checkExplanation(of question: Question, _ reply: [UInt8]) throws {
        guard question.recordClass == .internet, question.type != .axfr else { return }
        let differences = Explanation(of: question, in: database).differences(from: reply)
        guard differences.isEmpty else {
            throw Difference(question: question, way: Self.plainly, explanations: differences)
        }
    }

    private func check(_ reply: [UInt8], to question: Question, _ way: Way) throws {
        let check = ReplyCheck(reply, to: question, way)
        check.run(specification)
        guard check.explanations.isEmpty else {
            throw Difference(
                question: question, way: way, explanations: check.explanations + ["the reply: \(reply.hex)"])
        }
    }
}

extension Specification {
    var hasSignedZones: Bool { zones.contains { $0.isSigned } }
}
