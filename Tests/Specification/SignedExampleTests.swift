import DNS
import Testing

/// The specification of signed answers, held against the examples of RFC 4035 appendix B and RFC 5155 appendices A
/// and B: which records of denial a reply has, and whether those of its sets are signed.
@Suite struct SignedExampleTests {
    private static let lines = [
        "example. 3600 SOA ns1.example. bugs.x.w.example. 1 3600 300 3600000 3600",
        "example. 3600 NS ns1.example.", "example. 3600 NS ns2.example.", "example. 3600 MX 1 xx.example.",
        "a.example. 3600 NS ns1.a.example.", "a.example. 3600 NS ns2.a.example.",
        "a.example. 3600 DS 57855 5 1 B6DCD485719ADCA18E5F3D48A2331627FDD3636B",
        "ns1.a.example. 3600 A 192.0.2.5", "ns2.a.example. 3600 A 192.0.2.6",
        "ai.example. 3600 A 192.0.2.9", "ai.example. 3600 HINFO \"KLH-10\" \"ITS\"",
        "ns1.example. 3600 A 192.0.2.1", "ns2.example. 3600 A 192.0.2.2",
        "*.w.example. 3600 MX 1 ai.example.", "x.w.example. 3600 MX 1 xx.example.",
        "x.y.w.example. 3600 MX 1 xx.example.", "xx.example. 3600 A 192.0.2.10",
    ]

    private func zone(_ denial: Signer.Denial, insecure: String) throws -> Specification {
        let parameters = HashParameters(iterations: 12, salt: [0xAA, 0xBB, 0xCC, 0xDD])
        let lines = Self.lines + ["\(insecure). 3600 NS ns1.\(insecure).", "ns1.\(insecure). 3600 A 192.0.2.7"]
        let unsigned = ZoneSet.Zone(origin: try Name("example."), records: try lines.map { try Record($0) })
        let signed = try Signer(denial: denial, parameters: parameters).signed(unsigned)
        return Specification(zones: [Specification.Zone(origin: signed.origin, records: signed.records)])
    }

    /// What is asked, the code, and the first labels of the NSEC or NSEC3 records that the reply has.
    private typealias Example = (
        section: String, name: String, type: RecordType, code: ResponseCode, proofs: Set<String>
    )

    @Test func rfc4035() throws {
        let examples: [Example] = [
            ("B.1", "x.w.example.", .mx, .noError, []),
            ("B.2", "ml.example.", .a, .nameError, ["b.example.", "example."]),
            ("B.3", "ns1.example.", .mx, .noError, ["ns1.example."]),
            ("B.4", "mc.a.example.", .mx, .noError, []),
            ("B.5", "mc.b.example.", .mx, .noError, ["b.example."]),
            ("B.6", "a.z.w.example.", .mx, .noError, ["x.y.w.example."]),
            ("B.7", "a.z.w.example.", .aaaa, .noError, ["x.y.w.example.", "*.w.example."]),
            ("B.8", "example.", .ds, .noError, ["example."]),
        ]
        try check(examples, zone(.nsec, insecure: "b.example"), .nsec)
    }

    @Test func rfc5155() throws {
        let hashes = [
            "example": "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom", "a": "35mthgpgcu1qg68fab165klnsnk3dpvl",
            "ns1": "2t7b4g4vsa5smi47k61mv5bv1a22bojr", "ns2": "q04jkcevqvmu85r014c7dkba38o0ji5r",
            "w": "k8udemvp1j2f7eg6jebps17vp3n8i58h", "*.w": "r53bq7cc2uvmubfu5ocmm6pers9tk9en",
            "x.w": "b4um86eghhds6nea196smvmlo4ors995", "y.w": "ji6neoaepv8b5o6k4ev33abha8ht9fgc",
        ].mapValues { $0 + ".example." }
        let owners = { (names: [String]) in Set(names.compactMap { hashes[$0] }) }
        let examples: [Example] = [
            ("B.1", "a.c.x.w.example.", .a, .nameError, owners(["example", "x.w", "a"])),
            ("B.2", "ns1.example.", .mx, .noError, owners(["ns1"])),
            ("B.2.1", "y.w.example.", .a, .noError, owners(["y.w"])),
            ("B.3", "mc.c.example.", .mx, .noError, owners(["a", "example"])),
            ("B.4", "a.z.w.example.", .mx, .noError, owners(["ns2"])),
            ("B.5", "a.z.w.example.", .aaaa, .noError, owners(["w", "ns2", "*.w"])),
            ("B.6", "example.", .ds, .noError, owners(["example"])),
        ]
        try check(examples, zone(.optOut, insecure: "c.example"), .nsec3)
    }

    private func check(_ examples: [Example], _ specification: Specification, _ denial: RecordType) throws {
        for example in examples {
            let question = Question(try Name(example.name), example.type)
            let reply = specification.reply(to: question, over: .tcp, dnssecOK: true)
            let place = Comment(rawValue: example.section)
            #expect(reply.code == example.code, place)
            #expect(Set(reply.authority.filter { $0.type == denial }.map(\.owner.description)) == example.proofs, place)
            for record in reply.answer + reply.authority where ![.rrsig, .ns].contains(record.type) {
                let isSigned = (reply.answer + reply.authority).contains {
                    $0.typeCovered == record.type && $0.owner == record.owner
                }
                #expect(isSigned, "\(example.section): \(record)")
            }
            let plain = specification.reply(to: question, over: .tcp, dnssecOK: false)
            #expect(!(plain.answer + plain.authority).contains { [.rrsig, denial].contains($0.type) }, place)
        }
    }
}
