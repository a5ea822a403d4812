/// Comparing without case means ASCII case, on any octets (RFC 4343 §3).
enum ASCII {
    @inline(__always)
    static func folded(_ octet: UInt8) -> UInt8 {
        octet &- 0x41 < 26 ? octet | 0x20 : octet
    }

    /// Folds the eight octets of a word at once. A length octet (at most 63) is below "A" and stays as it is,
    /// so a whole name in wire format can be folded blindly.
    @inline(__always)
    static func folded(_ word: UInt64) -> UInt64 {
        let low: UInt64 = 0x0101_0101_0101_0101
        let heptets = word & (0x7F &* low)
        let isAfterZ = heptets &+ (0x7F - 0x5A) &* low
        let isFromA = heptets &+ (0x80 - 0x41) &* low
        let isUpper = ~word & (isFromA ^ isAfterZ) & (0x80 &* low)
        return word | (isUpper &>> 2)
    }

    static func isDigit(_ octet: UInt8) -> Bool { octet &- 0x30 < 10 }

    static func isAlphanumeric(_ octet: UInt8) -> Bool { isDigit(octet) || folded(octet) &- 0x61 < 26 }
}

extension String {
    /// What `print` appends.
    init(printing print: (inout [UInt8]) -> Void) {
        var text: [UInt8] = []
        print(&text)
        self.init(decoding: text, as: UTF8.self)
    }
}
