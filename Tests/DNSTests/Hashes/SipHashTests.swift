import Testing

@testable import DNS

/// The vectors of the authors' reference implementation: the key is 0 to 15, the octets hashed count up from 0.
@Suite struct SipHashTests {
    @Test(arguments: [
        (0, "310e0edd47db6f72"), (1, "fd67dc93c539f874"), (2, "5a4fa9d909806c0d"), (3, "2d7efbd796666785"),
        (4, "b7877127e09427cf"), (5, "8da699cd64557618"), (6, "cee3fe586e46c9cb"), (7, "37d1018bf50002ab"),
        (8, "6224939a79f5f593"), (15, "e545be4961ca29a1"),
    ])
    func hashes(_ count: Int, _ hash: String) {
        var sipHash = SipHash(SipHash.Key(low: 0x0706_0504_0302_0100, high: 0x0F0E_0D0C_0B0A_0908))
        func word(_ range: Range<Int>) -> UInt64 { range.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
        for start in stride(from: 0, to: count / 8 * 8, by: 8) { sipHash.update(word(start..<start + 8)) }
        let result = sipHash.finish(word(count / 8 * 8..<count), count: count)
        let octets = (0..<8).map { UInt8(truncatingIfNeeded: result >> UInt64(8 * $0)) }
        #expect(octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == hash)
    }
}
