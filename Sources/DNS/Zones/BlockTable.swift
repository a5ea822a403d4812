/// Remembers where blocks stand in a heap, so that equal ones are stored once.
struct BlockTable {
    /// Low half of the hash in the upper 32 bits, place + 1 in the lower; zero is empty.
    private var slots: Column<UInt64>
    private var used = 0
    private let allocate: @Sendable (Int) -> MemoryRegion

    init(expecting count: Int, allocate: @escaping @Sendable (Int) -> MemoryRegion) {
        self.allocate = allocate
        var size = 16
        while size < count + count / 2 { size *= 2 }
        slots = Column(count: size, allocate: allocate)
    }

    /// Asks for where looking for a block begins.
    @inline(__always)
    func prefetch(_ hash: UInt64) { slots.prefetch(Int(truncatingIfNeeded: hash & 0xFFFF_FFFF) & (slots.count - 1)) }

    /// The place of an earlier block that equals the one at `block`; if there is none, remembers that this one will
    /// stand at `next`.
    mutating func find(
        _ hash: UInt64, _ block: BlockBuilder.Place, of built: borrowing OctetWriter, in heap: borrowing OctetWriter,
        next: UInt32
    ) -> UInt32? {
        var slot = Int(truncatingIfNeeded: hash & 0xFFFF_FFFF) & (slots.count - 1)
        while slots[slot] != 0 {
            if slots[slot] &>> 32 == hash & 0xFFFF_FFFF {
                let place = UInt32(truncatingIfNeeded: slots[slot]) &- 1
                if heap.octets.isEqual(Int(place) * 4, built.octets, block.offset, count: block.count) { return place }
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = (hash & 0xFFFF_FFFF) &<< 32 | UInt64(next + 1)
        used += 1
        if used * 3 > slots.count * 2 { grow() }
        return nil
    }

    private mutating func grow() {
        let old = slots
        slots = Column(count: old.count * 2, allocate: allocate)
        for index in 0..<old.count where old[index] != 0 {
            var slot = Int(truncatingIfNeeded: old[index] &>> 32) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = old[index]
        }
    }
}

extension Octets {
    /// A hash of the `count` octets at a place, begun with another one.
    func hash(_ offset: Int, count: Int, _ seed: UInt64) -> UInt64 {
        var hash = seed
        var done = 0
        while done < count {
            let word = word(offset &+ done, count: min(8, count &- done))
            let product = (hash ^ word).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
            hash = product.high ^ product.low &+ 0xD6E8_FEB8_6659_FD93
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
