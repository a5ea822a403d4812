import Linux
import TestSupport
import Testing

@testable import DNSServer

struct AccessListTests {
    private static func prefixes(_ text: String) throws -> [AddressPrefix] {
        try text.split(separator: " ").map { try AddressPrefix($0) }
    }

    /// Who is allowed, who denied, and which addresses may then, and may not.
    @Test(arguments: [
        ("", "", "192.0.2.1 ::1 255.255.255.255", ""),
        ("", "192.0.2.0/24", "192.0.1.255 192.0.3.0 ::c000:201 2001:db8::1", "192.0.2.0 192.0.2.255"),
        ("192.0.2.0/24", "", "192.0.2.0 192.0.2.255", "192.0.1.255 192.0.3.0 ::1 ::"),
        // The longer prefix decides
        ("10.0.0.0/8", "10.1.0.0/16", "10.0.0.1 10.2.0.0", "10.1.0.0 10.1.255.255 11.0.0.0"),
        ("10.1.2.0/24 10.0.0.0/8", "10.1.0.0/16", "10.1.2.3 10.0.0.1", "10.1.3.0 10.1.1.255"),
        ("10.1.2.3", "10.0.0.0/8", "10.1.2.3", "10.1.2.2 10.1.2.4 192.0.2.1"),
        // Of the same, the one that denies
        ("10.0.0.0/8", "10.0.0.0/8", "", "10.0.0.1 192.0.2.1"),
        // At the ends
        ("0.0.0.0/0", "", "0.0.0.0 255.255.255.255", ":: ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ::1"),
        ("::/0", "", ":: ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "0.0.0.0 192.0.2.1"),
        ("::", "ffff::/16", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ::1"),
        ("255.255.255.255 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", "255.255.255.255", "255.255.255.254"),
        // IPv4-mapped addresses are IPv4
        ("192.0.2.0/24", "", "::ffff:192.0.2.1", "::ffff:192.0.3.1 ::192.0.2.1"),
        ("::ffff:192.0.2.0/120", "", "192.0.2.1", "192.0.3.1"),
        ("2001:db8::/32", "2001:db8:1::/48", "2001:db8:2::1", "2001:db8:1::1 2001:db9:: 192.0.2.1"),
    ])
    func decides(_ allow: String, _ deny: String, _ may: String, _ mayNot: String) throws {
        let list = AccessList(allow: try Self.prefixes(allow), deny: try Self.prefixes(deny))
        for (text, admitted) in [(may, true), (mayNot, false)] {
            for host in text.split(separator: " ") {
                let address = try #require(SocketAddress(host: host, port: 53))
                #expect(list.admits(address) == admitted, "\(host)")
            }
        }
    }

    /// Against the rule itself, applied to each prefix in turn.
    @Test(arguments: 0..<50) func decidesAsTheRuleDoes(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        func prefix() throws -> AddressPrefix {
            let length = Int.random(in: 24...32, using: &random)
            let number = UInt32.random(in: 0..<1024, using: &random) << (32 - UInt32(length))
            return try AddressPrefix(SocketAddress(number: 0xFFFF << 32 | UInt128(number), port: 0).host + "/\(length)")
        }
        let allow = try (0..<Int.random(in: 0...20, using: &random)).map { _ in try prefix() }
        let deny = try (0..<Int.random(in: 0...20, using: &random)).map { _ in try prefix() }
        let list = AccessList(allow: allow, deny: deny)
        func longest(_ prefixes: [AddressPrefix], _ address: UInt128) -> Int? {
            prefixes.filter { $0.first <= address && address <= $0.last }.map(\.length).max()
        }
        for _ in 0..<1_000 {
            let shift = UInt32.random(in: 0...8, using: &random)
            let address = 0xFFFF << 32 | UInt128(UInt32.random(in: 0..<1024, using: &random) << shift)
            let (allowed, denied) = (longest(allow, address), longest(deny, address))
            let may =
                allowed == nil && denied == nil ? allow.isEmpty : (allowed ?? -1) > (denied ?? -1)
            #expect(list.admits(address) == may)
        }
    }

    @Test(arguments: [
        ("", "is no prefix"), ("localhost", "is no prefix"), ("192.0.2", "is no prefix"), ("192.0.2.0/", "length"),
        ("192.0.2.0/33", "0 to 32"), ("192.0.2.0/-1", "length"), ("2001:db8::/129", "0 to 128"),
        ("192.0.2.1/24", "192.0.2.0/24 is meant"), ("2001:db8::1/32", "2001:db8::/32 is meant"),
        ("192.0.2.0/24/8", "length"), ("192.0.2.0/99999999999999999999", "length"),
    ])
    func refusesWhatIsNoPrefix(_ text: String, _ message: String) throws {
        let error = #expect(throws: AddressPrefix.Malformed.self) { try AddressPrefix(text) }
        #expect(error?.description.contains(message) == true)
    }
}
