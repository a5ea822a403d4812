/// The record types and what their data is made of.
///
/// One line a type, in the order of their numbers. Decoding, encoding, canonical form, parsing and printing all
/// walk these fields, and nothing else in the project switches on a type to do one of them. A new type is a line
/// here and lines of test vectors; a member of `RecordType` where code names it. The names of the fields are the RFCs'
/// words; messages are made with them.
public enum RecordRegistry {
    /// All lines.
    public static let formats: [RecordFormat] = rfc1035 + later + dnssec + recent + extended

    // What several types have.
    private static let digestOfKey: [Field] = [
        .u16("key tag"), .mnemonic(.algorithm, "algorithm"), .u8("digest type"), .digest(.delegation, typeAt: 3),
    ]
    private static let publicKey: [Field] = [
        .u16("flags"), .u8("protocol"), .mnemonic(.algorithm, "algorithm"), .base64("key"),
    ]
    private static let certificateAssociation: [Field] = [
        .mnemonic(.certificateUsage, "usage"), .mnemonic(.certificateSelector, "selector"),
        .mnemonic(.matchingType, "matching type"), .hex("data"),
    ]
    private static let service: [Field] = [.u16("priority"), .name("target"), .of(.serviceParameters, "parameter")]

    /// RFC 1035 §3.3 and §3.4, RFC 1183.
    private static let rfc1035: [RecordFormat] = [
        .init(.a, "A", .ipv4("address")),
        .init(.ns, "NS", .compressedName("name server")),
        .init(RecordType(3), "MD", [.obsolete], .compressedName("mail agent")),
        .init(RecordType(4), "MF", [.obsolete], .compressedName("mail agent")),
        .init(.cname, "CNAME", [.singleton], .compressedName("target")),
        .init(
            .soa, "SOA", [.singleton], .compressedName("primary"), .compressedName("mailbox"), .u32("serial"),
            .seconds("refresh"), .seconds("retry"), .seconds("expire"), .seconds("minimum")),
        .init(RecordType(7), "MB", .compressedName("host")),
        .init(RecordType(8), "MG", .compressedName("mailbox")),
        .init(RecordType(9), "MR", .compressedName("mailbox")),
        .init(.null, "NULL", .of(.opaque, "data")),
        .init(
            .wks, "WKS", [.obsolete], .ipv4("address"), .mnemonic(.internetProtocol, "protocol"),
            .of(.services, "service")),
        .init(.ptr, "PTR", .compressedName("target")),
        .init(.hinfo, "HINFO", .string("CPU"), .string("OS")),
        .init(RecordType(14), "MINFO", .compressedName("responsible mailbox"), .compressedName("error mailbox")),
        .init(.mx, "MX", .u16("preference"), .compressedName("exchange")),
        .init(.txt, "TXT", .strings("text")),
        .init(.rp, "RP", .expandedName("mailbox"), .expandedName("text")),
        .init(.afsdb, "AFSDB", .u16("subtype"), .expandedName("host")),
        .init(RecordType(19), "X25", .of(.digits, "address")),
        .init(RecordType(20), "ISDN", .string("address"), .of(.optionalString, "subaddress")),
        .init(RecordType(21), "RT", .u16("preference"), .expandedName("host")),
    ]

