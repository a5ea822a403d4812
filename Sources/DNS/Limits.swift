/// The bounds of what is accepted, so that no input makes the server grow or hang.
public enum Limits {
    /// The octets of one entry of a zone file, its continuation lines included.
    public static let entryCount = 1 << 20
    /// Parentheses in parentheses; they mean nothing, but some files have them.
    public static let parenthesisDepth = 64
    /// Files that include files that include files.
    public static let includeDepth = 16
    /// Files that one zone reads, each $INCLUDE counted.
    public static let includedFiles = 10_000
    /// The octets of text that a zone reads again, because it includes a file more than once.
    public static let repeatedTextCount = 1 << 26
    /// Records that the $GENERATE directives of one zone make.
    public static let generateSteps = 1_000_000
    /// The octets of text that the $GENERATE directives of one zone make.
    public static let generatedCount = 1 << 28
    /// Digits and points that a number of a $GENERATE directive is filled up to.
    public static let generateWidth = 255
    /// The octets of a zone's text, included files counted, and of its records in wire format.
    public static let zoneCount = 1 << 32 - 1
    /// Errors and warnings that are reported of one zone.
    public static let reportedProblems = 20
    /// Warnings that are kept of one zone that is only checked, all in all and of one kind.
    public static let checkProblems = 2_000
    public static let checkProblemsPerCode = 100
    /// Words of one entry that messages can point at.
    static let entryWords = 1_000
    /// Errors in one zone's text after which the rest of it is not read.
    public static let syntaxErrors = 1_000
    /// Links of a chain of aliases that one answer follows.
    public static let aliasChain = 16
    /// EDNS options of a message that is read whole.
    public static let options = 256
}

extension Limits {
    /// The octets of one RRset in a message, the header, the longest question and OPT being there too.
    static let setCount = 65_535 - 12 - 259 - 64
    /// NSEC3 iterations above which a zone is not served (RFC 9276 §3.2).
    static let hashIterations = 150
}

extension Limits {
    /// Names of one RRset that later names of it are compared with to compress them.
    static let compressionEntries = 64
}
