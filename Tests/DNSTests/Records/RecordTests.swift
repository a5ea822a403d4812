import DNS
import Testing

@Suite struct RecordTests {
    @Test(arguments: [
        ("www.example. 3600 IN A 192.0.2.1", "www.example. 3600 IN A 192.0.2.1"),
        ("www IN 1h A 192.0.2.1", "www.example.test. 3600 IN A 192.0.2.1"),
        ("@ mx 10 mail", "example.test. 300 IN MX 10 mail.example.test."),
        ("a CH TXT x", "a.example.test. 300 CH TXT \"x\""),
        ("a 5 CLASS1 TYPE1 \\# 4 c0000201", "a.example.test. 5 IN A 192.0.2.1"),
        ("a APL", "a.example.test. 300 IN APL"),
    ])
    func lineGivesRecord(_ line: String, _ printed: String) throws {
        let record = try Record(line, origin: Name("example.test."), defaultTTL: 300)
        #expect(record.description == printed)
        #expect(try Record(printed) == record)
    }

    @Test(arguments: [
        ("a..b A 192.0.2.1", 0..<4), ("a 1 2 A 192.0.2.1", 4..<5), ("a IN CH A 192.0.2.1", 5..<7), ("a", 1..<1),
        ("a IN NOPE x", 5..<9), ("a A 192.0.2.1\nb A 192.0.2.2", 14..<27), ("a MX 70000 mail", 5..<10), ("", 0..<0),
    ])
    func badLineIsRefused(_ line: String, _ range: Range<Int>) {
        let error = #expect(throws: SyntaxError.self) { try Record(line) }
        #expect(error?.range == range)
    }

    @Test func soaIsRead() throws {
        let data = try RecordData(.soa, "ns1.example. host.example. 7 1 2 3 4")
        let soa = try #require(SOA(data))
        #expect(soa.primary.description == "ns1.example." && soa.mailbox.description == "host.example.")
        #expect(soa.serial == SerialNumber(7))
        #expect([soa.refresh, soa.retry, soa.expire, soa.minimum] == [1, 2, 3, 4])
        #expect(SOA(try RecordData(.a, "192.0.2.1")) == nil)
    }

    /// RFC 4034 §5.4, and for RSA/MD5 its appendix B.1.
    @Test func keysHaveTags() throws {
        let key = """
            AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvxegXd/M5+\
            X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==
            """
        #expect(try RecordData(.dnskey, "256 3 5 \(key)").keyTag == 60_485)
        #expect(try RecordData(.key, "256 3 1 AAECAwQF").keyTag == 0x0304)
        #expect(try RecordData(.ds, "1 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118").keyTag == nil)
    }

    @Test func dataHaveAtMost65535Octets() throws {
        let string = "\"" + String(repeating: "a", count: 255) + "\" "
        let most = String(repeating: string, count: 255) + "\"" + String(repeating: "a", count: 254) + "\""
        #expect(try RecordData(.txt, most).octets.count == 65_535)
        #expect(throws: SyntaxError.self) { try RecordData(.txt, most + " a") }
        #expect(throws: SyntaxError.self) { try RecordData(.openpgpkey, String(repeating: "AAAA", count: 21_846)) }
        #expect(throws: SyntaxError.self) {
            try RecordData(.svcb, "1 . key5000=" + String(repeating: "a", count: 65_533))
        }
        #expect(throws: WireError.badRecordData) {
            try RecordData(type: .null, octets: [UInt8](repeating: 0, count: 65_536))
        }
    }

    /// Names of RFC 1035's types are compressed, all others written out (RFC 3597 §4).
    @Test(arguments: [
        (RecordType.mx, "1 www.example.test.", 4), (.ns, "www.example.test.", 2),
        (.soa, "www.example.test. . 1 2 3 4 5", 23),
        (.srv, "1 2 3 www.example.test.", 24), (.dname, "www.example.test.", 18), (.rp, ". www.example.test.", 19),
        (.svcb, "1 www.example.test.", 20), (.naptr, "1 2 a b c www.example.test.", 28),
    ])
    func onlyOldTypesAreCompressed(_ type: RecordType, _ text: String, _ count: Int) throws {
        let data = try RecordData(type, text)
        let target = try Name("WWW.example.test.")
        var message = [UInt8](repeating: 0, count: 512)
        var compressor = NameCompressor()
        var span = message.mutableSpan
        var writer = WireWriter(&span)
        try writer.append(name: target.wire.span, compressor: &compressor)
        let start = writer.count
        try RecordRegistry.format(of: type).encode(data.octets.span, to: &writer, compressor: &compressor)
        #expect(writer.count - start == count)
    }

    /// Pointers are read where old software writes them, and nowhere else (RFC 3597 §4).
    @Test(arguments: [
        (RecordType.mx, "0001c000", true), (.srv, "000100020003c000", true), (.naptr, "00010002000000c000", true),
        (.rp, "c000c000", true), (.afsdb, "0001c000", true), (.px, "0001c000c000", true), (.kx, "0001c000", false),
        (.dname, "c000", false), (.nsec, "c000000140", false), (.lp, "0001c000", false),
    ])
    func pointersAreReadWhereTheyMay(_ type: RecordType, _ data: String, _ isLawful: Bool) throws {
        let name = try Name("www.example.test.").wire
        let data = stride(from: 0, to: data.utf8.count, by: 2).map { offset in
            UInt8(data.dropFirst(offset).prefix(2), radix: 16) ?? 0
        }
        let message = name + data
        var reader = WireReader(message.span)
        try reader.skip(name.count)
        var output: [UInt8] = [7]
        do {
            try RecordRegistry.format(of: type).decode(&reader, count: data.count, into: &output)
            #expect(isLawful && output.count > data.count)
        } catch {
            #expect(!isLawful && error == .badPointer && output == [7])
        }
    }

    @Test func namesAreFoundInData() throws {
        let data = try RecordData(.soa, "a.b. c. 1 2 3 4 5")
        var found: [Int] = []
        RecordRegistry.format(of: .soa).forEachName(in: data.octets.span) { offset, count, isCompressible in
            found += [offset, count, isCompressible ? 1 : 0]
        }
        #expect(found == [0, 5, 1, 5, 3, 1])
        let identity = try RecordData(.hip, "2 aa AAAA b. c.d.")
        found = []
        RecordRegistry.format(of: .hip).forEachName(in: identity.octets.span) { offset, count, isCompressible in
            found += [offset, count, isCompressible ? 1 : 0]
        }
        #expect(found == [8, 3, 0, 11, 5, 0])
    }
}
