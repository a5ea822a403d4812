"""Data of every record type. Where a peer does not know a type, it is given the octets as TYPEn (RFC 3597 §5)."""

import dns.rdata
import dns.rdataclass
import dns.rdatatype

# Type, text, and the octets where dnspython does not know the type.
SAMPLES = [
    ("A", "192.0.2.1"),
    ("MB", "mail.example.net.", "046d61696c076578616d706c65036e657400"),
    ("MG", "list.example.net.", "046c697374076578616d706c65036e657400"),
    ("MR", "new.example.net.", "036e6577076578616d706c65036e657400"),
    ("NULL", r"\# 3 000102", "000102"),
    ("WKS", "192.0.2.1 6 21 25 80"), ("PTR", "host.example.net."), ("HINFO", '"PC" "Linux 6"'),
    ("MINFO", "a.example.net. b.example.net.", "0161076578616d706c65036e6574000162076578616d706c65036e657400"),
    ("MX", "10 Mail.example.net."), ("TXT", r'"one two" "\"q\"" "" "\000\255"'), ("RP", "a.example.net. t.example.net."),
    ("AFSDB", "1 afs.example.net."), ("X25", "311061700956"), ("ISDN", '"150862028003217" "004"'),
    ("RT", "10 Relay.example.net."), ("NSAP", "0x47.0005.80.005a00.0000.0001.e133.ffffff000161.00"),
    ("NSAP-PTR", "foo.example.net.", "03666f6f076578616d706c65036e657400"),
    ("PX", "10 map.example.net. x.example.net."), ("GPOS", '"-32.6882" "116.8652" "10.0"'),
    ("AAAA", "2001:db8::53"), ("LOC", "52 14 05.000 N 0 8 50.000 E 10.00m 20.00m 1000.00m 2.00m"),
    ("EID", "e32c6f78", "e32c6f78"), ("NIMLOC", "32251a03", "32251a03"),
    ("SRV", "1 2 5060 Sip.example.net."),
    ("ATMA", "+61200000000", "013631323030303030303030"),
    ("NAPTR", r'100 50 "s" "z3950+I2L" "" _z._tcp.Example.net.'),
    ("KX", "10 Kx.example.net."), ("CERT", "PGP 0 0 AQIDBA=="), ("SINK", "1 2 3 AQID", "010203010203"),
    ("APL", "1:192.0.2.0/24 !1:192.0.2.64/28 2:2001:db8::/32"),
    ("DS", "60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118"),
    ("SSHFP", "2 1 123456789abcdef67890123456789abcdef67890"),
    ("IPSECKEY", "10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ=="),
    ("DHCID", "AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA="),
    ("TLSA", "3 1 1 d2abde240d7cd3ee6b4b28c54df034b97983a1d16e8a410e4561cb106618e971"),
    ("SMIMEA", "3 1 1 d2abde240d7cd3ee6b4b28c54df034b97983a1d16e8a410e4561cb106618e971"),
    ("HIP", "2 200100107B1A74DF365639CC39F1D578 AwEAAbdxyhNuSutc5EMzxTs9 rvs.example.net."),
    ("NINFO", '"status"', "06737461747573"),
    ("RKEY", "0 3 8 AQID", "00000308010203"),
    ("TALINK", "a.example.net. b.example.net.", "0161076578616d706c65036e6574000162076578616d706c65036e657400"),
    ("CDS", "60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118"), ("CDNSKEY", "256 3 8 AQIDBAUGBwg="),
    ("OPENPGPKEY", "AQIDBAUG"), ("CSYNC", "66 3 A NS AAAA"),
    ("ZONEMD", "2018031900 1 1 " + "c220b8a6ed5728a971902f7e3d4fd93adeea88b0453c2e8e8c863d465ab06cf34eb95b266398c98b59124fa239cb7eeb"),
    ("SVCB", "1 svc.example.net. alpn=h2,h3 port=8443 ipv4hint=192.0.2.1"), ("HTTPS", "0 alias.example.net."),
    ("SPF", '"v=spf1 -all"'), ("NID", "10 0014:4fff:ff20:ee64"), ("L32", "10 10.1.2.0"),
    ("L64", "10 2001:0DB8:1140:1000"), ("LP", "10 l64.example.net."), ("EUI48", "00-00-5e-00-53-2a"),
    ("EUI64", "00-00-5e-ef-10-00-00-2a"), ("URI", '10 1 "ftp://ftp.example.net/public"'),
    ("CAA", '0 issue "ca.example.net; account=230123"'), ("AVC", '"app"'),
    ("AMTRELAY", "10 0 1 203.0.113.15"), ("RESINFO", '"qnamemin"', "08716e616d656d696e"),
    ("WALLET", '"BTC 1"', "0542544320 31"), ("DLV", "60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118"),
    ("TA", "60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118", "ec4505012bb183af5f22588179a53b0a98631fad1a292118"),
    ("KEY", "256 3 5 AQID", "01000305010203"), ("TYPE65280", r"\# 4 0a000001", "0a000001"), ("TYPE731", r"\# 6 abcdef012345", "abcdef012345"),
    ("UINFO", '"user"', "0475736572"), ("UID", "1000", "000003e8"), ("GID", "100", "00000064"), ("UNSPEC", r"\# 2 abcd", "abcd"),
    ("DSYNC", "CDS 1 5359 scan.example.net.", "003b0114ef047363616e076578616d706c65036e657400"),
    ("HHIT", "AQID", "010203"), ("BRID", "AQID", "010203"), ("CLA", '"a"', "0161"), ("IPN", "4196183048192100", "000ee86800000064"),
]

