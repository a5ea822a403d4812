import TestSupport

@testable import DNS

/// Zones with what people get wrong, as an input decides, and what must hold of all that is found in them.
struct CheckTrial {
    private var random: RandomNumbers
    private let denial: Signer.Denial?
    private let recordsPerPiece: Int
    private let now: Int
    private let hasChild: Bool
    private let damages: Int
    private var isSignedByHand = false

    /// What does not hold of the zones that an input decides; nil where all does.
    static func fault(octets: [UInt8]) throws -> String? {
        var trial = CheckTrial(octets)
        return try trial.run()
    }

    private init(_ octets: [UInt8]) {
        let (first, second) = (octets.first ?? 0, octets.dropFirst().first ?? 0)
        denial = [nil, .nsec, .nsec3, .optOut][Int(first & 3)]
        hasChild = first & 4 != 0
        recordsPerPiece = 1 + Int(first >> 3 & 3)
        // `Signer` has signatures begin in 2020 and end in 2030.
        now = [1_767_225_600, 1_893_300_000, 1_900_000_000, 1_500_000_000][Int(first >> 5 & 3)]
        damages = Int(second & 3)
        random = RandomNumbers(octets: Array(octets.dropFirst(2)))
    }

    private mutating func run() throws -> String? {
        let origin = try Name(random.pick(["example.test.", "test.", "."]))
        let child = try Name("child" + (origin.isRoot ? "." : ".\(origin)"))
        let parent = try zone(origin)
        let inspection = ZoneInspection.inspect(
            path: "zone", origin: origin, now: now, children: [child, origin]
        ) { _ in .success(parent.text) }
        if let fault = fault(of: inspection, parent) { return fault }
        guard hasChild else { return nil }
        let below = try zone(child)
        let inspected = ZoneInspection.inspect(path: "zone", origin: child, now: now) { _ in .success(below.text) }
        if let fault = fault(of: inspected, below) { return fault }
        let problems = ZoneInspection.compare(parent: inspection, child: inspected)
        return problems.contains { $0.textWithHint.isEmpty } ? "an empty message" : nil
    }

    // MARK: What must hold

    private struct Written {
        let origin: Name
        let text: [UInt8]
        /// Whether its chain and its signatures are those of `Signer`, and nothing else.
        let isWellSigned: Bool
    }

    private func fault(of found: ZoneInspection, _ zone: Written) -> String? {
        let pieces = ZoneInspection.inspect(
            path: "zone", origin: zone.origin, now: now, parallel: Pieces.backwards, recordsPerPiece: recordsPerPiece
        ) { _ in .success(zone.text) }
        let (whole, cut) = (Set(found.problems.map(\.textWithHint)), Set(pieces.problems.map(\.textWithHint)))
        guard whole == cut else { return "in pieces or whole: \(whole.symmetricDifference(cut))" }
        let refuse = { (edition: ZoneEdition) in
            edition.asksForSerials ? edition.objection.map(SerialDecision.refused) ?? .asWritten : .asWritten
        }
        let loaded = ZoneLoader.load(path: "zone", origin: zone.origin, seed: 1, decideSerial: refuse) { _ in
            .success(zone.text)
        }
        guard (loaded.zone != nil) == (found.errorCount == 0) else {
            return "found \(found.problems), loading says \(loaded.problems)"
        }
        guard zone.isWellSigned, found.errorCount == 0 else { return nil }
        let wrong = found.problems.filter { Self.doubtsOfSigning.contains($0.code) }
        return wrong.isEmpty ? nil : "\(wrong)\n" + String(decoding: zone.text, as: UTF8.self)
    }

    private static let doubtsOfSigning: [ProblemCode] = [
        .brokenChain, .missingNSEC, .nsecTypes, .signatureMissing, .signatureOrphan, .signatureFields,
    ]

    // MARK: Zones

    private mutating func zone(_ origin: Name) throws -> Written {
        isSignedByHand = false
        let mailbox = random.pick(["host", "host", "host@other.test.", "."])
        let times = random.pick(["7200 900 1209600 300", "1h 2h 1d 1w", "0 0 0 0", "1d 1h 12h 5m"])
        let note = random.percent(10) ? " ; minidns: auto-serial" : ""
        var lines = ["@ 300 SOA ns \(mailbox) 1 \(times)\(note)", "@ 300 NS ns"]
        for _ in 0..<random.below(24) { lines.append(line()) }
        let parsed = ZoneParser.parse(path: "zone", origin: origin) { _ in .success(Self.text(lines)) }
        guard let denial, !parsed.hasErrors else {
            return Written(origin: origin, text: Self.text(lines), isWellSigned: false)
        }
        let salt = random.pick([[], [0xAA, 0xBB]] as [[UInt8]])
        let signer = Signer(denial: denial, parameters: HashParameters(iterations: random.pick([0, 0, 3]), salt: salt))
        let zone = ZoneSet.Zone(origin: origin, records: (0..<parsed.zone.recordCount).map { parsed.zone[$0] })
        lines = try signer.signed(zone).text.split(separator: "\n").map(String.init)
        for _ in 0..<damages { damage(&lines) }
        return Written(origin: origin, text: Self.text(lines), isWellSigned: damages == 0 && !isSignedByHand)
    }