    /// RFC 1348 to RFC 3123.
    private static let later: [RecordFormat] = [
        .init(.nsap, "NSAP", [.obsolete], .of(.nsap, "address")),
        .init(.nsapPTR, "NSAP-PTR", [.obsolete], .name("owner")),
        .init(
            .sig, "SIG", .recordType("type covered"), .mnemonic(.algorithm, "algorithm"), .u8("labels"),
            .seconds("original TTL"), .time("expiration"), .time("inception"), .u16("key tag"),
            .expandedName("signer"), .base64("signature")),
        .init(
            .key, "KEY", .u16("flags"), .mnemonic(.keyProtocol, "protocol"), .mnemonic(.algorithm, "algorithm"),
            .base64("key", minimum: 0)),
        .init(.px, "PX", .u16("preference"), .expandedName("map822"), .expandedName("mapx400")),
        .init(RecordType(27), "GPOS", .of(.decimal, "longitude"), .of(.decimal, "latitude"), .of(.decimal, "altitude")),
        .init(.aaaa, "AAAA", .of(.ipv6, "address")),
        .init(.loc, "LOC", .of(.location, "location")),
        .init(.nxt, "NXT", [.obsolete], .expandedName("next name"), .of(.oldTypeBitmap, "type")),
        .init(RecordType(31), "EID", [.obsolete], .hex("endpoint identifier")),
        .init(RecordType(32), "NIMLOC", [.obsolete], .hex("locator")),
        .init(.srv, "SRV", .u16("priority"), .u16("weight"), .u16("port"), .expandedName("target")),
        .init(.atma, "ATMA", [.obsolete], .of(.atmAddress, "address")),
        .init(
            .naptr, "NAPTR", .u16("order"), .u16("preference"), .string("flags"), .string("services"),
            .string("regular expression"), .expandedName("replacement")),
        .init(.kx, "KX", .u16("preference"), .lowercasedName("exchanger")),
        .init(
            .cert, "CERT", .mnemonic(.certificateType, "type"), .u16("key tag"), .mnemonic(.algorithm, "algorithm"),
            .base64("certificate")),
        .init(
            .a6, "A6", [.obsolete], .of(.prefixLength, "prefix length"), .of(.addressSuffix, "address suffix"),
            .of(.prefixName, "prefix name")),
        .init(.dname, "DNAME", [.singleton], .lowercasedName("target")),
        .init(.sink, "SINK", [.obsolete], .u8("meaning"), .u8("coding"), .u8("subcoding"), .base64("data", minimum: 0)),
        .init(.opt, "OPT", [.meta], .of(.options, "option")),
        .init(.apl, "APL", .of(.addressPrefixes, "prefix")),
    ]

    /// RFC 4025 to RFC 5155, and what signs and secures besides.
    private static let dnssec: [RecordFormat] = [
        .init(.ds, "DS", fields: digestOfKey),
        .init(
            .sshfp, "SSHFP", .u8("algorithm"), .u8("fingerprint type"),
            .of(.digest(.fingerprint, typeAt: 1), "fingerprint")),
        .init(
            .ipseckey, "IPSECKEY", .u8("precedence"), .u8("gateway type"), .u8("algorithm"),
            .of(.gateway(typeAt: 1, mask: 0xFF), "gateway"), .base64("public key", minimum: 0)),
        .init(
            .rrsig, "RRSIG", .recordType("type covered"), .mnemonic(.algorithm, "algorithm"), .u8("labels"),
            .seconds("original TTL"), .time("expiration"), .time("inception"), .u16("key tag"),
            .lowercasedName("signer"), .base64("signature")),
        .init(.nsec, "NSEC", .name("next name"), .typeBitmap("type")),
        .init(.dnskey, "DNSKEY", fields: publicKey),
        .init(.dhcid, "DHCID", .base64("identifier", minimum: 3)),
        .init(
            .nsec3, "NSEC3", .u8("hash algorithm"), .u8("flags"), .u16("iterations"), .of(.salt, "salt"),
            .of(.hash, "next hash"), .typeBitmap("type")),
        .init(.nsec3param, "NSEC3PARAM", .u8("hash algorithm"), .u8("flags"), .u16("iterations"), .of(.salt, "salt")),
        .init(.tlsa, "TLSA", fields: certificateAssociation),
        .init(.smimea, "SMIMEA", fields: certificateAssociation),
    ]

