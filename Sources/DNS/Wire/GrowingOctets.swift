import CIntrinsics

/// Octets that grow at their end: what a parser makes of text, and the blocks of a zone. They stand in a part of a region,
/// or, where that becomes too small, in one of their own.
@safe
struct GrowingOctets: ~Copyable {
    // Sound: `region` keeps the memory; what is written or read lies below `capacity`, or in the `slack` octets behind it,
    // all of which nobody else uses meanwhile.
    private(set) var region: MemoryRegion
    /// Where they begin in the region.
    private(set) var start: Int
    private var base: UnsafeMutableRawPointer
    private(set) var count: Int
    private var capacity: Int
    private let allocate: @Sendable (Int) -> MemoryRegion

    /// Room behind what may be counted, for one more store of 16.
    static let slack = 16

    init(_ octets: [UInt8]) {
        self.init(capacity: octets.count)
        append(octets)
    }

    init(capacity: Int = 496) {
        let region = MemoryRegion.plain(count: capacity + Self.slack)
        self.init(region, 0..<region.count)
    }

    /// Goes on behind `count` octets of a range of a region, at whose end there is the slack.
    init(
        _ region: MemoryRegion, _ range: Range<Int>, count: Int = 0,
        allocate: @escaping @Sendable (Int) -> MemoryRegion = MemoryRegion.plain
    ) {
        precondition(range.lowerBound >= 0 && range.upperBound <= region.count)
        precondition(count >= 0 && count <= range.count - Self.slack)
        self.region = region
        start = range.lowerBound
        self.count = count
        capacity = range.count - Self.slack
        unsafe base = unsafe UnsafeMutableRawPointer(mutating: region.start.advanced(by: range.lowerBound))
        self.allocate = allocate
    }

    /// What is there so far, where it begins with its region.
    var column: Column<UInt8> {
        precondition(start == 0)
        return Column(region, count: count)
    }

    /// Makes room for `size` more octets.
    @inline(__always)
    mutating func reserve(_ size: Int) {
        if size > capacity &- count { grow(size) }
    }

    @inline(never)
    private mutating func grow(_ size: Int) {
        let larger = allocate(max(count + size, capacity * 2) + Self.slack)
        larger.fill(region, from: start, count: count, at: 0)
        region = larger
        start = 0
        capacity = larger.count - Self.slack
        unsafe base = unsafe UnsafeMutableRawPointer(mutating: larger.start)
    }

    @inline(__always)
    private func check(_ offset: Int, _ size: Int) { precondition(offset >= 0 && offset <= count &- size) }

    @inline(__always)
    subscript(offset: Int) -> UInt8 {
        get {
            check(offset, 1)
            return unsafe base.load(fromByteOffset: offset, as: UInt8.self)
        }
        set {
            check(offset, 1)
            unsafe base.storeBytes(of: newValue, toByteOffset: offset, as: UInt8.self)
        }
    }

    /// Stores a number, the highest octet first.
    @inline(__always)
    mutating func store<Number: FixedWidthInteger & BitwiseCopyable>(_ value: Number, at offset: Int) {
        check(offset, MemoryLayout<Number>.size)
        unsafe base.storeBytes(of: value.bigEndian, toByteOffset: offset, as: Number.self)
    }

    @inline(__always)
    mutating func append(_ octet: UInt8) { append(number: octet) }

    /// Appends a number, the highest octet first.
    @inline(__always)
    mutating func append<Number: FixedWidthInteger & BitwiseCopyable>(number: Number) {
        reserve(MemoryLayout<Number>.size)
        // Sound: `reserve` has made room for what is stored, here and below.
        unsafe base.storeBytes(of: number.bigEndian, toByteOffset: count, as: Number.self)
        count &+= MemoryLayout<Number>.size
    }

    /// Appends the `size` (1 to 8) lowest octets of a number.
    @inline(__always)
    mutating func append(_ value: UInt64, size: Int) {
        reserve(8)
        let word = (value &<< UInt64(truncatingIfNeeded: 64 &- size &* 8)).bigEndian
        unsafe base.storeBytes(of: word, toByteOffset: count, as: UInt64.self)
        count &+= min(max(size, 0), 8)
    }

    /// Few octets, as labels mostly are, go by 16 at a time, where the source has room behind them.
    @inline(__always)
    mutating func append(_ octets: Octets, _ offset: Int, count size: Int) {
        precondition(size >= 0 && offset >= 0 && offset <= octets.count &- size)
        reserve(size)
        let isSmall = size <= 128 && offset <= octets.count &- ((size &+ 15) & ~15)
        // Sound: both ranges, rounded up where they are, lie inside their memory: the source's as the comparison shows,
        // ours because of the slack. No view of `self` can be alive while `self` is changed.
        unsafe octets.withBase { source in
            let from = unsafe source + offset
            let to = unsafe base + count
            guard isSmall else { return unsafe to.copyMemory(from: from, byteCount: size) }
            unsafe copySixteens(from: from, to: to, count: size)
        }
        count &+= size
    }

