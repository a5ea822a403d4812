/// SHA-1 (FIPS 180-4), which NSEC3 names owners with (RFC 5155 §5). Nothing here rests on its strength.
struct SHA1 {
    /// The digest's 20 octets as five big-endian words.
    typealias Digest = InlineArray<5, UInt32>

    private var state: Digest = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
    private var block = InlineArray<16, UInt32>(repeating: 0)
    /// Octets taken so far.
    private var count = 0

    mutating func update(_ octet: UInt8) {
        let position = count & 63
        let shift = UInt32(24 &- (position & 3) &* 8)
        if position & 3 == 0 { block[position &>> 2] = 0 }
        block[position &>> 2] |= UInt32(octet) &<< shift
        count &+= 1
        if position == 63 { compress() }
    }

    mutating func update(_ octets: Octets, _ range: Range<Int>) {
        for offset in range { update(octets.u8(offset)) }
    }

    mutating func update(_ digest: Digest) {
        for word in 0..<5 {
            for octet in 0..<4 { update(UInt8(truncatingIfNeeded: digest[word] &>> UInt32(24 &- octet &* 8))) }
        }
    }

    consuming func finish() -> Digest {
        let bits = UInt64(count) &* 8
        update(0x80)
        while count & 63 != 56 { update(0) }
        block[14] = UInt32(truncatingIfNeeded: bits &>> 32)
        block[15] = UInt32(truncatingIfNeeded: bits)
        compress()
        return state
    }

    private mutating func compress() {
        var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
        @inline(__always)
        func turn(_ word: UInt32, _ mixed: UInt32, _ constant: UInt32) {
            let next = SHA1.rotate(a, 5) &+ mixed &+ e &+ constant &+ word
            (e, d, c, b, a) = (d, c, SHA1.rotate(b, 30), a, next)
        }
        for round in 0..<16 { turn(block[round], d ^ (b & (c ^ d)), 0x5A82_7999) }
        for round in 16..<20 { turn(extend(round), d ^ (b & (c ^ d)), 0x5A82_7999) }
        for round in 20..<40 { turn(extend(round), b ^ c ^ d, 0x6ED9_EBA1) }
        for round in 40..<60 { turn(extend(round), (b & c) | (d & (b | c)), 0x8F1B_BCDC) }
        for round in 60..<80 { turn(extend(round), b ^ c ^ d, 0xCA62_C1D6) }
        state[0] &+= a
        state[1] &+= b
        state[2] &+= c
        state[3] &+= d
        state[4] &+= e
    }

    /// The word of a round behind the sixteenth.
    @inline(__always)
    private mutating func extend(_ round: Int) -> UInt32 {
        let word = block[(round &- 3) & 15] ^ block[(round &- 8) & 15] ^ block[(round &- 14) & 15] ^ block[round & 15]
        block[round & 15] = SHA1.rotate(word, 1)
        return block[round & 15]
    }

    @inline(__always)
    private static func rotate(_ word: UInt32, _ bits: UInt32) -> UInt32 { word &<< bits | word &>> (32 &- bits) }
}

/// How the owners of a zone's NSEC3 records are made from names (RFC 5155 §5).
struct HashParameters: Equatable {
    var iterations: UInt16
    var salt: [UInt8]
}

extension SHA1 {
    /// The hash of the name in `range` of `octets`: uncompressed wire format in lower case.
    static func hash(
        _ octets: Octets, _ range: Range<Int>, iterations: Int, salt: Octets, _ saltRange: Range<Int>
    ) -> Digest {
        var hash = SHA1()
        hash.update(octets, range)
        hash.update(salt, saltRange)
        var digest = hash.finish()
        for _ in 0..<iterations {
            var hash = SHA1()
            hash.update(digest)
            hash.update(salt, saltRange)
            digest = hash.finish()
        }
        return digest
    }
}
