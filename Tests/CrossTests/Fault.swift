#if CrossTests
    import DNS

    /// Something that ldns does otherwise than the RFCs say, and that is no reason to change ours.
    struct Fault: Sendable {
        var type: RecordType
        var check: Specimen.Check
        /// What the record must contain in presentation form; nothing where all of the type are meant.
        var part: String
        var reason: String

        init(_ type: RecordType, _ check: Specimen.Check, _ part: String = "", _ reason: String) {
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
        static let all: [Fault] = [
            Fault(.a, .print, "\\\"", "prints a quote in a name without a backslash, which makes it begin a string"),
        ]
    }
#endif
