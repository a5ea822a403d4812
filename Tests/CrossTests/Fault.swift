#if CrossTests
    import DNS

    /// Something that ldns does otherwise than the RFCs say, and that is no reason to change ours.
    struct Fault: Sendable {
        var type: RecordType
        var check: Specimen.Check
        /// What the record must contain in presentation form; nothing where all of the type are meant.
        var part: String
        var reason: String

        init(_ type: RecordType, _ check: Specimen.Check, _ reason: String) { self.init(type, check, "", reason) }

        init(_ type: RecordType, _ check: Specimen.Check, _ part: String, _ reason: String) {
            self.type = type
            self.check = check
            self.part = part
            self.reason = reason
        }

        func explains(_ specimen: Specimen, _ check: Specimen.Check) -> Bool {
            type == specimen.record.type && check == self.check
                && (part.isEmpty || specimen.record.description.contains(part))
        }
    }

    extension Fault {
        /// The faults of ldns 1.8.3, reviewed one by one. One that explains nothing any more fails a test.
        static let all: [Fault] =
            [
                Fault(.a, .print, "\\\"", "prints a quote in a name without a backslash, where it begins a string"),
                Fault(.rrsig, .print, " 2106", "counts times near now, and so prints this one as of 1969"),
                Fault(.caa, .print, "issue \"\"", "prints nothing for an empty value, which RFC 8659 §4.1.1 quotes"),
                Fault(.csync, .parse, "CSYNC 66 3", "wants types in a bitmap that may be empty (RFC 7477 §2.1.1.2.1)"),
                Fault(.ipseckey, .print, "0 0 .", "prints no record without gateway and key (RFC 4025 §3.1)"),
                Fault(.ipseckey, .parse, "0 0 .", "wants a key, which algorithm 0 has not (RFC 4025 §2.4)"),
                Fault(.nxt, .print, "prints the bitmap as \\#, which only stands for whole data (RFC 3597 §5)"),
                Fault(.nxt, .parse, "does not parse the bitmap (RFC 2535 §5.4)"),
                Fault(.a6, .parse, "has no presentation form for it (RFC 2874 §3.2)"),
                Fault(.tkey, .print, "prints the times as of signatures, and codes as numbers"),
                Fault(.tkey, .parse, "does not parse the names of codes"),
                Fault(.wks, .parse, "WKS 192.0.2.1 6", "wants a service, of which there may be none"),
            ] + serviceParameters + wrongFormat

        /// RFC 9460 §A.1: a value is unescaped twice, first as a string and then as a list.
        private static let serviceParameters = [
            Fault(.svcb, .print, "\\\\", "prints the escapes of a list once instead of twice"),
            Fault(.svcb, .parse, "\\\\", "unescapes a list once instead of twice"),
        ]

        /// Types whose data it takes for something else.
        private static let wrongFormat =
            Specimen.Check.allCases.flatMap { check in
                [
                    Fault(.nsapPTR, check, "takes the name (RFC 1348) for a character string"),
                    Fault(.sink, check, "knows one field of four"),
                ]
            } + [
                Fault(.atma, .print, "prints the octet of the format as part of the address"),
                Fault(.atma, .parse, "leaves the octet of the format out"),
            ]
    }
#endif
