import CIntrinsics

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

    /// Copies `octets` to `offset`; only before the region is shared.
    func fill(_ octets: borrowing [UInt8], at offset: Int) {
        precondition(offset >= 0 && offset <= count && octets.count <= count - offset)
        // Sound: inside the region, as the comparison shows; the source is an array and cannot overlap it.
        unsafe octets.withUnsafeBytes { source in
            if let start = source.baseAddress {
                unsafe base.advanced(by: offset).copyMemory(from: start, byteCount: source.count)
            }
        }
    }

    /// As `fill`, of words in this machine's order.
    func fill(_ words: borrowing [UInt64], at offset: Int) {
        precondition(offset >= 0 && offset <= count && words.count <= (count - offset) / 8)
        unsafe words.withUnsafeBytes { source in
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

/// Numbers of one kind in a region, zero at first. Several threads may write at once, each its own elements.
@safe
struct Column<Element: BitwiseCopyable>: @unchecked Sendable {
    // Sound: `region` keeps the memory, each access makes one comparison, and any octets are a value of the structures
    // of numbers that this is for.
    private let base: UnsafeMutableRawPointer
    private let region: MemoryRegion
    let count: Int

    init(count: Int, allocate: (Int) -> MemoryRegion) {
        self.init(allocate(count * MemoryLayout<Element>.stride), count: count)
    }

    /// The first elements of a region that is there.
    init(_ region: MemoryRegion, count: Int) {
        precondition(count >= 0 && count <= region.count / MemoryLayout<Element>.stride)
        self.region = region
        unsafe base = unsafe UnsafeMutableRawPointer(mutating: region.start)
        self.count = count
    }

    @inline(__always)
    subscript(index: Int) -> Element {
        get {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
            return unsafe base.load(fromByteOffset: index &* MemoryLayout<Element>.stride, as: Element.self)
        }
        nonmutating set {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
            unsafe base.storeBytes(
                of: newValue, toByteOffset: index &* MemoryLayout<Element>.stride, as: Element.self)
        }
    }

    /// Asks for the cache line of an element; without effect outside.
    @inline(__always)
    func prefetch(_ index: Int) {
        region.octets.prefetch(index &* MemoryLayout<Element>.stride)
    }

    /// The same elements and room for more.
    func extended(to newCount: Int, allocate: (Int) -> MemoryRegion) -> Column {
        precondition(newCount >= count)
        let column = Column(count: newCount, allocate: allocate)
        column.region.fill(region, count: count * MemoryLayout<Element>.stride, at: 0)
        return column
    }
}

extension Span {
    /// Asks for the cache line of an element; without effect outside.
    @inline(__always)
    func prefetch(_ index: Int) {
        guard index >= 0, index < count else { return }
        // Sound: inside the span, as the comparisons show, and only advice.
        unsafe withUnsafeBufferPointer { elements in
            if let base = elements.baseAddress { unsafe minidns_prefetch(base + index) }
        }
    }
}

/// Octets that are written one behind the other, in a part of a region, or, where that is too small, in one of their own.
@safe
struct OctetWriter: ~Copyable {
    // Sound: `region` keeps the memory; what is written or read lies below `limit`, which is inside the region.
    private(set) var region: MemoryRegion
    /// Where they begin in the region.
    private(set) var start = 0
    private var base: UnsafeMutableRawPointer
    private var limit: Int
    private(set) var count = 0
    private let allocate: @Sendable (Int) -> MemoryRegion

    init(capacity: Int, allocate: @escaping @Sendable (Int) -> MemoryRegion) {
        region = allocate(capacity)
        limit = capacity
        unsafe base = unsafe UnsafeMutableRawPointer(mutating: region.start)
        self.allocate = allocate
    }

    /// Writes into a range of a region, of which nobody else uses a part meanwhile.
    init(_ region: MemoryRegion, _ range: Range<Int>, allocate: @escaping @Sendable (Int) -> MemoryRegion) {
        precondition(range.lowerBound >= 0 && range.upperBound <= region.count)
        self.region = region
        start = range.lowerBound
        limit = range.count
        unsafe base = unsafe UnsafeMutableRawPointer(mutating: region.start.advanced(by: range.lowerBound))
        self.allocate = allocate
    }

    /// Makes room for `size` octets more, whatever else is there.
    @inline(__always)
    private mutating func reserve(_ size: Int) {
        if size > limit &- count { grow(size) }
    }

    @inline(never)
    private mutating func grow(_ size: Int) {
        precondition(size >= 0)
        let larger = allocate(max(count + size, limit * 2))
        larger.fill(region, from: start, count: count, at: 0)
        region = larger
        start = 0
        limit = larger.count
        unsafe base = unsafe UnsafeMutableRawPointer(mutating: larger.start)
    }

    @inline(__always)
    mutating func append(_ value: UInt8) {
        reserve(1)
        unsafe base.storeBytes(of: value, toByteOffset: count, as: UInt8.self)
        count &+= 1
    }

    @inline(__always)
    mutating func append(_ value: UInt16) {
        reserve(2)
        unsafe base.storeBytes(of: value.bigEndian, toByteOffset: count, as: UInt16.self)
        count &+= 2
    }

    @inline(__always)
    mutating func append(_ value: UInt32) {
        reserve(4)
        unsafe base.storeBytes(of: value.bigEndian, toByteOffset: count, as: UInt32.self)
        count &+= 4
    }

    /// The same from another writer.
    @inline(__always)
    mutating func append(_ other: borrowing OctetWriter, _ offset: Int, count size: Int) {
        append(other.octets, offset, count: size)
    }

    /// Few octets go by 16 at a time, where the source has room behind them.
    @inline(__always)
    mutating func append(_ octets: Octets, _ offset: Int, count size: Int) {
        precondition(size >= 0 && offset >= 0 && offset <= octets.count &- size)
        let rounded = (size &+ 15) & ~15
        reserve(size)
        let isSmall = rounded <= 128 && offset <= octets.count &- rounded && rounded <= limit &- count
        // Sound: inside the source, as the comparisons show, and inside the room just made; the region is not the
        // source's, or the source would be borrowed from `self`.
        unsafe octets.withBase { source in
            let from = unsafe source.advanced(by: offset)
            let to = unsafe base.advanced(by: count)
            guard isSmall else { return unsafe to.copyMemory(from: from, byteCount: size) }
            unsafe copySixteens(from: from, to: to, count: rounded)
        }
        count &+= size
    }

    /// Appends `size` octets of one value.
    mutating func append(repeating value: UInt8, count size: Int) {
        precondition(size >= 0)
        reserve(size)
        unsafe base.advanced(by: count).initializeMemory(as: UInt8.self, repeating: value, count: size)
        count &+= size
    }

    /// Appends zeros up to a multiple of 4.
    @inline(__always)
    mutating func pad() {
        while count & 3 != 0 { append(UInt8(0)) }
    }

    @inline(__always)
    mutating func store(_ value: UInt16, at offset: Int) {
        precondition(offset >= 0 && offset <= count &- 2)
        unsafe base.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt16.self)
    }

    @inline(__always)
    mutating func store(_ value: UInt32, at offset: Int) {
        precondition(offset >= 0 && offset <= count &- 4)
        unsafe base.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt32.self)
    }

    /// Forgets what stands from `count` on.
    mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= self.count)
        self.count = count
    }

    /// What has been written so far, to read.
    var octets: Octets {
        @_lifetime(borrow self)
        get {
            let view = unsafe Octets(base: UnsafeRawPointer(base), count: count, owner: region)
            return unsafe _overrideLifetime(view, borrowing: self)
        }
    }
}

/// What several threads make, one result each.
@safe
final class PieceResults<Result: Sendable>: @unchecked Sendable {
    // Sound: as many places as `count`, nil at first; each index is set by one thread, and taken when all are done, as
    // `Parallel` promises.
    private let places: UnsafeMutableBufferPointer<Result?>

    init(count: Int) {
        unsafe places = .allocate(capacity: count)
        unsafe places.initialize(repeating: nil)
    }

    deinit {
        unsafe places.deinitialize()
        unsafe places.deallocate()
    }

    func set(_ result: Result, at index: Int) {
        let count = unsafe places.count
        precondition(index >= 0 && index < count)
        unsafe places[index] = result
    }

    /// All that was made, in order.
    func take() -> [Result] {
        var results: [Result] = []
        for index in unsafe 0..<places.count {
            let result = unsafe places[index]
            if let result { results.append(result) }
        }
        return results
    }
}
