extension ZoneCheck {
    /// What is wrong with records of a zone. Few problems are kept and made into text, the others counted.
    struct Problems: Sendable {
        struct Problem: Sendable {
            let code: ProblemCode
            let message: String
            /// Nil where the whole zone is meant.
            let entry: Int?
            var part = EntryPart.entry
            /// Where there is a better one than that of all problems with this code.
            var hint: String?
        }

        /// How many are kept; of errors, which are never crowded out by warnings, twice as many.
        struct Bounds: Sendable {
            var count: Int
            var countPerCode: Int

            static let loading = Bounds(count: Limits.reportedProblems, countPerCode: Limits.reportedProblems)
            static let checking = Bounds(count: Limits.checkProblems, countPerCode: Limits.checkProblemsPerCode)
        }

        private let bounds: Bounds
        private(set) var kept: [Problem] = []
        private(set) var hasErrors = false
        /// All of them, also those that are not kept.
        private(set) var counts: [ProblemCode: Int] = [:]

        init(_ bounds: Bounds) { self.bounds = bounds }

        mutating func report(
            _ code: ProblemCode, at entry: Int?, part: EntryPart = .entry, hint: @autoclosure () -> String? = nil,
            _ message: @autoclosure () -> String
        ) {
            if count(code) {
                kept.append(Problem(code: code, message: message(), entry: entry, part: part, hint: hint()))
            }
        }

        mutating func append(_ others: Problems) {
            for problem in others.kept where count(problem.code) { kept.append(problem) }
            let keptCounts = Dictionary(others.kept.map { ($0.code, 1) }, uniquingKeysWith: +)
            for (code, count) in others.counts { counts[code, default: 0] += count - keptCounts[code, default: 0] }
        }

        /// Whether there is room for another one.
        private mutating func count(_ code: ProblemCode) -> Bool {
            let isError = code.rule.severity == .error
            if isError { hasErrors = true }
            let before = counts[code, default: 0]
            counts[code] = before + 1
            return before < (isError ? 2 : 1) * bounds.countPerCode && kept.count < (isError ? 2 : 1) * bounds.count
        }
    }
}

extension ZoneCheck.Problems {
    /// With their lines, which are counted in one pass over each file.
    func described(in zone: Zone) -> [ZoneFileError] {
        var errors = [ZoneFileError?](repeating: nil, count: kept.count)
        var lines: [Int: LineCounter] = [:]
        let entries = kept.map { problem in problem.entry.map { zone.entries[$0] } }
        let places = kept.indices.map { number -> (file: Int, start: Int) in
            guard let (file, text, start) = entries[number].map(zone.source) else { return (0, 0) }
            // A file that was let go may have changed since.
            if text.isEmpty { return (file, start) }
            return (file, kept[number].part.range(in: text, from: start).lowerBound)
        }
        for index in kept.indices.sorted(by: { places[$0] < places[$1] }) {
            let problem = kept[index]
            let severity = problem.code.rule.severity
            if let entry = entries[index], !zone.files[places[index].file].text.isEmpty {
                errors[index] = ZoneFileError(
                    severity, problem.message, code: problem.code, hint: problem.hint, at: entry, problem.part,
                    in: zone, lines: &lines[places[index].file, default: LineCounter()])
            } else {
                let path = zone.files.isEmpty ? zone.origin.description : zone.files[places[index].file].path
                errors[index] = ZoneFileError(severity, problem.message, code: problem.code, path: path)
            }
        }
        return errors.compactMap { $0 }
    }
}
