import DNS
import DNSClient
import Linux

extension Main {
    /// Questions that are asked at once.
    private static let window = 64

    /// Asks all questions, several at once, and prints the replies in the questions' order.
    static func ask(
        _ plan: Plan, _ configuration: ResolverConfiguration, _ style: Style, _ output: Output
    ) async throws(Failure) -> ExitStatus {
        let resolver = Resolver(configuration: configuration)
        var status = ExitStatus.answer
        for start in stride(from: 0, to: plan.questions.count, by: window) {
            let questions = Array(plan.questions[start..<min(start + window, plan.questions.count)])
            for (index, result) in await results(of: questions, resolver).enumerated() {
                if start + index > 0 && !plan.isShort { try output.write("\n") }
                let question = questions[index]
                let one = try show(result, to: question, plan, style, output)
                status = max(status, one)
            }
        }
        return status
    }

    private static func results(
        of questions: [Question], _ resolver: Resolver
    ) async -> [Result<Reply, ResolverError>] {
        // Tasks in order rather than a group: a group's result of several words comes out damaged in optimised builds
        // where a typed error was caught on the way to it (Swift 6.3.1).
        let tasks = questions.map { question in Task { await result(of: question, resolver) } }
        var results: [Result<Reply, ResolverError>] = []
        for task in tasks { results.append(await task.value) }
        return results
    }

    private static func result(of question: Question, _ resolver: Resolver) async -> Result<Reply, ResolverError> {
        do throws(ResolverError) {
            return .success(try await resolver.query(question))
        } catch {
            return .failure(error)
        }
    }

    private static func show(
        _ result: Result<Reply, ResolverError>, to question: Question, _ plan: Plan, _ style: Style, _ output: Output
    ) throws(Failure) -> ExitStatus {
        switch result {
        case .success(let reply):
            let view = ReplyView(question: question, reply: reply, style: style)
            try output.write(plan.isShort ? view.short : view.full)
            return Outcome(of: reply.message, to: question).status
        case .failure(let error):
            complain(["error: \(ReplyView.text(of: question)): \(error)"] + error.notes.map { "  \($0)" })
            switch error {
            case .system, .tooManyQueries: return .localFailure
            default: return .noReply
            }
        }
    }
}
