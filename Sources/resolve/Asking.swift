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
        await withTaskGroup(of: (Int, Result<Reply, ResolverError>).self) { group in
            for (index, question) in questions.enumerated() {
                group.addTask {
                    do throws(ResolverError) {
                        return (index, .success(try await resolver.query(question)))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            var results = [Result<Reply, ResolverError>](repeating: .failure(.cancelled), count: questions.count)
            for await (index, result) in group { results[index] = result }
            return results
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