NUMBERS = {
    "MB": 7, "MG": 8, "MR": 9, "NULL": 10, "MINFO": 14, "NSAP-PTR": 23, "KEY": 25, "EID": 31, "NIMLOC": 32,
    "ATMA": 34, "SINK": 40, "NINFO": 56, "RKEY": 57, "TALINK": 58, "DSYNC": 66, "HHIT": 67, "BRID": 68, "UINFO": 100, "UID": 101,
    "GID": 102, "UNSPEC": 103, "RESINFO": 261, "WALLET": 262, "CLA": 263, "IPN": 264, "TA": 32768, "DLV": 32769,
}

# The types whose text a peer's version in Debian 12 does not read.
UNKNOWN = {
    "nsd": set(
        "NSAP-PTR GPOS EID NIMLOC ATMA SINK HIP NINFO RKEY TALINK AMTRELAY RESINFO WALLET TA UINFO UID GID UNSPEC DSYNC HHIT"
        " BRID CLA IPN".split()),
    "knot": set(
        "MB MG MR NULL WKS X25 ISDN NSAP NSAP-PTR PX GPOS EID NIMLOC ATMA SINK HIP NINFO RKEY TALINK AVC AMTRELAY RESINFO"
        " WALLET DLV TA UINFO UID GID UNSPEC DSYNC HHIT BRID CLA IPN".split()),
    "bind": set("UINFO UID GID CLA IPN".split()),
}


def number(type):
    return NUMBERS.get(type) or int(dns.rdatatype.from_text(type))


def octets(type, text):
    for name, sample, *wire in SAMPLES:
        if (name, sample) == (type, text) and wire:
            return bytes.fromhex(wire[0])
    rdata = dns.rdata.from_text(dns.rdataclass.IN, number(type), text)
    return rdata.to_wire()


def generic(type, text):
    wire = octets(type, text)
    return r"TYPE%d \# %d %s" % (number(type), len(wire), wire.hex())


def line(peer, type, text):
    """Type and data as a server reads them; peer None is minidns."""
    if peer and type in UNKNOWN[peer]:
        return generic(type, text)
    return type + " " + text
