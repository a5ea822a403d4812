/// Memory that a compiled zone lives in, owned and freed as one piece.
///
/// Who makes one decides where it comes from; this module's own is plain memory, a server may hand in huge pages.
/// It is written once, while a zone is compiled, and read by many threads after that.
@safe
public final class MemoryRegion: @unchecked Sendable {
    // Sound: written only through `fill` before anybody else has the region, read-only from then on.
    private let base: UnsafeMutableRawPointer
    /// The octets that may be used. Behind them lie `padding` more that may be read.
    public let count: Int
    private let release: @Sendable (UnsafeMutableRawPointer) -> Void

    /// What a maker provides behind `count`, zeroed, so that words can be read at the very end.
    public static let padding = 16

    /// Takes over `count` + `padding` zeroed octets at `base`; `release` gets them back.
    @unsafe
    public init(base: UnsafeMutableRawPointer, count: Int, release: @escaping @Sendable (UnsafeMutableRawPointer) -> Void) {
        unsafe self.base = base
        self.count = count
        unsafe self.release = release
    }

    /// Plain memory.
    public static func plain(count: Int) -> MemoryRegion {
        let size = count + padding
        // Sound: as long and as zero as the initializer demands, and freed as it was allocated.
        let base = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
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
