import Linux
import Testing

struct SocketAddressTests {
    @Test(arguments: [
        ("127.0.0.1:53", "127.0.0.1:53"),
        ("127.0.0.1", "127.0.0.1:5353"),
        ("::1", "[::1]:5353"),
        ("[::1]", "[::1]:5353"),
        ("[::1]:53", "[::1]:53"),
        ("[2001:DB8::0:1]:65535", "[2001:db8::1]:65535"),
        ("0.0.0.0:0", "0.0.0.0:0"),
        ("fe80::1%lo", "[fe80::1%lo]:5353"),
        ("[fe80::1%1]:53", "[fe80::1%lo]:53"),
    ])
    func parsesAndPrints(text: String, expected: String) throws {
        let address = try #require(SocketAddress(text, defaultPort: 5353))
        #expect(address.description == expected)
        #expect(SocketAddress(expected, defaultPort: 1) == address)
    }

    @Test(arguments: [
        "", "localhost", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1", "127.0.0", "[::1", "[::1]53",
        "[127.0.0.1]:53", "::1%nowhere", "1.2.3.4%lo", ":53", "[]:53", "127.0.0.1:53:53",
    ])
    func rejects(text: String) {
        #expect(SocketAddress(text, defaultPort: 5353) == nil)
    }

    @Test func knowsLoopbackAndWildcard() {
        func address(_ text: String) -> SocketAddress { SocketAddress(text, defaultPort: 1)! }
        #expect(["127.255.0.1", "::1", "::ffff:127.0.0.1"].allSatisfy { address($0).isLoopback })
        #expect(!["128.0.0.1", "::2", "::ffff:1.2.3.4"].contains { address($0).isLoopback })
        #expect(address("0.0.0.0").isWildcard && address("::").isWildcard && !address("::1").isWildcard)
        #expect(address("192.0.2.1").octets == [192, 0, 2, 1])
        #expect(address("2001:db8::ff").octets == [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff])
        #expect(address("127.0.0.1") == .loopback(.ipv4, port: 1) && address("::1") == .loopback(.ipv6, port: 1))
    }
}
