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

    @Test(arguments: (try? scenarios.get()) ?? [], Pieces.sizes)
    func answers(_ scenario: Scenario, recordsPerPiece: Int) throws {
        for group in scenario.groups {
            let database = try group.database(recordsPerPiece: recordsPerPiece)
            for step in group.steps {
                for transport in step.transports {
                    let reply = respond(to: step.query, over: transport, from: database, scenario.options)
                    for difference in step.reply.differences(from: reply, to: step.query) {
                        Issue.record("\(step.place) over \(transport): \(difference)")
                    }
                }
            }
        }
    }
}
