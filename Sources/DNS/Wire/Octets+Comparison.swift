/// A hash with one more word in it: multiplies to 128 bits and folds. What it begins with is a seed, which keeps those who
/// craft words from making them collide.
@inlinable
@inline(__always)
package func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
    let product = (hash ^ word).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
    return (product.high ^ product.low) &+ 0xD6E8_FEB8_6659_FD93
}

/// A number that differs between contents, except by a chance of about 1 in 2⁶⁴, among those made with one key.
package func contentDigest(of octets: Span<UInt8>, key: UInt64) -> UInt64 {
    let octets = Octets(octets)
    var (first, second) = (key, key &+ 1)
    var offset = 0
    // Two chains, since a multiplication takes longer than starting the next.
    while offset &+ 16 <= octets.count {
        first = mixed(first, octets.word(offset))
        second = mixed(second, octets.word(offset &+ 8))
        offset &+= 16
    }
    first = octets.hash(offset, count: octets.count &- offset, first)
    return mixed(mixed(first, second), UInt64(octets.count))
}

extension Octets {
    /// A hash of the `count` octets at a place, begun with another one.
    func hash(_ offset: Int, count: Int, _ seed: UInt64) -> UInt64 {
        var hash = seed
        var done = 0
        while done < count {
            let word = word(offset &+ done, count: min(8, count &- done))
            hash = mixed(hash, word)
            done &+= 8
        }
        return hash
    }

    /// Whether the `count` octets at two places are the same.
    @inline(__always)
    func isEqual(_ left: Int, _ right: Int, count: Int) -> Bool { isEqual(left, self, right, count: count) }

    /// The same of a place in other octets.
    @inline(__always)
    func isEqual(_ left: Int, _ other: Octets, _ right: Int, count: Int) -> Bool {
        guard left <= self.count &- count, right <= other.count &- count else { return false }
        var done = 0
        while done < count {
            let step = min(8, count &- done)
            if word(left &+ done, count: step) != other.word(right &+ done, count: step) { return false }
            done &+= step
        }
        return true
    }
}
