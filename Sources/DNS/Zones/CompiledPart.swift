/// The entries and blocks of a range of names, whose places count from its own start until it is moved.
final class CompiledPart: Sendable {
    private let region: MemoryRegion
    private let start: Int
    let count: Int
    /// Labels below the apex of the deepest name that can be found.
    let deepest: UInt8
    let recordCount: Int

    init(_ heap: consuming GrowingOctets, deepest: UInt8, recordCount: Int) {
        region = heap.region
        start = heap.start
        count = heap.count
        self.deepest = deepest
        self.recordCount = recordCount
    }

    /// Makes places count from `start` octets before the part. `places` are those of the entries of `nodes`.
    func move(to start: Int, _ nodes: Range<Int>, _ places: Column<UInt32>) {
        let distance = UInt32(truncatingIfNeeded: start / 4)
        if distance == 0 { return }
        let region = region
        let octets = region.octets
        for node in nodes where places[node] != ZoneLayout.nowhere {
            let entry = self.start &+ Int(places[node]) &* 4
            let sets = entry &+ 4 &+ (Int(octets.u8(entry)) &+ 3) & ~3
            for index in 0..<Int(octets.u16(entry &+ 2)) {
                let place = sets &+ index &* 8 &+ 4
                region.store(octets.u32(place) &+ distance, at: place)
            }
            places[node] &+= distance
        }
    }

    /// Whether it found room in the region that it was to be written into.
    func isInside(_ region: MemoryRegion) -> Bool { region === self.region }

    func copy(to region: MemoryRegion, at offset: Int) {
        if region === self.region && offset == start { return }
        region.fill(self.region, from: start, count: count, at: offset)
    }
}
