/// The things that can be wrong or doubtful in zone files.
public enum ProblemCode: String, CaseIterable, Sendable {
    /// An error keeps a zone from being served, a warning does not.
    public enum Severity: Sendable { case warning, error }

    // Text.
    case unreadable, syntax, badName, badData, unknownType, outOfZone, missingDot, unstatedTTL, txtComment,
        txtUnquoted
    // Zones and sets.
    case missingSOA, missingNS, misplacedSOA, severalRecords, largeSet, tooLarge, duplicateRecord, ttlDiffers,
        ttlZero, ttlLong, soaTimers, soaMailbox, soaPrimary, staleSerial, autoSerial, hostName
    // Aliases and wildcards.
    case aliasAtApex, aliasBesideData, aliasLoop, aliasChain, danglingAlias, dnameBesideNS, belowDNAME,
        wildcardDNAME, wildcardNS, wildcardBlocked, wildcardInside
    // Targets and delegations.
    case targetAlias, targetMissing, targetAddress, lameServer, missingGlue, superfluousGlue, occludedData,
        dsWithoutNS, childUndelegated, childServers, childAddresses, childKeys
    // What other programs read.
    case spf, dmarc, caa, svcb, spfLookups, spfType
    // DNSSEC.
    case nsec3IterationsRefused, nsec3Iterations, signatureExpired, signatureExpiring, signatureEarly,
        signatureMissing, signatureOrphan, signatureFields, signatureKey, weakAlgorithm, weakDigest, missingNSEC,
        brokenChain, nsecTypes, zonemdSerial

    /// What tools may rely on: `missing-dot`, for one.
    public var word: String {
        var word = ""
        var last: Character?
        for letter in rawValue {
            if letter.isUppercase, last?.isUppercase == false { word += "-" }
            word += letter.lowercased()
            last = letter
        }
        return word
    }

