/// Memory that a compiled zone lives in, owned and freed as one piece.
///
/// Who makes one decides where it comes from; this module's own is plain memory, a server may hand in huge pages.
/// It is written once, while a zone is compiled, and read by many threads after that.
@safe
public final class MemoryRegion: @unchecked Sendable {
    // Sound: written before anybody else has the region, by several threads only where each has octets of its own;
    // read-only from then on.
    private let base: UnsafeMutableRawPointer
    /// The octets that may be used. Behind them lie `padding` more that may be read.
    public private(set) var count: Int
    private let release: @Sendable (UnsafeMutableRawPointer) -> Void
    private let discard: (@Sendable (UnsafeMutableRawPointer, Int) -> Void)?

    /// What a maker provides behind `count`, zeroed, so that words can be read at the very end.
    public static let padding = 16

    /// Takes over `count` + `padding` zeroed octets at `base`; `release` gets them back. `discard` gives back the memory
    /// of so many octets from an address on, which nobody will use again; nil where that cannot be done.
    @unsafe
    public init(
        base: UnsafeMutableRawPointer, count: Int, release: @escaping @Sendable (UnsafeMutableRawPointer) -> Void,
        discard: (@Sendable (UnsafeMutableRawPointer, Int) -> Void)? = nil
    ) {
        unsafe self.base = base
        self.count = count
        unsafe self.release = release
        unsafe self.discard = discard
    }

    /// Plain memory.
    public static func plain(count: Int) -> MemoryRegion {
        let size = count + padding
        // Sound: as long and as zero as the initializer demands, and freed as it was allocated.
        let base = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        return unsafe MemoryRegion(base: base, count: count) { unsafe $0.deallocate() }
    }

    deinit { unsafe release(base) }

    /// Copies numbers to `offset` as they are in memory; only before the region is shared.
    func fill<Number: BitwiseCopyable>(_ numbers: borrowing [Number], at offset: Int) {
        precondition(offset >= 0 && offset <= count)
        precondition(numbers.count <= (count - offset) / MemoryLayout<Number>.stride)
        // Sound: inside the region, as the comparisons show; the source is an array and cannot overlap it.
        unsafe numbers.withUnsafeBytes { source in
            if let start = source.baseAddress {
                unsafe base.advanced(by: offset).copyMemory(from: start, byteCount: source.count)
            }
        }
    }

    /// As `fill`, of `octetCount` octets from `start` of a region, which may be this one and overlap.
    func fill(_ other: MemoryRegion, from start: Int = 0, count octetCount: Int, at offset: Int) {
        precondition(start >= 0 && start <= other.count && octetCount >= 0 && octetCount <= other.count - start)
        precondition(offset >= 0 && offset <= count && octetCount <= count - offset)
        // Sound: inside both regions, as the comparisons show.
        unsafe base.advanced(by: offset).copyMemory(from: other.base.advanced(by: start), byteCount: octetCount)
    }

    /// Gives back the memory of a range that nobody will look at again, as far as that can be done.
    func forget(_ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        // Tests see who looks at it again.
        assert(unsafe overwrite(range))
        // Sound: inside the region.
        unsafe discard?(base.advanced(by: range.lowerBound), range.count)
    }

    @unsafe
    private func overwrite(_ range: Range<Int>) -> Bool {
        unsafe base.advanced(by: range.lowerBound).initializeMemory(as: UInt8.self, repeating: 0xFF, count: range.count)
        return true
    }

    /// The first `newCount` octets, without holding memory for the rest; only before the region is shared.
    func fitted(to newCount: Int, allocate: (Int) -> MemoryRegion) -> MemoryRegion {
        precondition(newCount >= 0 && newCount <= count)
        guard let discard = unsafe discard else {
            let region = allocate(newCount)
            region.fill(self, count: newCount, at: 0)
            return region
        }
        // Sound: inside the region with its padding, which stands behind the octets anew.
        unsafe base.advanced(by: newCount).initializeMemory(as: UInt8.self, repeating: 0, count: MemoryRegion.padding)
        unsafe discard(base.advanced(by: newCount + MemoryRegion.padding), count - newCount)
        count = newCount
        return self
    }

    /// The octets and the padding, to read.
    var octets: Octets {
        @_lifetime(borrow self) get { unsafe Octets(base: base, count: count + MemoryRegion.padding, owner: self) }
    }

    /// Stores a big-endian integer; only before the region is shared.
    func store(_ value: UInt32, at offset: Int) {
        precondition(offset >= 0 && offset <= count - 4)
        // Sound: inside the region, as the comparison shows.
        unsafe base.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt32.self)
    }

    /// The octets, to read; whoever uses the address keeps the region alive.
    @unsafe var start: UnsafeRawPointer { unsafe UnsafeRawPointer(base) }
}
