import DNS
import DNSClient
import Linux

/// One run of the command: asks, and prints in the order of the questions.
struct Session {
    let plan: Plan
    let configuration: Configuration
    let printer: Printer

    /// Questions that are asked at once.
    static let window = 64

    func run() async throws(Failure) -> ExitStatus {
        switch plan.mode {
        case .diff: return try await compare()
        case .trace: return try await trace()
        case .transfer(let zones): return try await transfer(zones)
        case .ask:
            let resolver = configuration.resolver(asking: configuration.servers.flatMap(\.self))
            if let expectation = plan.expectation { return try await wait(for: expectation, resolver) }
            var status = ExitStatus.answer
            try await ask(resolver) { (finding: Finding) throws(Failure) in
                try printer.show(finding)
                status = max(status, finding.status)
            }
            return status
        }
    }

    /// Asks all questions, several at once, and gives the findings in the questions' order.
    /// - Parameter deadline: how long each may take, where that is less than the configuration says.
    func ask(
        _ resolver: Resolver, deadline: Duration? = nil, _ body: (Finding) throws(Failure) -> Void
    ) async throws(Failure) {
        let questions = plan.targets.flatMap { target in plan.questions(for: target).map { (target, $0) } }
        for start in stride(from: 0, to: questions.count, by: Self.window) {
            // Tasks in order rather than a group: a group's result of several words comes out damaged in optimised
            // builds where a typed error was caught on the way to it (Swift 6.3.1).
            let tasks = questions[start..<min(start + Self.window, questions.count)].map { target, question in
                Task { await self.finding(for: question, target, resolver, deadline) }
            }
            for task in tasks { try body(await task.value) }
        }
    }

    private func finding(
        for question: Question, _ target: Plan.Target, _ resolver: Resolver, _ deadline: Duration?
    ) async -> Finding {
        guard plan.searches, let text = target.text else { return await find(question, resolver, deadline: deadline) }
        return await search(text, question, resolver, deadline)
    }

    /// Asks one question.
    func find(_ question: Question, _ resolver: Resolver, deadline: Duration? = nil) async -> Finding {
        var options = configuration.completing(plan.options)
        options.deadline = deadline
        var finding = await resolver.finding(for: question, options)
        guard finding.reply?.source != .specialName else { return finding }
        finding.remarks += configuration.remark(on: question).map { [$0] } ?? []
        if let key = configuration.keyName, finding.reply != nil {
            finding.remarks.append("signed with the key \(key)")
        }
        return finding
    }

    /// Tries the names that a name may stand for: the first that is there. A failure ends it; where nothing is found, no
    /// data is the better result, and the last one stands.
    private func search(
        _ text: String, _ question: Question, _ resolver: Resolver, _ deadline: Duration?
    ) async -> Finding {
        var best: Finding?
        var trail: [String] = []
        for name in configuration.names(searching: text) ?? [question.name] {
            var finding = await find(
                Question(name, question.type, question.recordClass), resolver, deadline: deadline)
            guard finding.status == .nameError || finding.status == .noData else {
                finding.remarks += trail
                return finding
            }
            trail.append("searched \(name): \(finding.status == .nameError ? "NXDOMAIN" : "no data")")
            if best?.status != .noData { best = finding }
        }
        guard var finding = best else { return await find(question, resolver, deadline: deadline) }
        finding.remarks += trail
        return finding
    }
}
