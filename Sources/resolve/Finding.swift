import DNS
import DNSClient

/// What became of a question.
struct Finding {
    let question: Question
    let result: Result<Reply, ResolverError>
    /// What else there is to say, in words.
    var remarks: [String] = []

    var reply: Reply? { try? result.get() }
    var message: Message? { reply?.message }

    var status: ExitStatus {
        switch result {
        case .failure(.system), .failure(.tooManyQueries): .localFailure
        case .failure: .noReply
        case .success(let reply): Outcome(of: reply.message, to: question).status
        }
    }
}

extension Resolver {
    /// Asks one question.
    func finding(for question: Question, _ options: QueryOptions) async -> Finding {
        do throws(ResolverError) {
            return Finding(question: question, result: .success(try await query(question, options: options)))
        } catch {
            return Finding(question: question, result: .failure(error))
        }
    }
}

extension Question {
    var text: String { "\(name) \(recordClass) \(type)" }
}

/// What a response says to the question, in a word and as an exit code.
struct Outcome {
    let status: ExitStatus
    let text: String

    init(of message: Message, to question: Question) {
        let code = message.header.responseCode
        switch code {
        case .noError:
            let found = message.answer.contains { question.type == .any || $0.type == question.type }
            status = found ? .answer : .noData
            text = found ? "\(code)" : "\(code), \(Self.absence(in: message))"
        case .nameError:
            status = .nameError
            text = "\(code), the name does not exist"
        default:
            status = .errorCode
            text = "\(code)" + (Self.meanings[code].map { ", \($0)" } ?? "")
        }
    }

    private static func absence(in message: Message) -> String {
        if message.answer.contains(where: { $0.type == .cname }) { return "an alias whose end is not here" }
        let cut = message.authority.first { $0.type == .ns }
        let isNegative = message.header.isAuthoritative || message.authority.contains { $0.type == .soa }
        if let cut, !isNegative { return "a referral to the servers of \(cut.owner)" }
        return "no data: the name has no record of this type"
    }

    private static let meanings: [ResponseCode: String] = [
        .formatError: "the server does not understand the query",
        .serverFailure: "the server failed",
        .notImplemented: "the server cannot do this",
        .refused: "the server does not answer this, or not to us",
        .badCookie: "the server wants another cookie",
    ]
}
