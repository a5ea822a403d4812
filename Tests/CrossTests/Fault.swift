#if CrossTests
    import DNS

    /// Something that ldns does otherwise than the RFCs say, and that is no reason to change ours.
    struct Fault: Sendable {
        var type: RecordType
        var check: Specimen.Check
        /// What the record, as a whole line, must contain; nothing where all of the type are meant.
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
                && (part.isEmpty || "\(specimen.record)\n".contains(part))
        }
    }

    extension Fault {
        /// The faults of ldns 1.8.3, reviewed one by one. One that explains nothing any more fails a test.
        static let all: [Fault] =
            [
                Fault(.a, .print, "\\\"", "prints a quote in a name without a backslash, where it begins a string"),
                Fault(.wks, .parse, " 6\n", "wants a service, of which there may be none (RFC 1035 §3.4.2)"),
                Fault(.sig, .print, " 2106", "counts times near now, and so prints this one as of 1969"),
                Fault(.rrsig, .print, " 2106", "counts times near now, and so prints this one as of 1969"),
                Fault(.key, .parse, " 0\n", "wants a key, which flags can say there is not (RFC 2535 §3.1.2)"),
                Fault(.nxt, .print, "prints the bitmap as \\#, which only stands for whole data (RFC 3597 §5)"),
                Fault(.nxt, .parse, "does not parse the bitmap (RFC 2535 §5.4)"),
                Fault(.nsec, .parse, " NXNAME ", "takes a mnemonic that it does not know for type 0"),
                Fault(.csync, .parse, " 0\n", "wants types in a bitmap that may be empty (RFC 7477 §2.1.1.2.1)"),
                Fault(.ipseckey, .print, "0 0 .", "prints no record without gateway and key (RFC 4025 §3.1)"),
                Fault(.ipseckey, .parse, "0 0 .", "wants a key, which algorithm 0 has not (RFC 4025 §2.4)"),
                Fault(.caa, .print, "issue \"\"", "prints nothing for an empty value, which RFC 8659 §4.1.1 quotes"),
            ] + serviceParameters + wrongFormat + withoutText

        /// RFC 9460 §A.1: a value is unescaped twice, first as a string and then as a list. It is older than some keys.
        private static let serviceParameters = [RecordType.svcb, .https].flatMap { type in
            [
                Fault(type, .print, "\\\\", "prints the escapes of a list once instead of twice"),
                Fault(type, .parse, "\\\\", "unescapes a list once instead of twice"),
                Fault(type, .parse, " ohttp", "does not know the key of RFC 9540"),
                Fault(type, .parse, " docpath", "does not know the key"),
                Fault(type, .parse, " tls-supported-groups", "does not know the key"),
            ]
        }

        /// Types for which it has no presentation form, or one of its own.
        private static let withoutText = [
            Fault(.a6, .parse, "has no presentation form for it (RFC 2874 §3.2)"),
            Fault(.opt, .parse, "has no presentation form for it"),
            Fault(.tkey, .print, "prints the times as of signatures, and codes as numbers"),
            Fault(.tkey, .parse, "does not parse what it prints"),
            Fault(.tsig, .parse, "does not parse what it prints"),
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
