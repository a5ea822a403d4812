/// The record types and what their data is made of.
///
/// One line a type, in the order of their numbers. Decoding, encoding, canonical form, parsing and printing all
/// walk these fields, and nothing else in the project switches on a type to do one of them. A new type is a line
/// here, a member of `RecordType` and lines of test vectors. The names of the fields are the RFCs' words; messages
/// are made with them.
public enum RecordRegistry {
    /// All lines.
    public static let formats: [RecordFormat] = rfc1035 + later + dnssec + recent + extended

    /// RFC 1035 §3.3 and §3.4, RFC 1183.
    private static let rfc1035: [RecordFormat] = [
        RecordFormat(.a, "A", [], .ipv4("address")),
        RecordFormat(.ns, "NS", [], .compressedName("name server")),
        RecordFormat(.md, "MD", [.obsolete], .compressedName("mail agent")),
        RecordFormat(.mf, "MF", [.obsolete], .compressedName("mail agent")),
        RecordFormat(.cname, "CNAME", [.singleton], .compressedName("target")),
        RecordFormat(
            .soa, "SOA", [.singleton], .compressedName("primary"), .compressedName("mailbox"), .u32("serial"),
            .seconds("refresh"), .seconds("retry"), .seconds("expire"), .seconds("minimum")),
        RecordFormat(.mb, "MB", [], .compressedName("host")),
        RecordFormat(.mg, "MG", [], .compressedName("mailbox")),
        RecordFormat(.mr, "MR", [], .compressedName("mailbox")),
        RecordFormat(.null, "NULL", [], .of(.opaque, "data")),
        RecordFormat(
            .wks, "WKS", [.obsolete], .ipv4("address"), .mnemonic(.internetProtocol, "protocol"),
            .of(.services, "service")),
        RecordFormat(.ptr, "PTR", [], .compressedName("target")),
        RecordFormat(.hinfo, "HINFO", [], .string("CPU"), .string("OS")),
        RecordFormat(.minfo, "MINFO", [], .compressedName("responsible mailbox"), .compressedName("error mailbox")),
        RecordFormat(.mx, "MX", [], .u16("preference"), .compressedName("exchange")),
        RecordFormat(.txt, "TXT", [], .strings("text")),
        RecordFormat(.rp, "RP", [], .expandedName("mailbox"), .expandedName("text")),
        RecordFormat(.afsdb, "AFSDB", [], .u16("subtype"), .expandedName("host")),
        RecordFormat(.x25, "X25", [], .of(.digits, "address")),
        RecordFormat(.isdn, "ISDN", [], .string("address"), .of(.optionalString, "subaddress")),
        RecordFormat(.rt, "RT", [], .u16("preference"), .expandedName("host")),
    ]

    /// RFC 1348 to RFC 3123.
    private static let later: [RecordFormat] = [
        RecordFormat(.nsap, "NSAP", [.obsolete], .of(.nsap, "address")),
        RecordFormat(.nsapPTR, "NSAP-PTR", [.obsolete], .name("owner")),
        RecordFormat(
            .sig, "SIG", [], .recordType("type covered"), .mnemonic(.algorithm, "algorithm"), .u8("labels"),
            .seconds("original TTL"), .time("expiration"), .time("inception"), .u16("key tag"),
            .expandedName("signer"), .base64("signature")),
        RecordFormat(
            .key, "KEY", [], .u16("flags"), .mnemonic(.keyProtocol, "protocol"), .mnemonic(.algorithm, "algorithm"),
            .base64("key", minimum: 0)),
        RecordFormat(.px, "PX", [], .u16("preference"), .expandedName("map822"), .expandedName("mapx400")),
        RecordFormat(
            .gpos, "GPOS", [], .of(.decimal, "longitude"), .of(.decimal, "latitude"), .of(.decimal, "altitude")),
        RecordFormat(.aaaa, "AAAA", [], .of(.ipv6, "address")),
        RecordFormat(.loc, "LOC", [], .of(.location, "location")),
        RecordFormat(.nxt, "NXT", [.obsolete], .expandedName("next name"), .of(.oldTypeBitmap, "type")),
        RecordFormat(.eid, "EID", [.obsolete], .hex("endpoint identifier")),
        RecordFormat(.nimloc, "NIMLOC", [.obsolete], .hex("locator")),
        RecordFormat(.srv, "SRV", [], .u16("priority"), .u16("weight"), .u16("port"), .expandedName("target")),
        RecordFormat(.atma, "ATMA", [.obsolete], .of(.atmAddress, "address")),
        RecordFormat(
            .naptr, "NAPTR", [], .u16("order"), .u16("preference"), .string("flags"), .string("services"),
            .string("regular expression"), .expandedName("replacement")),
        RecordFormat(.kx, "KX", [], .u16("preference"), .lowercasedName("exchanger")),
        RecordFormat(
            .cert, "CERT", [], .mnemonic(.certificateType, "type"), .u16("key tag"),
            .mnemonic(.algorithm, "algorithm"), .base64("certificate")),
        RecordFormat(
            .a6, "A6", [.obsolete], .of(.prefixLength, "prefix length"), .of(.addressSuffix, "address suffix"),
            .of(.prefixName, "prefix name")),
        RecordFormat(.dname, "DNAME", [.singleton], .lowercasedName("target")),
        RecordFormat(
            .sink, "SINK", [.obsolete], .u8("meaning"), .u8("coding"), .u8("subcoding"),
            .base64("data", minimum: 0)),
        RecordFormat(.opt, "OPT", [.meta], .of(.options, "option")),
        RecordFormat(.apl, "APL", [], .of(.addressPrefixes, "prefix")),
    ]

