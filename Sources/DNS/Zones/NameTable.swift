/// Finds numbered names by their hash: open addressing, cut into parts that several threads fill at once.
///
///     slots    tag 32 bits │ number + 1, 32 bits      zero where empty
///
/// The tag is the upper half of the hash. It also says which part a name belongs to, the lower half where in it
/// looking begins.
struct NameTable: Sendable {
    private let slots: Column<UInt64>
    private let parts: Int
    private let partSize: Int

    /// A table of parts with up to `count` names each.
    init(parts: Int, count: Int, allocate: (Int) -> MemoryRegion) {
        self.parts = parts
        partSize = count + count / 2 + 4
        slots = Column(count: parts * partSize, allocate: allocate)
    }

    /// A table for so many names of each part as several pieces of work have seen.
    init(parts: Int, _ counts: [[Int]], allocate: (Int) -> MemoryRegion) {
        let largest = (0..<parts).reduce(0) { largest, part in max(largest, counts.reduce(0) { $0 + $1[part] }) }
        self.init(parts: parts, count: largest, allocate: allocate)
    }

    /// Enters the numbers whose hash belongs into a part, or those of them whose hash is not zero, with waits for memory
    /// that overlap. Of two that are the same the first is entered, and `repeated` gets both.
    @inline(__always)
    func insert(
        _ hashes: Column<UInt64>, part: Int, withoutZeros: Bool = false,
        isSame: (_ earlier: Int, _ number: Int) -> Bool,
        repeated: (_ earlier: Int, _ number: Int) -> Void
    ) {
        var batch = InlineArray<32, Int>(repeating: 0)
        var waiting = 0
        var number = 0
        while number < hashes.count || waiting > 0 {
            while number < hashes.count, waiting < batch.count {
                let hash = hashes[number]
                if hash != 0 || !withoutZeros, NameTable.part(of: hash, parts: parts) == part {
                    prefetch(hash)
                    batch[waiting] = number
                    waiting &+= 1
                }
                number &+= 1
            }
            for position in 0..<waiting {
                let new = batch[position]
                if let earlier = insert(hashes[new], new, where: { isSame($0, new) }) { repeated(earlier, new) }
            }
            waiting = 0
        }
    }

    @inline(__always)
    static func part(of hash: UInt64, parts: Int) -> Int {
        Int(truncatingIfNeeded: ((hash &>> 32) &* UInt64(truncatingIfNeeded: parts)) &>> 32)
    }

    @inline(__always)
    private func start(of hash: UInt64) -> Int {
        NameTable.part(of: hash, parts: parts) &* partSize
            &+ Int(truncatingIfNeeded: ((hash & 0xFFFF_FFFF) &* UInt64(truncatingIfNeeded: partSize)) &>> 32)
    }

    @inline(__always)
    func prefetch(_ hash: UInt64) { slots.prefetch(start(of: hash)) }

    /// The number of the name with this hash that `isWanted`.
    @inline(__always)
    func find(_ hash: UInt64, where isWanted: (_ number: Int) -> Bool) -> Int? {
        let slot = slot(hash, where: isWanted)
        return slots[slot] == 0 ? nil : number(slot)
    }

    /// The first number with the hash, right or wrong: what is worth fetching.
    @inline(__always)
    func candidate(_ hash: UInt64) -> Int? { find(hash) { _ in true } }

    /// The number of a name that is there already, or nil, and it is there from now on as `number`.
    @inline(__always)
    func insert(_ hash: UInt64, _ number: Int, where isWanted: (_ number: Int) -> Bool) -> Int? {
        let slot = slot(hash, where: isWanted)
        if slots[slot] != 0 { return self.number(slot) }
        slots[slot] = (hash &>> 32) &<< 32 | UInt64(truncatingIfNeeded: number &+ 1)
        return nil
    }

    @inline(__always)
    private func number(_ slot: Int) -> Int { Int(slots[slot] & 0xFFFF_FFFF) &- 1 }

    @inline(__always)
    private func slot(_ hash: UInt64, where isWanted: (_ number: Int) -> Bool) -> Int {
        let end = (NameTable.part(of: hash, parts: parts) &+ 1) &* partSize
        var slot = start(of: hash)
        while true {
            let word = slots[slot]
            if word == 0 || word &>> 32 == hash &>> 32 && isWanted(Int(word & 0xFFFF_FFFF) &- 1) { return slot }
            slot &+= 1
            if slot == end { slot = end &- partSize }
        }
    }
}
