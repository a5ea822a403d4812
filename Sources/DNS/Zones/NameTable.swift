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