    /// RFC 4025 to RFC 5155, and what signs and secures besides.
    private static let dnssec: [RecordFormat] = [
        RecordFormat(
            .ds, "DS", [], .u16("key tag"), .mnemonic(.algorithm, "algorithm"), .u8("digest type"),
            .digest(.delegation, typeAt: 3)),
        RecordFormat(
            .sshfp, "SSHFP", [], .u8("algorithm"), .u8("fingerprint type"),
            .of(.digest(.fingerprint, typeAt: 1), "fingerprint")),
        RecordFormat(
            .ipseckey, "IPSECKEY", [], .u8("precedence"), .u8("gateway type"), .u8("algorithm"),
            .of(.gateway(typeAt: 1, mask: 0xFF), "gateway"), .base64("public key", minimum: 0)),
        RecordFormat(
            .rrsig, "RRSIG", [], .recordType("type covered"), .mnemonic(.algorithm, "algorithm"), .u8("labels"),
            .seconds("original TTL"), .time("expiration"), .time("inception"), .u16("key tag"),
            .lowercasedName("signer"), .base64("signature")),
        RecordFormat(.nsec, "NSEC", [], .name("next name"), .typeBitmap("type")),
        RecordFormat(
            .dnskey, "DNSKEY", [], .u16("flags"), .u8("protocol"), .mnemonic(.algorithm, "algorithm"),
            .base64("key")),
        RecordFormat(.dhcid, "DHCID", [], .base64("identifier", minimum: 3)),
        RecordFormat(
            .nsec3, "NSEC3", [], .u8("hash algorithm"), .u8("flags"), .u16("iterations"), .of(.salt, "salt"),
            .of(.hash, "next hash"), .typeBitmap("type")),
        RecordFormat(
            .nsec3param, "NSEC3PARAM", [], .u8("hash algorithm"), .u8("flags"), .u16("iterations"),
            .of(.salt, "salt")),
        RecordFormat(
            .tlsa, "TLSA", [], .mnemonic(.certificateUsage, "usage"), .mnemonic(.certificateSelector, "selector"),
            .mnemonic(.matchingType, "matching type"), .hex("data")),
        RecordFormat(
            .smimea, "SMIMEA", [], .mnemonic(.certificateUsage, "usage"), .mnemonic(.certificateSelector, "selector"),
            .mnemonic(.matchingType, "matching type"), .hex("data")),
    ]

    /// RFC 8005 to RFC 9859: the types below 256.
    private static let recent: [RecordFormat] = [
        RecordFormat(
            .hip, "HIP", [], .of(.count(size: 1), "HIT length"), .u8("algorithm"),
            .of(.count(size: 2), "public key length"), .of(.countedHex(countAt: 0), "HIT"),
            .of(.countedBase64(countAt: 2), "public key"), .of(.names, "rendezvous server")),
        RecordFormat(.ninfo, "NINFO", [], .strings("text")),
        RecordFormat(
            .rkey, "RKEY", [], .u16("flags"), .u8("protocol"), .mnemonic(.algorithm, "algorithm"), .base64("key")),
        RecordFormat(.talink, "TALINK", [], .name("previous"), .name("next")),
        RecordFormat(
            .cds, "CDS", [], .u16("key tag"), .mnemonic(.algorithm, "algorithm"), .u8("digest type"),
            .digest(.delegation, typeAt: 3)),
        RecordFormat(
            .cdnskey, "CDNSKEY", [], .u16("flags"), .u8("protocol"), .mnemonic(.algorithm, "algorithm"),
            .base64("key")),
        RecordFormat(.openpgpkey, "OPENPGPKEY", [], .base64("key")),
        RecordFormat(.csync, "CSYNC", [], .u32("serial"), .u16("flags"), .typeBitmap("type")),
        RecordFormat(
            .zonemd, "ZONEMD", [], .u32("serial"), .u8("scheme"), .u8("hash algorithm"), .digest(.zone, typeAt: 5)),
        RecordFormat(
            .svcb, "SVCB", [], .u16("priority"), .name("target"), .of(.serviceParameters, "parameter")),
        RecordFormat(
            .https, "HTTPS", [], .u16("priority"), .name("target"), .of(.serviceParameters, "parameter")),
        RecordFormat(
            .dsync, "DSYNC", [], .recordType("type"), .mnemonic(.notifyScheme, "scheme"), .u16("port"),
            .name("target")),
        RecordFormat(.hhit, "HHIT", [], .base64("data")),
        RecordFormat(.brid, "BRID", [], .base64("data")),
        RecordFormat(.spf, "SPF", [.obsolete], .strings("text")),
        RecordFormat(.uinfo, "UINFO", [.obsolete], .string("information")),
        RecordFormat(.uid, "UID", [.obsolete], .u32("user")),
        RecordFormat(.gid, "GID", [.obsolete], .u32("group")),
        RecordFormat(.unspec, "UNSPEC", [.obsolete], .of(.opaque, "data")),
        RecordFormat(.nid, "NID", [], .u16("preference"), .of(.locator, "node identifier")),
        RecordFormat(.l32, "L32", [], .u16("preference"), .ipv4("locator")),
        RecordFormat(.l64, "L64", [], .u16("preference"), .of(.locator, "locator")),
        RecordFormat(.lp, "LP", [], .u16("preference"), .name("target")),
        RecordFormat(.eui48, "EUI48", [], .of(.eui48, "address")),
        RecordFormat(.eui64, "EUI64", [], .of(.eui64, "address")),
    ]

