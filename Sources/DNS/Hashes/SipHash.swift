/// SipHash-2-4 (Aumasson and Bernstein, 2012), which server cookies are made with (RFC 9018 §4.4).
struct SipHash {
    /// The octets of a key as two little-endian numbers.
    struct Key: Hashable, Sendable {
        var low: UInt64
        var high: UInt64
    }

    private var v0, v1, v2, v3: UInt64

    init(_ key: Key) {
        v0 = key.low ^ 0x736F_6D65_7073_6575
        v1 = key.high ^ 0x646F_7261_6E64_6F6D
        v2 = key.low ^ 0x6C79_6765_6E65_7261
        v3 = key.high ^ 0x7465_6462_7974_6573
    }

    /// Takes eight octets as a little-endian number.
    mutating func update(_ word: UInt64) {
        v3 ^= word
        round()
        round()
        v0 ^= word
    }

    /// Takes the last octets, fewer than eight, of `count` in all.
    consuming func finish(_ rest: UInt64 = 0, count: Int) -> UInt64 {
        update(rest | UInt64(truncatingIfNeeded: count) &<< 56)
        v2 ^= 0xFF
        for _ in 0..<4 { round() }
        return v0 ^ v1 ^ v2 ^ v3
    }

    private mutating func round() {
        v0 &+= v1
        v2 &+= v3
        v1 = v1 &<< 13 | v1 &>> 51
        v3 = v3 &<< 16 | v3 &>> 48
        v1 ^= v0
        v3 ^= v2
        v0 = v0 &<< 32 | v0 &>> 32
        v2 &+= v1
        v0 &+= v3
        v1 = v1 &<< 17 | v1 &>> 47
        v3 = v3 &<< 21 | v3 &>> 43
        v1 ^= v2
        v3 ^= v0
        v2 = v2 &<< 32 | v2 &>> 32
    }
}