    /// RFC 8005 to RFC 9859: the types below 256.
    private static let recent: [RecordFormat] = [
        .init(
            .hip, "HIP", .of(.count(size: 1), "HIT length"), .u8("algorithm"),
            .of(.count(size: 2), "public key length"), .of(.counted(.hex, countAt: 0, size: 1), "HIT"),
            .of(.counted(.base64, countAt: 2, size: 2), "public key"), .of(.names, "rendezvous server")),
        .init(RecordType(56), "NINFO", .strings("text")),
        .init(RecordType(57), "RKEY", fields: publicKey),
        .init(RecordType(58), "TALINK", .name("previous"), .name("next")),
        .init(.cds, "CDS", fields: digestOfKey),
        .init(.cdnskey, "CDNSKEY", fields: publicKey),
        .init(.openpgpkey, "OPENPGPKEY", .base64("key")),
        .init(.csync, "CSYNC", .u32("serial"), .u16("flags"), .typeBitmap("type")),
        .init(.zonemd, "ZONEMD", .u32("serial"), .u8("scheme"), .u8("hash algorithm"), .digest(.zone, typeAt: 5)),
        .init(.svcb, "SVCB", fields: service),
        .init(.https, "HTTPS", fields: service),
        .init(.dsync, "DSYNC", .recordType("type"), .mnemonic(.notifyScheme, "scheme"), .u16("port"), .name("target")),
        .init(RecordType(67), "HHIT", .base64("data")),
        .init(RecordType(68), "BRID", .base64("data")),
        .init(.spf, "SPF", [.obsolete], .strings("text")),
        .init(RecordType(100), "UINFO", [.obsolete], .string("information")),
        .init(RecordType(101), "UID", [.obsolete], .u32("user")),
        .init(RecordType(102), "GID", [.obsolete], .u32("group")),
        .init(RecordType(103), "UNSPEC", [.obsolete], .of(.opaque, "data")),
        .init(RecordType(104), "NID", .u16("preference"), .of(.locator, "node identifier")),
        .init(RecordType(105), "L32", .u16("preference"), .ipv4("locator")),
        .init(RecordType(106), "L64", .u16("preference"), .of(.locator, "locator")),
        .init(.lp, "LP", .u16("preference"), .name("target")),
        .init(.eui48, "EUI48", .of(.hyphenated(count: 6), "address")),
        .init(.eui64, "EUI64", .of(.hyphenated(count: 8), "address")),
    ]

    /// The types of messages and questions, and those from 256 on.
    private static let extended: [RecordFormat] = [
        .init(.nxname, "NXNAME", [.meta, .dataless]),
        .init(
            .tkey, "TKEY", [.meta], .name("algorithm"), .u32("inception"), .u32("expiration"), .u16("mode"),
            .mnemonic(.signatureError, "error"), .of(.sizedBase64, "key"), .of(.sizedBase64, "other data")),
        .init(
            .tsig, "TSIG", [.meta], .name("algorithm"), .of(.number(size: 6), "time signed"), .u16("fudge"),
            .of(.sizedBase64, "MAC"), .u16("original id"), .mnemonic(.signatureError, "error"),
            .of(.sizedBase64, "other data")),
        .init(.ixfr, "IXFR", [.meta, .dataless]),
        .init(.axfr, "AXFR", [.meta, .dataless]),
        .init(.mailb, "MAILB", [.meta, .dataless]),
        .init(.maila, "MAILA", [.meta, .dataless]),
        .init(.any, "ANY", [.meta, .dataless]),
        .init(.uri, "URI", .u16("priority"), .u16("weight"), .of(.text(minimum: 1), "target")),
        .init(.caa, "CAA", .u8("flags"), .of(.tag, "tag"), .of(.text(minimum: 0), "value")),
        .init(RecordType(258), "AVC", .strings("text")),
        .init(
            RecordType(259), "DOA", [.obsolete], .u32("enterprise"), .u32("type"), .u8("location"),
            .string("media type"), .of(.dashedBase64, "data")),
        .init(
            RecordType(260), "AMTRELAY", .u8("precedence"), .of(.highBit, "discovery flag"),
            .of(.lowBits, "relay type"), .of(.gateway(typeAt: 1, mask: 0x7F), "relay")),
        .init(RecordType(261), "RESINFO", .strings("text")),
        .init(RecordType(262), "WALLET", .strings("text")),
        .init(RecordType(263), "CLA", .strings("text")),
        .init(RecordType(264), "IPN", .of(.number(size: 8), "node number")),
        .init(RecordType(32768), "TA", [.obsolete], fields: digestOfKey),
        .init(RecordType(32769), "DLV", [.obsolete], fields: digestOfKey),
    ]
}

extension RecordRegistry {
    /// The format of any type; one that has no line is octets without a structure (RFC 3597).
    public static func format(of type: RecordType) -> RecordFormat {
        if let index = index(of: type) { return formats[index] }
        return RecordFormat(type, fields: [opaque])
    }

    static func mnemonic(of type: RecordType) -> String? {
        index(of: type).map { formats[$0].mnemonic }
    }

    static let grammar = RecordGrammar(formats, opaque: opaque)

    private static let opaque = Field.of(.opaque, "data")

    static func index(of type: RecordType) -> Int? { grammar.index(of: type) }
}
