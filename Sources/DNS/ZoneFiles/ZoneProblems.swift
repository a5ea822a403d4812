/// What is wrong or doubtful in one zone. Few problems are kept and made into text, the others counted; places become
/// lines only in the end.
struct ZoneProblems: Sendable {
    private enum Place: Sendable {
        /// The whole file where there is no range.
        case text(file: Int, Range<Int>?)
        case record(entry: Int, EntryPart)
    }

    private struct Problem: Sendable {
        let code: ProblemCode
        let message: String
        let place: Place
        /// Where there is a better one than that of all problems with this code.
        let hint: String?
    }

    /// How many are kept; of errors, which are never crowded out by warnings, twice as many.
    struct Bounds: Sendable {
        var count: Int
        var countPerCode: Int

        static let loading = Bounds(count: Limits.reportedProblems, countPerCode: Limits.reportedProblems)
        static let checking = Bounds(count: Limits.checkProblems, countPerCode: Limits.checkProblemsPerCode)
    }

    private let bounds: Bounds
    private var kept: [Problem] = []
    /// All of them, also those that are not kept.
    private var counts: [ProblemCode: Int] = [:]

    init(_ bounds: Bounds = .loading) { self.bounds = bounds }

    var isEmpty: Bool { counts.isEmpty }
    var errorCount: Int { count(.error) }
    var warningCount: Int { count(.warning) }

    private func count(_ severity: ProblemCode.Severity) -> Int {
        counts.reduce(0) { $0 + ($1.key.rule.severity == severity ? $1.value : 0) }
    }

    /// About a record, or the whole zone. The message is made only where it is kept.
    mutating func report(
        _ code: ProblemCode, at entry: Int?, part: EntryPart = .entry, hint: @autoclosure () -> String? = nil,
        _ message: @autoclosure () -> String
    ) {
        guard count(code) else { return }
        let place = entry.map { Place.record(entry: $0, part) } ?? .text(file: 0, nil)
        kept.append(Problem(code: code, message: message(), place: place, hint: hint()))
    }

    /// About a part of a file, or all of it.
    mutating func report(_ code: ProblemCode, file: Int, _ range: Range<Int>?, _ message: @autoclosure () -> String) {
        guard count(code) else { return }
        kept.append(Problem(code: code, message: message(), place: .text(file: file, range), hint: nil))
    }

    /// Appends those of what follows.
    mutating func append(_ others: ZoneProblems) {
        var unkept = others.counts
        for problem in others.kept {
            unkept[problem.code, default: 0] -= 1
            if count(problem.code) { kept.append(problem) }
        }
        counts.merge(unkept, uniquingKeysWith: +)
    }

    /// Whether there is room for another one.
    private mutating func count(_ code: ProblemCode) -> Bool {
        let before = counts[code, default: 0]
        counts[code] = before + 1
        let factor = code.rule.severity == .error ? 2 : 1
        return before < factor * bounds.countPerCode && kept.count < factor * bounds.count
    }

    /// Those that are kept, errors before warnings where there is no room for all, sorted by place: in the order in which
    /// the files were read, and of their lines.
    func described(in zone: Zone) -> [ZoneFileError] {
        let errors = kept.indices.filter { kept[$0].code.rule.severity == .error }
        let warnings = kept.indices.filter { kept[$0].code.rule.severity == .warning }
        let found = (errors + warnings).prefix(bounds.count).map {
            number -> (file: Int, range: Range<Int>?, number: Int) in
            switch kept[number].place {
            case .text(let file, let range): return (file, range, number)
            case .record(let entry, let part):
                let (file, text, start) = zone.source(of: zone.entries[entry])
                // A file that was let go may have changed since.
                return (file, text.isEmpty ? nil : part.range(in: text, from: start), number)
            }
        }
        var (file, lines) = (-1, LineCounter())
        return found.sorted {
            ($0.file, $0.range?.lowerBound ?? -1, $0.number) < ($1.file, $1.range?.lowerBound ?? -1, $1.number)
        }.map { place in
            let problem = kept[place.number]
            guard !zone.files.isEmpty, let range = place.range else {
                let path = zone.files.isEmpty ? zone.origin.description : zone.files[place.file].path
                return ZoneFileError(problem.code, problem.message, path: path)
            }
            if place.file != file { (file, lines) = (place.file, LineCounter()) }
            return ZoneFileError(
                problem.code, problem.message, hint: problem.hint, in: zone.files[file], range, lines: &lines)
        }
    }
}
