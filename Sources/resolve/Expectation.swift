import DNS
import DNSClient
import Linux

/// What --expect and --expect-rcode want, and for how long --wait waits for it.
struct Expectation {
    private let values: [String]
    private let code: ResponseCode?
    let wait: Duration?

    /// Nil where nothing is expected.
    init?(_ lookup: Lookup) throws(Failure) {
        values = lookup.expect
        code = lookup.expectRcode.flatMap(ResponseCode.init)
        wait = try lookup.wait.map { word throws(Failure) in
            guard let seconds = Double(time: word), 0...86_400 ~= seconds else {
                throw .usage("--wait \(word): a time up to 24h must follow, as 30s or 2m")
            }
            return .seconds(seconds)
        }
        if let word = lookup.expectRcode, code == nil {
            throw .usage("--expect-rcode \(word): a response code must follow, as NOERROR or NXDOMAIN")
        }
        if values.isEmpty && code == nil {
            guard wait == nil else { throw .usage("--wait needs --expect or --expect-rcode, to know what to wait for") }
            return nil
        }
    }

    /// What is not as it should be, in words; empty where all is.
    func shortcomings(of findings: [Finding]) -> [String] {
        var shortcomings: [String] = []
        if let code {
            for finding in findings where finding.message?.header.responseCode != code {
                let got = finding.message.map { "\($0.header.responseCode)" } ?? "no reply"
                shortcomings.append("\(finding.question.text): \(got), not \(code)")
            }
        }
        for value in values where !findings.contains(where: { $0.has(value) }) {
            shortcomings.append("\(value) is not among the values")
        }
        return shortcomings
    }
}

extension Double {
    /// The seconds of `30s`, `1m30s`, `0.5`.
    init?(time word: String) {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3_600]
        var seconds = 0.0
        var digits = ""
        for character in word {
            if let unit = units[character], let number = Double(digits) {
                seconds += number * unit
                digits = ""
            } else {
                digits.append(character)
            }
        }
        guard !word.isEmpty, let rest = digits.isEmpty ? 0 : Double(digits) else { return nil }
        self = seconds + rest
    }
}

extension Finding {
    /// Whether the answer has the value, as --short prints it or in another form that means the same: other case of
    /// names, text without quotes, numbers with units.
    fileprivate func has(_ value: String) -> Bool {
        (message?.answer ?? []).contains { record in
            if "\(record.data)" == value { return true }
            let quoted = "\"" + value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
            return [value, quoted].contains { text in
                (try? RecordData(record.type, text))?.canonical == record.data.canonical
            }
        }
    }
}

extension Session {
    /// Between two rounds: the first pause doubles up to the last.
    private static let pauses = (first: Duration.milliseconds(100), last: Duration.seconds(2))
    /// What a round gets, however little time is left.
    private static let shortest = Duration.milliseconds(250)

    /// Asks until all is as expected or the time is over, and prints what came last.
    func wait(for expectation: Expectation, _ resolver: Resolver) async throws(Failure) -> ExitStatus {
        let clock = ContinuousClock()
        let end = clock.now + (expectation.wait ?? .zero)
        var pause = Self.pauses.first
        var findings: [Finding] = []
        var shortcomings: [String] = []
        while true {
            var round: [Finding] = []
            // Where nobody answers, a round ends with the time that there is.
            let left = expectation.wait.map { _ in max(clock.now.duration(to: end), Self.shortest) }
            try await ask(resolver, deadline: left) { (finding: Finding) in round.append(finding) }
            // The last round may have been cut short: what came before tells more.
            if findings.isEmpty || clock.now < end || round.contains(where: { $0.message != nil }) { findings = round }
            shortcomings = expectation.shortcomings(of: findings)
            if shortcomings.isEmpty || clock.now >= end { break }
            try? await Task.sleep(for: min(pause, clock.now.duration(to: end)))
            pause = min(pause * 2, Self.pauses.last)
        }
        for finding in findings { try printer.show(finding) }
        if shortcomings.isEmpty { return .answer }
        Main.complain(shortcomings.map { "error: \($0)" })
        let worst = findings.map(\.status).max() ?? .noReply
        return worst == .localFailure || expectation.wait == nil && worst == .noReply ? worst : .notMet
    }
}
