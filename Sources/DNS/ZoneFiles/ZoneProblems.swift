/// The errors and warnings of one zone while it is parsed. Keeps few of them and counts the rest; places become
/// line numbers only in the end.
struct ZoneProblems {
    private struct Problem {
        let message: String
        let code: ProblemCode
        let file: Int
        /// Nil where the whole file is meant.
        let range: Range<Int>?
    }

    private var errors: [Problem] = []
    private var warnings: [Problem] = []
    private(set) var errorCount = 0
    private(set) var warningCount = 0

    mutating func addError(_ message: String, _ code: ProblemCode = .syntax, file: Int, range: Range<Int>?) {
        errorCount += 1
        if errors.count < Limits.reportedProblems {
            errors.append(Problem(message: message, code: code, file: file, range: range))
        }
    }

    /// The message is made only where it is kept.
    mutating func addWarning(_ code: ProblemCode, file: Int, range: Range<Int>?, _ message: () -> String) {
        warningCount += 1
        if warnings.count < Limits.reportedProblems {
            warnings.append(Problem(message: message(), code: code, file: file, range: range))
        }
    }

    /// Appends those of what follows.
    mutating func append(_ next: ZoneProblems) {
        errors += next.errors.prefix(Limits.reportedProblems - errors.count)
        warnings += next.warnings.prefix(Limits.reportedProblems - warnings.count)
        errorCount += next.errorCount
        warningCount += next.warningCount
    }

    /// Those that are kept, errors before warnings where there is no room for all, sorted by place: in the order
    /// in which the files were read, and of their lines.
    func reported(_ files: [Zone.SourceFile]) -> [ZoneFileError] {
        let kept =
            errors.map { (ZoneFileError.Severity.error, $0) }
            + warnings.prefix(Limits.reportedProblems - errors.count).map { (.warning, $0) }
        let sorted = kept.sorted {
            ($0.1.file, $0.1.range?.lowerBound ?? 0) < ($1.1.file, $1.1.range?.lowerBound ?? 0)
        }
        var file = -1
        var lines = LineCounter()
        return sorted.map { severity, problem in
            let source = files[problem.file]
            guard let range = problem.range else {
                return ZoneFileError(severity, problem.message, code: problem.code, path: source.path)
            }
            if problem.file != file { lines = LineCounter() }
            file = problem.file
            return ZoneFileError(
                severity, problem.message, code: problem.code, path: source.path, text: source.text, range: range,
                lines: &lines)
        }
    }
}
