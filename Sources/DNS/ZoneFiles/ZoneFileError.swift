/// What is wrong with a zone file, or doubtful in it, and where.
public struct ZoneFileError: Error, Sendable {
    public enum Severity: Sendable { case warning, error }

    public let severity: Severity
    /// What must be, in words that tell the reader what to type.
    public let message: String
    /// The file as the user named it.
    public let path: String
    /// Counted from 1; 0 where the whole file is meant.
    public let line: Int
    /// Counted from 1 in octets; 0 where the whole file is meant.
    public let column: Int
    /// The line, and how many octets of it are meant from `column` on.
    let sourceLine: String
    let markCount: Int
}
