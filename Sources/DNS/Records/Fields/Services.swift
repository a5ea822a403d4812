/// The services of WKS (RFC 1035 §3.4.2): a bit for each port, from 0 on.
enum Services {
    static let requirement = "a port from 0 to 65535, or the name of a well-known service such as smtp"

    /// RFC 1010, as far as the names are still in use.
    private static let names: [(port: Int, name: StaticString)] = [
        (5, "rje"), (7, "echo"), (9, "discard"), (11, "systat"), (13, "daytime"), (15, "netstat"), (17, "qotd"),
        (19, "chargen"), (20, "ftp-data"), (21, "ftp"), (22, "ssh"), (23, "telnet"), (25, "smtp"), (37, "time"),
        (39, "rlp"), (42, "nameserver"), (43, "nicname"), (43, "whois"), (49, "tacacs"), (53, "domain"),
        (67, "bootps"), (68, "bootpc"), (69, "tftp"), (70, "gopher"), (79, "finger"), (80, "http"), (80, "www"),
        (88, "kerberos"), (95, "supdup"), (101, "hostname"), (101, "hostnames"), (102, "iso-tsap"), (105, "csnet-ns"),
        (107, "rtelnet"), (109, "pop2"), (110, "pop3"), (111, "sunrpc"), (113, "auth"), (115, "sftp"),
        (117, "uucp-path"), (119, "nntp"), (123, "ntp"), (137, "netbios-ns"), (138, "netbios-dgm"),
        (139, "netbios-ssn"), (143, "imap"), (161, "snmp"), (162, "snmptrap"), (179, "bgp"), (194, "irc"),
        (389, "ldap"), (443, "https"),
    ]

    static func parseRest(
        _ scanner: inout Scanner, _ place: FieldPlace, into output: inout GrowingOctets
    ) throws(SyntaxError) {
        let start = output.count
        while let token = try scanner.optional() {
            guard let port = port(scanner.text, token.range) else { throw place.mustBe(requirement, token) }
            output.setBit(port, from: start)
        }
    }

    private static func port(_ text: Octets, _ range: Range<Int>) -> Int? {
        if let number = text.decimal(range, maximum: 65_535) { return Int(number) }
        for entry in names where text.equals(entry.name, range) { return entry.port }
        return nil
    }

    static func isLawful(_ octets: Octets) -> Bool { octets.count <= 8192 }

    static func print(_ octets: Octets, into text: inout [UInt8]) {
        let start = text.count
        octets.forEachBit(0..<octets.count) { port in
            if text.count > start { text.append(0x20) }
            appendDecimal(UInt64(port), to: &text)
        }
    }
}
