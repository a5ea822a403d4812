import Testing

@testable import DNS

@Suite struct ContentDigestTests {
    @Test func followsTheContent() {
        let octets = (0..<40).map { UInt8($0) }
        let digest = contentDigest(of: octets.span, key: 1)
        #expect(digest == contentDigest(of: octets.span, key: 1))
        #expect(digest != contentDigest(of: octets.span, key: 2))
        for count in 0..<40 { #expect(digest != contentDigest(of: octets.span.extracting(..<count), key: 1)) }
        for index in octets.indices {
            var changed = octets
            changed[index] ^= 1
            #expect(digest != contentDigest(of: changed.span, key: 1))
        }
        #expect(contentDigest(of: [1, 2].span, key: 1) != contentDigest(of: [1, 2, 0].span, key: 1))
    }
}
