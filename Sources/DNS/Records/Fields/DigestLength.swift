/// How many octets a digest has, as its type says. A type that no RFC defines may have any number.
enum DigestLength: Sendable {
    /// DS, CDS, DLV and TA: RFC 4034 §5.1.4 and IANA's registry of digest algorithms.
    case delegation
    /// SSHFP: RFC 4255 §3.1.3, RFC 6594 §3.2.
    case fingerprint
    /// ZONEMD: RFC 8976 §2.2.4.
    case zone

    /// Nil where the type is unknown.
    func count(type: UInt8) -> Int? {
        switch (self, type) {
        case (.delegation, 0): 1  // RFC 8078 §4: a request to delete
        case (.delegation, 1), (.fingerprint, 1): 20
        case (.delegation, 2), (.delegation, 3), (.delegation, 5), (.delegation, 6), (.fingerprint, 2): 32
        case (.delegation, 4), (.zone, 1): 48
        case (.zone, 2): 64
        case (.delegation, _), (.fingerprint, _), (.zone, _): nil
        }
    }

    var minimum: Int {
        switch self {
        case .delegation, .fingerprint: 1
        case .zone: 12
        }
    }

    func allows(_ count: Int, type: UInt8) -> Bool {
        self.count(type: type).map { $0 == count } ?? (count >= minimum)
    }

    func parseRest(
        _ scanner: inout Scanner, _ place: FieldPlace, typeAt: Int, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        let start = output.count
        let range = try OctetText.hex.parseRest(&scanner, place, into: &output)
        let type = output[place.start + typeAt]
        let count = output.count - start
        if count == 0 { throw place.isMissing(at: Token(kind: .end, start: range.upperBound, end: range.upperBound)) }
        if allows(count, type: type) { return }
        if let expected = self.count(type: type) {
            throw place.must("have \(expected) octets where its type is \(type), not \(count)", range)
        }
        throw place.must("have at least \(minimum) octets, not \(count)", range)
    }
}