    private static func text(_ lines: [String]) -> [UInt8] { Array((lines.joined(separator: "\n") + "\n").utf8) }

    private mutating func line() -> String {
        let template = random.pick(Self.data)
        isSignedByHand = isSignedByHand || Self.typesOfSigning.contains { template.hasPrefix($0) }
        let data = template.replacing("%", with: random.pick(Self.targets), maxReplacements: 1)
        return "\(random.pick(Self.owners)) \(random.pick(["300", "300", "300", "300", "0", "31d", ""])) \(data)"
    }

    /// What happens to zones that were signed well: a record goes, moves, comes twice, or has a word of another one.
    private mutating func damage(_ lines: inout [String]) {
        let (index, other) = (random.below(lines.count), random.below(lines.count))
        var words = lines[index].split(separator: " ").map(String.init)
        let others = lines[other].split(separator: " ").map(String.init)
        switch random.below(4) {
        case 0:
            lines.remove(at: index)
            return
        case 1: lines.append(([random.pick(Self.owners)] + words.dropFirst()).joined(separator: " "))
        case 2: lines.append(lines[index].replacing("3", with: "4", maxReplacements: 1))
        default:
            let place = random.below(min(words.count, others.count))
            words[place] = others[place]
            lines[index] = words.joined(separator: " ")
        }
        if lines.isEmpty { lines = ["@ 300 NS ns"] }
    }

    // MARK: Words

    private static let typesOfSigning = ["RRSIG", "NSEC", "DNSKEY"]

    private static let owners = [
        "@", "a", "a", "b.a", "*.a", "*", "ns", "child", "ns.child", "c.child", "sub.c", "x.*.y", "www.example.test",
        "_dmarc", "x._report._dmarc", "_tcp", "-a", "UPPER", "1.2.3.4", "d", "t.d", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom",
    ]

    private static let targets = [
        "@", "a", "b.a", "x.a", "*.a", "ns", "child", "ns.child", "ns.other.", "d", "t.d", "nowhere", "mail.google.com",
        "www.example.test", "192.0.2.1", "_a", "z.x.*.y",
    ]

    private static let digest = String(repeating: "0123456789abcdef", count: 4)

    private static let data = """
        A 192.0.2.1
        A 192.0.2.2
        AAAA 2001:db8::1
        NS %
        CNAME %
        DNAME %
        PTR %
        MX 10 %
        SRV 0 0 25 %
        SVCB 0 %
        HTTPS 0 % alpn=h2
        HTTPS 1 . port=53
        NS ns.child
        DS 1 13 2 \(digest)
        DS 22482 13 1 0123456789abcdef0123456789abcdef01234567
        TXT "some text"
        TXT one two
        TXT k=v;w
        TXT "v=spf1 a mx ptr exists:a include:b redirect=c include:d include:e a mx a a mx -all"
        TXT "v=spf1 -all mx"
        TXT "v=spf1" "-all"
        TXT "v=spf1;"
        TXT "v=spf10"
        TXT "v=spf1 ip4:192.0.2.0/33 ip6:2001:db8::/32 -all"
        TXT "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/129 -all"
        TXT "v=spf1 ipv4:1.2.3.4 ?all"
        TXT "v=spf1 include -all"
        TXT "v=spf1 mx" "include:x ~all"
        TXT "v=DMARC1; p=none; sp=reject; rua=mailto:a@b.test,c; pct=7"
        TXT "v=DMARC1; p=none; ruf=mailto:a@b.test; pct=101"
        TXT "v=DMARC1; p=deny"
        TXT "v=DMARC1; quarantine"
        TXT "p=none"
        SPF "v=spf1 -all"
        CAA 0 issue "ca.example; account=1"
        CAA 1 issuewild ";"
        CAA 128 isue "ca.example"
        CAA 0 issue "https://ca.example"
        CAA 0 iodef "mailto:a@b.test"
        CAA 0 iodef "a@b.test"
        ZONEMD 1 1 1 \(digest)\(String(digest.prefix(32)))
        ZONEMD 2 1 1 \(digest)\(String(digest.prefix(32)))
        SOA ns host 2 7200 900 1209600 300
        TYPE65280 \\# 1 00
        LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
        DNSKEY 257 3 5 AwEAAag=
        NSEC3PARAM 1 0 5 AABB
        NSEC3PARAM 1 0 101 -
        NSEC % A NS RRSIG
        NSEC3 1 1 0 - 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom A RRSIG
        NSEC3 1 0 5 AABB 00 A
        RRSIG A 13 2 300 20260201000000 20251201000000 1 % AAAA
        RRSIG NS 8 3 60 20251231000000 20251201000000 22482 % AAAA
        """.split(separator: "\n").map(String.init)
}
