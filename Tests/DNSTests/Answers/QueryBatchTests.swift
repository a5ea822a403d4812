import DNS
import TestSupport
import Testing

/// Answering in passes gives what answering one by one gives, octet for octet.
@Suite struct QueryBatchTests {
    @Test(arguments: (try? Scenario.all()) ?? [])
    func passesChangeNothing(_ scenario: Scenario) throws {
        var responder = Responder()
        var batch = QueryBatch()
        for group in scenario.groups {
            let database = try group.database()
            // The batch is used again and again, as a worker does, also for queries that are none.
            let queries = group.steps.map(\.query) + [[], [0x12], group.steps.first?.query ?? []]
            for start in stride(from: 0, to: queries.count, by: QueryBatch.count) {
                let part = queries[start...].prefix(QueryBatch.count)
                for (index, query) in part.enumerated() { batch.prepare(index, query.span, from: database) }
                batch.fetch(part.count, from: database)
                for (index, query) in part.enumerated() {
                    var room = [UInt8](repeating: 0xAA, count: Responder.largestUDPResponse)
                    var span = room.mutableSpan
                    let count = responder.respond(
                        to: query.span, preparedAt: index, of: &batch, from: database, into: &span)
                    let reply = count == 0 ? nil : Array(room[..<count])
                    #expect(reply == respond(to: query, over: .udp, from: database), "\(scenario.name): \(query.hex)")
                }
            }
        }
    }
}
