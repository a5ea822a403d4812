#if CrossTests
    /// Golden messages that ldns takes for something else than we do, and why ours stays as it is.
    struct Departure: Sendable {
        var reason: String
        var messages: [String]

        init(_ reason: String, _ messages: String...) {
            self.reason = reason
            self.messages = messages
        }

        /// Reviewed one by one against ldns 1.8.3. One that no longer matters fails a test.
        static let all = [
            Departure(
                "ldns stops behind the last record; octets that nobody counted may hide anything",
                "an octet behind the question", "a record that is not counted", "an octet behind a header alone"),
            Departure(
                "ldns follows pointers forwards; RFC 1035 §4.1.4 has them point at a prior occurrence",
                "a pointer forwards"),
            Departure(
                "ldns keeps a TTL of more than 31 bits; RFC 2181 §8 makes it 0",
                "a TTL with its highest bit set, which means 0 (RFC 2181 §8)"),
            Departure(
                "ldns skips what is left of the data behind the last field",
                "A of 5 octets", "AAAA of 17 octets", "NS whose name ends before its data",
                "SOA of one number too many", "HINFO of three strings"),
            Departure(
                "ldns takes data that ends before a field for a record with fewer fields",
                "A without data", "NS without data", "MX without exchange", "SOA of one number too few",
                "SOA of one name", "TXT without a string", "HINFO of one string", "URI without a target",
                "LOC of 15 octets"),
            Departure(
                "ldns knows records without data from dynamic updates (RFC 2136 §2.4), which we do not take part in",
                "A without data in class ANY, which only updates have"),
            Departure(
                "ldns follows pointers in all data; RFC 3597 §4 allows them in older types alone",
                "DNAME with a compressed target (RFC 6672 §2.5)", "RRSIG with a compressed signer (RFC 4034 §3.1.7)",
                "NSEC with a compressed name (RFC 4034 §4.1.1)", "KX with a compressed exchanger",
                "SVCB with a compressed target (RFC 9460 §2.2)"),
            Departure(
                "ldns does not look into bitmaps (RFC 4034 §4.1.2)",
                "NSEC with an empty window", "NSEC with a window of 33 octets", "NSEC with windows out of order",
                "NSEC with a window longer than the data"),
            Departure(
                "ldns asks for no least length",
                "NSEC3 without a hash", "DS whose digest is too short for its type", "CAA with an empty tag"),
            Departure(
                "ldns takes the last OPT record of any owner; RFC 6891 §6.1.1 allows one, of the root",
                "EDNS twice", "EDNS whose owner is not the root"),
            Departure(
                "ldns looks into the options only when it is asked for them",
                "an option without length", "an option cut in its length", "an option longer than the options",
                "an octet behind the options"),
        ]
    }
#endif
