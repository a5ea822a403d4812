/// What the last query asked and what it got, for whoever counts.
public struct ResponseSummary: Sendable {
    public struct Marks: OptionSet, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// It was a query: all else says something then.
        public static var isQuery: Marks { Marks(rawValue: 1) }
        /// The response has TC set.
        public static var isTruncated: Marks { Marks(rawValue: 2) }
        public static var hasEDNS: Marks { Marks(rawValue: 4) }
        /// DO of the query.
        public static var dnssecOK: Marks { Marks(rawValue: 8) }
    }

    /// Of the question; 0 without one.
    public var type = RecordType(rawValue: 0)
    /// All twelve bits.
    public var code = ResponseCode.noError
    public var marks: Marks = []

    public init() {}

    init(_ query: Query, code: ResponseCode, isTruncated: Bool) {
        type = query.type
        self.code = code
        marks = isTruncated ? [.isQuery, .isTruncated] : .isQuery
        guard let edns = query.edns else { return }
        marks.formUnion(edns.dnssecOK ? [.hasEDNS, .dnssecOK] : .hasEDNS)
    }
}
