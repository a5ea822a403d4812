import DNS
import TestSupport
import Testing

/// What is explained is what the server answers: in the scenarios, and at each name of their zones. Generated zones are
/// asked with the specification's tests.
@Suite struct ExplanationTests {
    @Test(arguments: (try? Scenario.all()) ?? []) func scenarios(_ scenario: Scenario) throws {
        for group in scenario.groups {
            let database = try group.database()
            for question in Set(group.steps.compactMap(\.question)) {
                let query = try Message(id: 1, question: question).encoded()
                let reply = try #require(respond(to: query, over: .tcp, from: database))
                for difference in Explanation(of: question, in: database).differences(from: reply) {
                    Issue.record("\(scenario.name): \(difference)")
                }
            }
        }
    }
}

extension Scenario.Step {
    /// What is asked, where it is data of class IN.
    fileprivate var question: Question? {
        guard let message = try? Message(decoding: query.span), message.questions.count == 1,
            message.questions[0].recordClass == .internet, ![.axfr, .ixfr].contains(message.questions[0].type)
        else { return nil }
        return message.questions[0]
    }
}
