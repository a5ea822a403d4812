/// Remembers where blocks stand in a heap, so that equal ones are stored once.
struct BlockTable {
    /// Low half of the hash in the upper 32 bits, place + 1 in the lower; zero is empty.
    private var slots: [UInt64]
    private var used = 0

    init(expecting count: Int) {
        var size = 64
        while size < count * 2 { size *= 2 }
        slots = [UInt64](repeating: 0, count: size)
    }

    /// The place of an earlier block that equals the one from `start` to the heap's end; if there is none, remembers
    /// this one.
    mutating func find(blockAt start: Int, in heap: borrowing [UInt8]) -> UInt32? {
        let count = heap.count - start
        let octets = Octets(heap.span)
        let hash = BlockTable.hash(octets, start)
        var slot = Int(truncatingIfNeeded: hash & 0xFFFF_FFFF) & (slots.count - 1)
        while slots[slot] != 0 {
            if slots[slot] &>> 32 == hash & 0xFFFF_FFFF {
                let place = Int(slots[slot] & 0xFFFF_FFFF) - 1
                if BlockTable.isEqual(octets, place * 4, start, count) { return UInt32(truncatingIfNeeded: place) }
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = (hash & 0xFFFF_FFFF) &<< 32 | UInt64(start / 4 + 1)
        used += 1
        if used * 2 > slots.count { grow() }
        return nil
    }

    private mutating func grow() {
        let old = slots
        slots = [UInt64](repeating: 0, count: old.count * 2)
        for entry in old where entry != 0 {
            var slot = Int(truncatingIfNeeded: entry &>> 32) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = entry
        }
    }

    private static func hash(_ octets: Octets, _ start: Int) -> UInt64 {
        var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
        var offset = start
        while offset < octets.count {
            let word = octets.word(offset, count: min(8, octets.count - offset))
            let product = (hash ^ word).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
            hash = product.high ^ product.low &+ 0xD6E8_FEB8_6659_FD93
            offset += 8
        }
        return hash
    }

    private static func isEqual(_ octets: Octets, _ left: Int, _ right: Int, _ count: Int) -> Bool {
        var done = 0
        while done < count {
            let step = min(8, count - done)
            if octets.word(left + done, count: step) != octets.word(right + done, count: step) { return false }
            done += step
        }
        return true
    }
}
