import DNS
import TestSupport
import Testing

/// Each scenario, answered in process.
@Suite struct ScenarioTests {
    static let scenarios = Result { try Scenario.all() }

    @Test func scenariosAreThere() throws {
        let scenarios = try Self.scenarios.get()
        #expect(scenarios.count >= 28)
        #expect(scenarios.flatMap(\.groups).map(\.steps.count).reduce(0, +) >= 1000)
    }

    @Test(arguments: (try? scenarios.get()) ?? [])
    func answers(_ scenario: Scenario) throws {
        var options = ResponderOptions()
        options.identity = scenario.identity
        options.version = scenario.version
        for group in scenario.groups {
            let database = try group.database()
            for step in group.steps {
                for transport in step.transports {
                    let reply = respond(to: step.query, over: transport, from: database, options)
                    for difference in step.reply.differences(from: reply, to: step.query) {
                        Issue.record("\(step.place) over \(transport): \(difference)")
                    }
                }
            }
        }
    }
}

/// The reply to a query; nil where there is none.
func respond(
    to query: [UInt8], over transport: Transport, from database: Database,
    _ options: ResponderOptions = ResponderOptions()
) -> [UInt8]? {
    var responder = Responder(options)
    var room = [UInt8](repeating: 0xAA, count: Message.maximumCount)
    var span = room.mutableSpan
    let count = responder.respond(to: query.span, over: transport, from: database, into: &span)
    return count == 0 ? nil : Array(room[..<count])
}
