/// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers from the same seed everywhere.
struct RandomNumbers: RandomNumberGenerator {
    private var state: UInt64
    private var octets: ArraySlice<UInt8> = []

    init(seed: UInt64) { state = seed }

    /// Numbers that an input decides: one octet each, so that changing it changes one decision.
    init(octets: [UInt8]) {
        state = 0
        self.octets = octets[...]
    }

    mutating func next() -> UInt64 {
        if let octet = octets.popFirst() { return UInt64(octet) &* 0x0101_0101_0101_0101 }
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

    mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }

    /// True that many times in a hundred.
    mutating func percent(_ chance: Int) -> Bool { below(100) < chance }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    /// One of the elements, each as likely as its weight.
    mutating func pick<Element>(weighted elements: [(Element, Int)]) -> Element {
        var left = below(elements.reduce(0) { $0 + $1.1 })
        for (element, weight) in elements {
            if left < weight { return element }
            left -= weight
        }
        return elements[0].0
    }
}