    /// Appends a name as text has it, with lengths in the place of its dots. Says whether the last of them is the root's;
    /// nil, with nothing appended, of what has escapes, is no name, or stands near the end of the text.
    @inline(__always)
    mutating func append(labels text: Octets, _ offset: Int, count size: Int) -> Bool? {
        guard size > 0, offset >= 0, (size &+ 15) & ~15 <= text.count &- offset else { return nil }
        reserve(size &+ 1)
        // Sound: whole blocks of 16 octets are read, which lie inside the text as the comparison shows, and written behind
        // the first length, where the slack has room for the last of them. Lengths stand `size` behind that at most.
        let isAbsolute: Bool? = unsafe text.withBase { text in
            let from = unsafe text + offset
            let to = unsafe base + count
            /// Where the length of the label at hand stands.
            var label = 0
            for block in stride(from: 0, to: size, by: 16) {
                unsafe copySixteens(from: from + block, to: to + block + 1, count: 16)
                var marks = unsafe minidns_mask_label_end(from + block)
                if size &- block < 16 { marks &= (1 &<< UInt32(truncatingIfNeeded: size &- block)) &- 1 }
                while marks != 0 {
                    let end = block &+ marks.trailingZeroBitCount
                    // A length has six bits (RFC 1035 §3.1).
                    guard end &- label &- 1 < 0x3F, end != label,
                        unsafe from.load(fromByteOffset: end, as: UInt8.self) == 0x2E
                    else { return nil }
                    let length = UInt8(truncatingIfNeeded: end &- label)
                    unsafe to.storeBytes(of: length, toByteOffset: label, as: UInt8.self)
                    label = end &+ 1
                    marks &= marks &- 1
                }
            }
            guard size &- label <= 0x3F else { return nil }
            unsafe to.storeBytes(of: UInt8(truncatingIfNeeded: size &- label), toByteOffset: label, as: UInt8.self)
            return size == label
        }
        if isAbsolute != nil { count &+= size &+ 1 }
        return isAbsolute
    }

    /// The same from others of their kind.
    @inline(__always)
    mutating func append(_ other: borrowing GrowingOctets, _ offset: Int, count size: Int) {
        append(other.octets(), offset, count: size)
    }

    mutating func append(_ octets: [UInt8]) { append(Octets(octets.span), 0, count: octets.count) }

    @inline(__always)
    mutating func append(_ other: borrowing GrowingOctets) {
        reserve(other.count)
        // Sound: both have room behind their octets for what is copied beyond them.
        unsafe copySixteens(from: other.base, to: base + count, count: other.count)
        count &+= other.count
    }

    /// Appends `size` octets of zero.
    mutating func append(zeros size: Int) {
        precondition(size >= 0)
        reserve(size)
        unsafe base.advanced(by: count).initializeMemory(as: UInt8.self, repeating: 0, count: size)
        count &+= size
    }

    /// Appends zeros up to a multiple of 4.
    @inline(__always)
    mutating func pad() {
        if count & 3 == 0 { return }
        reserve(4 &- count & 3)
        unsafe base.storeBytes(of: 0, toByteOffset: count, as: UInt32.self)
        count = (count &+ 3) & ~3
    }

    /// Appends what up to 16 characters of base64 stand for, from `offset` to before `end` of the text, in whole groups
    /// of four without padding. Says how many characters that were.
    @inline(__always)
    mutating func append(base64 text: Octets, _ offset: Int, before end: Int) -> Int {
        let count = unsafe decode(text, offset, before: end) { unsafe minidns_decode_base64($0, $1) } & ~3
        self.count &+= count &>> 2 &* 3
        return count
    }

    /// Appends what up to 16 hexadecimal digits stand for, from `offset` to before `end` of the text, in pairs. Says how
    /// many digits that were.
    @inline(__always)
    mutating func append(hex text: Octets, _ offset: Int, before end: Int) -> Int {
        let count = unsafe decode(text, offset, before: end) { unsafe minidns_decode_hex($0, $1) } & ~1
        self.count &+= count &>> 1
        return count
    }

    /// Has `decode` write, behind the octets, what it makes of 16 characters; says how many of them before `end` are good.
    @inline(__always)
    @unsafe
    private mutating func decode(
        _ text: Octets, _ offset: Int, before end: Int,
        _ decode: (UnsafeRawPointer, UnsafeMutablePointer<UInt8>) -> Int32
    ) -> Int {
        guard offset >= 0, offset <= text.count &- 16 else { return 0 }
        reserve(16)
        var good = 0
        // Sound: 16 octets inside the view are read, and at most 13 written, for which there is room.
        unsafe text.withBase { text in
            good = Int(unsafe decode(text + offset, (base + count).assumingMemoryBound(to: UInt8.self)))
        }
        return max(min(good, end &- offset), 0)
    }

    /// Puts an octet before the one at `offset`, or at the end.
    mutating func insert(_ octet: UInt8, at offset: Int) {
        append(octet)
        var last = count - 1
        while last > offset {
            self[last] = self[last - 1]
            last -= 1
        }
        self[offset] = octet
    }

    /// Takes away what was appended since there were `count` octets.
    @inline(__always)
    mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= self.count)
        self.count = count
    }

    /// What has been appended since there were `start` octets, to read.
    @_lifetime(borrow self)
    @inline(__always)
    func octets(from start: Int = 0) -> Octets {
        precondition(start >= 0 && start <= count)
        // Sound: inside what was written; the view lives no longer than this borrow of `self`.
        let span = unsafe Span<UInt8>(
            _unsafeStart: UnsafePointer((base + start).assumingMemoryBound(to: UInt8.self)), count: count &- start)
        let view = Octets(span)
        return unsafe _overrideLifetime(view, borrowing: self)
    }

    // Sound: what was written, which the array copies.
    var array: [UInt8] { unsafe Array(UnsafeRawBufferPointer(start: base, count: count)) }
}
