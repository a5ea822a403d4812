/// Numbers for which text may use names.
enum Mnemonics: Sendable {
    /// RFC 4034 appendix A.1 and IANA's registry of DNS security algorithm numbers.
    case algorithm
    /// RFC 4398 §2.1.
    case certificateType
    /// The protocols of WKS: RFC 1035 §3.4.2, with IANA's numbers.
    case internetProtocol
    /// RFC 2535 §3.1.3.
    case keyProtocol
    /// RFC 7218 §2.
    case certificateUsage, certificateSelector, matchingType
    /// RFC 9859 §2.2.
    case notifyScheme
    /// The errors of TSIG and TKEY: RFC 8945 §3, RFC 2930 §2.6.
    case signatureError

    /// In octets.
    var size: Int { names.size }

    private struct Names: Sendable {
        var size = 1
        /// Whether the name is printed, or the number all the same.
        var isPrinted = false
        /// What may be written instead of a number; where two share one, the first is printed.
        let words: [(number: UInt16, name: StaticString)]
    }

    private var names: Names {
        switch self {
        case .algorithm: Self.algorithms
        case .certificateType: Self.certificateTypes
        case .internetProtocol: Self.internetProtocols
        case .keyProtocol: Self.keyProtocols
        case .certificateUsage: Self.certificateUsages
        case .certificateSelector: Self.certificateSelectors
        case .matchingType: Self.matchingTypes
        case .notifyScheme: Self.notifySchemes
        case .signatureError: Self.signatureErrors
        }
    }

    private static let algorithms = Names(words: [
        (0, "DELETE"), (1, "RSAMD5"), (2, "DH"), (3, "DSA"), (4, "ECC"), (5, "RSASHA1"), (6, "DSA-NSEC3-SHA1"),
        (6, "NSEC3DSA"), (7, "RSASHA1-NSEC3-SHA1"), (7, "NSEC3RSASHA1"), (8, "RSASHA256"), (10, "RSASHA512"),
        (12, "ECC-GOST"), (12, "ECCGOST"), (13, "ECDSAP256SHA256"), (14, "ECDSAP384SHA384"), (15, "ED25519"),
        (16, "ED448"), (17, "SM2SM3"), (23, "ECC-GOST12"), (252, "INDIRECT"), (253, "PRIVATEDNS"), (254, "PRIVATEOID"),
    ])
    private static let certificateTypes = Names(
        size: 2, isPrinted: true,
        words: [
            (1, "PKIX"), (2, "SPKI"), (3, "PGP"), (4, "IPKIX"), (5, "ISPKI"), (6, "IPGP"), (7, "ACPKIX"),
            (8, "IACPKIX"),
            (253, "URI"), (254, "OID"),
        ])
    private static let internetProtocols = Names(words: [
        (1, "ICMP"), (2, "IGMP"), (3, "GGP"), (5, "ST"), (6, "TCP"), (7, "UCL"), (8, "EGP"), (9, "IGP"),
        (10, "BBN-RCC-MON"), (11, "NVP-II"), (12, "PUP"), (13, "ARGUS"), (14, "EMCON"), (15, "XNET"), (16, "CHAOS"),
        (17, "UDP"), (18, "MUX"), (19, "DCN-MEAS"), (20, "HMP"), (21, "PRM"), (22, "XNS-IDP"), (23, "TRUNK-1"),
        (24, "TRUNK-2"), (25, "LEAF-1"), (26, "LEAF-2"), (27, "RDP"), (28, "IRTP"), (29, "ISO-TP4"),
        (30, "NETBLT"), (31, "MFE-NSP"), (32, "MERIT-INP"), (33, "DCCP"), (61, "ANY"), (132, "SCTP"),
    ])
    private static let keyProtocols = Names(words: [
        (0, "NONE"), (1, "TLS"), (2, "EMAIL"), (3, "DNSSEC"), (4, "IPSEC"), (255, "ALL"),
    ])
    private static let certificateUsages = Names(words: [
        (0, "PKIX-TA"), (1, "PKIX-EE"), (2, "DANE-TA"), (3, "DANE-EE"), (255, "PrivCert"),
    ])
    private static let certificateSelectors = Names(words: [
        (0, "Cert"), (1, "SPKI"), (255, "PrivSel"),
    ])
    private static let matchingTypes = Names(words: [
        (0, "Full"), (1, "SHA2-256"), (2, "SHA2-512"), (255, "PrivMatch"),
    ])
    private static let notifySchemes = Names(isPrinted: true, words: [(1, "NOTIFY")])
    private static let signatureErrors = Names(
        size: 2, isPrinted: true,
        words: [
            (0, "NOERROR"), (1, "FORMERR"), (2, "SERVFAIL"), (3, "NXDOMAIN"), (4, "NOTIMP"), (5, "REFUSED"),
            (9, "NOTAUTH"), (16, "BADSIG"), (17, "BADKEY"), (18, "BADTIME"), (19, "BADMODE"), (20, "BADNAME"),
            (21, "BADALG"), (22, "BADTRUNC"),
        ])

    func parse(_ scanner: inout Scanner, _ place: FieldPlace, into output: inout GrowingOctets) throws(SyntaxError) {
        let token = try scanner.required(place)
        let text = scanner.text
        let maximum: UInt64 = size == 1 ? 255 : 65_535
        if let number = text.decimal(token.range, maximum: maximum) {
            return output.append(number, size: size)
        }
        for entry in names.words where text.equals(entry.name, token.range) {
            return output.append(UInt64(entry.number), size: size)
        }
        throw place.mustBe("a number from 0 to \(maximum), or a name such as \(names.words[0].name)", token)
    }

    func print(_ octets: Octets, into text: inout [UInt8]) {
        let number = octets.number(0, size: size)
        if names.isPrinted, let name = name(number) {
            text.append(contentsOf: name.utf8)
        } else {
            appendDecimal(number, to: &text)
        }
    }

    func name(_ number: UInt64) -> String? {
        names.words.first { UInt64($0.number) == number }?.name.description
    }
}

extension Octets {
    /// Whether the octets of `range` are `word`, in any case.
    func equals(_ word: StaticString, _ range: Range<Int>) -> Bool {
        guard word.utf8CodeUnitCount == range.count else { return false }
        var offset = range.lowerBound
        for octet in word.description.utf8 {
            if ASCII.folded(octet) != ASCII.folded(u8(offset)) { return false }
            offset += 1
        }
        return true
    }
}
