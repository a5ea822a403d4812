/// The type of a record (RFC 1035 §3.2.2): an open set, so that unknown types survive (RFC 3597).
public struct RecordType: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }
    init(_ rawValue: UInt16) { self.rawValue = rawValue }
}

/// The types that are mostly spoken of; the registry knows others by their number.
extension RecordType {
    public static let a = RecordType(1)
    public static let ns = RecordType(2)
    public static let cname = RecordType(5)
    public static let soa = RecordType(6)
    public static let null = RecordType(10)
    public static let wks = RecordType(11)
    public static let ptr = RecordType(12)
    public static let hinfo = RecordType(13)
    public static let mx = RecordType(15)
    public static let txt = RecordType(16)
    public static let rp = RecordType(17)
    public static let afsdb = RecordType(18)
    public static let nsap = RecordType(22)
    public static let nsapPTR = RecordType(23)
    public static let sig = RecordType(24)
    public static let key = RecordType(25)
    public static let px = RecordType(26)
    public static let aaaa = RecordType(28)
    public static let loc = RecordType(29)
    public static let nxt = RecordType(30)
    public static let srv = RecordType(33)
    public static let atma = RecordType(34)
    public static let naptr = RecordType(35)
    public static let kx = RecordType(36)
    public static let cert = RecordType(37)
    public static let a6 = RecordType(38)
    public static let dname = RecordType(39)
    public static let sink = RecordType(40)
    public static let opt = RecordType(41)
    public static let apl = RecordType(42)
    public static let ds = RecordType(43)
    public static let sshfp = RecordType(44)
    public static let ipseckey = RecordType(45)
    public static let rrsig = RecordType(46)
    public static let nsec = RecordType(47)
    public static let dnskey = RecordType(48)
    public static let dhcid = RecordType(49)
    public static let nsec3 = RecordType(50)
    public static let nsec3param = RecordType(51)
    public static let tlsa = RecordType(52)
    public static let smimea = RecordType(53)
    public static let hip = RecordType(55)
    public static let cds = RecordType(59)
    public static let cdnskey = RecordType(60)
    public static let openpgpkey = RecordType(61)
    public static let csync = RecordType(62)
    public static let zonemd = RecordType(63)
    public static let svcb = RecordType(64)
    public static let https = RecordType(65)
    public static let dsync = RecordType(66)
    public static let spf = RecordType(99)
    public static let lp = RecordType(107)
    public static let eui48 = RecordType(108)
    public static let eui64 = RecordType(109)
    public static let nxname = RecordType(128)
    public static let tkey = RecordType(249)
    public static let tsig = RecordType(250)
    public static let ixfr = RecordType(251)
    public static let axfr = RecordType(252)
    public static let mailb = RecordType(253)
    public static let maila = RecordType(254)
    public static let any = RecordType(255)
    public static let uri = RecordType(256)
    public static let caa = RecordType(257)
}

extension RecordType {
    /// Whether it never stands in a zone: the pseudo-types and the types of questions (RFC 6895 §3.1).
    public var isMeta: Bool { self == .opt || 128...255 ~= rawValue || rawValue == 0 }
}