    /// The types of messages and questions, and those from 256 on.
    private static let extended: [RecordFormat] = [
        RecordFormat(.nxname, "NXNAME", [.meta, .dataless]),
        RecordFormat(
            .tkey, "TKEY", [.meta], .name("algorithm"), .u32("inception"), .u32("expiration"), .u16("mode"),
            .mnemonic(.signatureError, "error"), .of(.sizedBase64, "key"), .of(.sizedBase64, "other data")),
        RecordFormat(
            .tsig, "TSIG", [.meta], .name("algorithm"), .of(.u48, "time signed"), .u16("fudge"),
            .of(.sizedBase64, "MAC"), .u16("original id"), .mnemonic(.signatureError, "error"),
            .of(.sizedBase64, "other data")),
        RecordFormat(.ixfr, "IXFR", [.meta, .dataless]),
        RecordFormat(.axfr, "AXFR", [.meta, .dataless]),
        RecordFormat(.mailb, "MAILB", [.meta, .dataless]),
        RecordFormat(.maila, "MAILA", [.meta, .dataless]),
        RecordFormat(.any, "ANY", [.meta, .dataless]),
        RecordFormat(.uri, "URI", [], .u16("priority"), .u16("weight"), .of(.text(minimum: 1), "target")),
        RecordFormat(.caa, "CAA", [], .u8("flags"), .of(.tag, "tag"), .of(.text(minimum: 0), "value")),
        RecordFormat(.avc, "AVC", [], .strings("text")),
        RecordFormat(
            .doa, "DOA", [.obsolete], .u32("enterprise"), .u32("type"), .u8("location"), .string("media type"),
            .of(.dashedBase64, "data")),
        RecordFormat(
            .amtrelay, "AMTRELAY", [], .u8("precedence"), .of(.highBit, "discovery flag"), .of(.lowBits, "relay type"),
            .of(.gateway(typeAt: 1, mask: 0x7F), "relay")),
        RecordFormat(.resinfo, "RESINFO", [], .strings("text")),
        RecordFormat(.wallet, "WALLET", [], .strings("text")),
        RecordFormat(.cla, "CLA", [], .strings("text")),
        RecordFormat(.ipn, "IPN", [], .of(.u64, "node number")),
        RecordFormat(
            .ta, "TA", [.obsolete], .u16("key tag"), .mnemonic(.algorithm, "algorithm"), .u8("digest type"),
            .digest(.delegation, typeAt: 3)),
        RecordFormat(
            .dlv, "DLV", [.obsolete], .u16("key tag"), .mnemonic(.algorithm, "algorithm"), .u8("digest type"),
            .digest(.delegation, typeAt: 3)),
    ]
}

extension RecordRegistry {
    /// The format of any type; one that has no line is octets without a structure (RFC 3597).
    public static func format(of type: RecordType) -> RecordFormat {
        if let index = index(of: type) { return formats[index] }
        return RecordFormat(opaque: type, fields: [opaque])
    }

    static func mnemonic(of type: RecordType) -> String? {
        index(of: type).map { formats[$0].mnemonic }
    }

    static let grammar = RecordGrammar(formats, opaque: opaque)

    private static let opaque = Field.of(.opaque, "data")
    private static let absent: UInt8 = 0xFF

    /// Where the line of a type below `lowCount` stands in `formats`.
    private static let lowCount = 512
    private static let indexes: [UInt8] = {
        var indexes = [UInt8](repeating: absent, count: lowCount)
        for (index, format) in formats.enumerated() where Int(format.type.rawValue) < lowCount {
            indexes[Int(format.type.rawValue)] = UInt8(index)
        }
        return indexes
    }()

    /// Where the lines of the other types begin.
    private static let highStart = formats.firstIndex { Int($0.type.rawValue) >= lowCount } ?? formats.count

    static func index(of type: RecordType) -> Int? {
        let number = Int(type.rawValue)
        if number < lowCount {
            return indexes[number] == absent ? nil : Int(indexes[number])
        }
        for index in highStart..<formats.count where formats[index].type == type { return index }
        return nil
    }
}