    /// What is known of a code, the same for all its problems: what is the matter, in a few words, and how to mend it.
    public var rule: (severity: Severity, summary: String, hint: String) {
        switch self {
        case .unreadable: (.error, "a file cannot be read", "mend the path or the file's permissions")
        case .syntax: (.error, "an entry does not have the form of one", "write it as: owner TTL class type data")
        case .badName: (.error, "a name is too long or malformed", "labels have 1 to 63 octets, names up to 255")
        case .badData: (.error, "a field of the data is not what its type wants", "write the field as the message says")
        case .unknownType: (.error, "the type is unknown", "write TYPEn and \\# data for unknown types")
        case .outOfZone: (.warning, "the owner is not in the zone", "move it to its own zone, or mend its dots")
        case .missingDot: (.warning, "a name lacks its dot, and got the origin twice", "end the name with a dot")
        case .unstatedTTL: (.warning, "records get their TTL from the SOA's minimum", "begin the file with $TTL")
        case .txtComment: (.warning, "a ; in unquoted text begins a comment", "put the text in quotation marks")
        case .txtUnquoted: (.warning, "unquoted words are joined without blanks", "put the text in quotation marks")
        case .missingSOA: (.error, "the zone has no SOA record", "add: @ SOA primary mailbox 1 2h 15m 2w 5m")
        case .missingNS: (.error, "the zone has no NS record", "add an NS record at @ for each name server")
        case .misplacedSOA: (.error, "an SOA record below the apex", "remove it, or make it a zone of its own")
        case .severalRecords: (.error, "several records where there may be one", "leave one of them")
        case .largeSet: (.error, "a set does not fit into a message", "split it over several names")
        case .tooLarge: (.error, "the zone is too large", "split the zone")
        case .duplicateRecord: (.warning, "a record stands there twice", "remove one of the two")
        case .ttlDiffers: (.warning, "TTLs differ within a set", "give all records of the set one TTL")
        case .ttlZero: (.warning, "a TTL of 0", "a minute or more lets resolvers cache it")
        case .ttlLong: (.warning, "a TTL of more than 30 days", "a day is long enough; check the unit")
        case .soaTimers: (.warning, "the SOA's times are out of proportion", "good are: 2h 15m 2w 5m")
        case .soaMailbox: (.warning, "the SOA's mailbox is no mailbox", "write a@b.test as a.b.test.")
        case .staleSerial:
            (.warning, "a new version is not newer by its serial", "raise it, or leave it to auto-serial")
        case .autoSerial: (.error, "auto-serial in a signed zone", "remove it: the signer must raise the serial")
        case .soaPrimary: (.warning, "the SOA's primary server does not exist", "name the server with the files")
        case .hostName: (.warning, "a host's name has odd characters", "rename it: many programs refuse it")
        case .aliasAtApex: (.error, "a CNAME record at the apex", "use addresses, or HTTPS records in alias mode")
        case .aliasBesideData: (.error, "a CNAME record beside other data", "remove the alias or the other records")
        case .aliasLoop: (.warning, "aliases lead back to themselves", "let one of them lead to a name with data")
        case .aliasChain: (.warning, "a chain of aliases is too long", "let the first lead to the last name")
        case .danglingAlias: (.warning, "an alias leads nowhere", "add the name, or remove the alias")
        case .dnameBesideNS: (.error, "a DNAME record beside a delegation", "remove one of the two")
        case .belowDNAME: (.error, "a record below a DNAME record", "remove it: the name is redirected")
        case .wildcardDNAME: (.warning, "a DNAME record at a wildcard", "use a CNAME record there")
        case .wildcardNS: (.error, "an NS record at a wildcard", "delegate each name by itself")
        case .wildcardBlocked: (.warning, "names below a wildcard do not match it", "add records or a wildcard there")
        case .wildcardInside: (.warning, "a * that is not the first label", "only a * at the very start is a wildcard")
        case .targetAlias: (.warning, "MX, NS, SRV or SOA leads to an alias", "name the host that the alias leads to")
        case .targetMissing: (.warning, "a target has no address", "add its A or AAAA record, or mend the name")
        case .targetAddress: (.warning, "an address where a name must be", "name a host that has the address")
        case .lameServer: (.warning, "a name server has no address", "add its A or AAAA record, or mend the name")
        case .missingGlue: (.warning, "a delegation's server is out of reach", "add its A or AAAA record to this zone")
        case .superfluousGlue: (.warning, "an address that no server has", "remove it, or name the server with NS")
        case .occludedData: (.warning, "data at or below a delegation", "move it to the child's zone")
        case .dsWithoutNS: (.warning, "a DS record without a delegation", "add the child's NS records, or remove it")
        case .childUndelegated: (.warning, "a parent does not delegate its child", "add the child's NS records there")
        case .childServers: (.warning, "parent and child name different servers", "make both NS sets equal")
        case .childAddresses: (.warning, "glue differs from the child's addresses", "copy the child's addresses")
        case .childKeys: (.warning, "DS and DNSKEY records do not match", "make them of the child's keys")
        case .spf: (.warning, "an SPF record that cannot work", "write: \"v=spf1 mx -all\"")
        case .dmarc: (.warning, "a DMARC record that cannot work", "write: _dmarc TXT \"v=DMARC1; p=none\"")
        case .caa: (.warning, "a CAA record that cannot work", "write: CAA 0 issue \"ca.example\"")
        case .svcb: (.warning, "an SVCB or HTTPS record that cannot work", "see RFC 9460")
        case .spfLookups: (.warning, "more than 10 SPF look-ups", "replace some of them by ip4: and ip6:")
        case .spfType: (.warning, "the SPF type is not used", "use TXT (RFC 7208)")
        case .nsec3IterationsRefused: (.error, "NSEC3 iterations over 150", "sign with 0 iterations")
        case .nsec3Iterations: (.warning, "NSEC3 iterations over 0", "sign with 0 iterations")
        case .signatureExpired: (.warning, "a signature has expired", "sign the zone again")
        case .signatureExpiring: (.warning, "a signature expires soon", "sign the zone again")
        case .signatureEarly: (.warning, "a signature is not valid yet", "check the signer's clock")
        case .signatureMissing: (.warning, "a set without a signature in a signed zone", "sign the zone again")
        case .signatureOrphan: (.warning, "a signature without its set", "sign the zone again")
        case .signatureFields: (.warning, "a signature does not fit its set", "sign the zone again")
        case .signatureKey: (.warning, "a signature's key is not in the zone", "add it, or sign the zone again")
        case .weakAlgorithm: (.warning, "validators do not accept the algorithm", "use ECDSAP256SHA256 (13)")
        case .weakDigest: (.warning, "validators do not accept the digest", "use SHA-256 (2)")
        case .missingNSEC: (.warning, "a name without NSEC or NSEC3 record", "sign the zone again")
        case .brokenChain: (.warning, "the chain of NSEC or NSEC3 records is broken", "sign the zone again")
        case .nsecTypes: (.warning, "NSEC or NSEC3 lists other types than there are", "sign the zone again")
        case .zonemdSerial: (.warning, "a ZONEMD record is of another serial", "make the digest again")
        }
    }
}
