/// A hash with one more word in it: multiplies to 128 bits and folds.
@inline(__always)
func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
    let product = (hash ^ word).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
    return (product.high ^ product.low) &+ 0xD6E8_FEB8_6659_FD93
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
