/// Why an answer is what it is (RFC 8914).
public struct ExtendedError: Hashable, Sendable {
    public var code: Code
    /// For people; may be empty. Never to be acted upon.
    public var text: String

    public init(_ code: Code, text: String = "") {
        self.code = code
        self.text = text
    }

    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: UInt16
        public init(rawValue: UInt16) { self.rawValue = rawValue }

        public static let other = Code(rawValue: 0)
        public static let notReady = Code(rawValue: 14)
        public static let blocked = Code(rawValue: 15)
        public static let prohibited = Code(rawValue: 18)
        public static let notAuthoritative = Code(rawValue: 20)
        public static let notSupported = Code(rawValue: 21)
        public static let networkError = Code(rawValue: 23)
        public static let invalidData = Code(rawValue: 24)
    }
}

extension ExtendedError.Code: CustomStringConvertible {
    private static let purposes = [
        "Other Error", "Unsupported DNSKEY Algorithm", "Unsupported DS Digest Type", "Stale Answer", "Forged Answer",
        "DNSSEC Indeterminate", "DNSSEC Bogus", "Signature Expired", "Signature Not Yet Valid", "DNSKEY Missing",
        "RRSIGs Missing", "No Zone Key Bit Set", "NSEC Missing", "Cached Error", "Not Ready", "Blocked", "Censored",
        "Filtered", "Prohibited", "Stale NXDOMAIN Answer", "Not Authoritative", "Not Supported",
        "No Reachable Authority", "Network Error", "Invalid Data", "Signature Expired before Valid", "Too Early",
        "Unsupported NSEC3 Iterations Value", "Unable to conform to policy", "Synthesized", "Invalid Query Type",
    ]

    /// The purpose in the words of IANA's registry, or the number.
    public var description: String {
        let index = Int(rawValue)
        return index < Self.purposes.count ? Self.purposes[index] : "Extended Error \(rawValue)"
    }
}
