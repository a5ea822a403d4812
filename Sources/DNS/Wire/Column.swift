import CIntrinsics

/// Numbers of one kind in a region, zero at first. Several threads may write at once, each its own elements.
@safe
struct Column<Element: BitwiseCopyable>: @unchecked Sendable {
    // Sound: `region` keeps the memory, each access makes one comparison, and any octets are a value of the structures
    // of numbers that this is for.
    private let base: UnsafeMutableRawPointer
    let region: MemoryRegion
    let count: Int

    init(count: Int = 0, allocate: (Int) -> MemoryRegion = MemoryRegion.plain) {
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
        column.fill(0, self)
        return column
    }

    /// Copies the elements of another column to the place from `index` on.
    func fill(_ index: Int, _ other: Column) {
        if other.isEmpty { return }
        let size = MemoryLayout<Element>.stride
        precondition(index >= 0 && index <= count - other.count)
        region.fill(other.region, count: other.count * size, at: index * size)
    }

    /// Gives back the memory of elements that nobody will look at again.
    func forget(_ range: Range<Int>) {
        let size = MemoryLayout<Element>.stride
        region.forget((range.lowerBound * size)..<(range.upperBound * size))
    }

    /// All elements, to read without counting references.
    var span: Span<Element> {
        @_lifetime(borrow self)
        get {
            // Sound: `region` has so many, and the span lives no longer than this borrow of what holds it.
            let span = unsafe Span(_unsafeStart: base.assumingMemoryBound(to: Element.self), count: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }
}

extension Column: RandomAccessCollection {
    var startIndex: Int { 0 }
    var endIndex: Int { count }
}

/// Elements that grow at their end.
struct GrowingList<Element: BitwiseCopyable>: ~Copyable {
    private var room: Column<Element>
    private(set) var count: Int
    private let allocate: @Sendable (Int) -> MemoryRegion

    /// Goes on behind `count` elements of a region.
    init(
        _ region: MemoryRegion, count: Int = 0,
        allocate: @escaping @Sendable (Int) -> MemoryRegion = MemoryRegion.plain
    ) {
        room = Column(region, count: region.count / MemoryLayout<Element>.stride)
        self.count = count
        self.allocate = allocate
    }

    @inline(__always)
    mutating func append(_ element: Element) {
        if count == room.count {
            room = room.extended(to: max(count * 2, 64), allocate: allocate)
        }
        room[count] = element
        count &+= 1
    }

    mutating func removeAll() { count = 0 }

    /// What is there so far.
    var column: Column<Element> { Column(room.region, count: count) }
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
