import Synchronization

/// How the text of a large file is parsed at several places at the same time.
///
/// It is cut before lines that state an owner, and each piece is parsed as if it began outside parentheses. That is
/// right if the piece before it ends with an entry's end: so pieces are taken in their order, each only if the one
/// before it was right. From the first that is not, or that has an error or a directive, which may mean something else
/// for what follows, the rest is parsed in one go. So the result is the same as that of parsing all in one go.
public struct ZonePieces {
    /// Of about so many octets.
    var size: Int
    var parallel: Parallel
    /// Provides the memory of what is put together.
    var allocate: @Sendable (_ count: Int) -> MemoryRegion

    public init(
        size: Int = 1 << 18, allocate: @escaping @Sendable (_ count: Int) -> MemoryRegion = MemoryRegion.plain,
        _ parallel: @escaping Parallel
    ) {
        self.size = max(size, 1)
        self.allocate = allocate
        self.parallel = parallel
    }

    /// What the records of a text may need, and rarely do: room that is never touched costs nothing.
    static func room(for count: Int) -> (octets: Int, entries: Int) {
        let octets = count + min(count, 1 << 28)
        return (octets, octets / 16)
    }

    /// Where pieces begin, of which the text before the first is the head, and the end of the text.
    func cut(_ scanner: Scanner) -> [Int] {
        var scanner = scanner
        var starts: [Int] = []
        while let start = scanner.ownerLine(behind: (starts.last ?? 0) + size) { starts.append(start) }
        return starts + [scanner.text.count]
    }
}

/// What a builder has made of a piece of text, and where it stands behind it.
struct ZonePiece: Sendable {
    /// Owners and data; `entries` counts from the first of them. Both are empty where records are not kept.
    var octets: Column<UInt8>
    var entries: Column<Zone.Entry>
    var octetCount: Int
    var entryCount: Int
    var problems: ZoneProblems
    var owner: ZoneBuilder.StatedOwner
    var ownerToken: Range<Int>
    var lastTTL: UInt32?
    var entriesWithoutTTL: Int?
    var minimum: UInt32?

    /// Appends the piece that follows, but for its octets and entries.
    mutating func note(_ next: ZonePiece) {
        if entriesWithoutTTL == nil { entriesWithoutTTL = next.entriesWithoutTTL.map { entryCount + $0 } }
        problems.append(next.problems)
        owner = next.owner
        owner.offset = next.owner.offset.map { $0 + UInt32(truncatingIfNeeded: octetCount) }
        ownerToken = next.ownerToken
        lastTTL = next.lastTTL ?? lastTTL
        minimum = minimum ?? next.minimum
        octetCount += next.octetCount
        entryCount += next.entryCount
    }

    /// Makes its entries those of a zone that has `base` octets before its own.
    ///
    /// - Parameter ttl: What its first entries have where they leave it out: that of the record before (RFC 1035 §5.1).
    func rebase(_ base: Int, ttl: UInt32?) {
        for index in 0..<entries.count {
            var entry = entries[index]
            entry.owner += UInt32(truncatingIfNeeded: base)
            entry.data += UInt32(truncatingIfNeeded: base)
            entries[index] = entry
        }
        guard let ttl else { return }
        for index in 0..<min(entriesWithoutTTL ?? entries.count, entries.count) { entries[index].ttl = ttl }
    }
}

/// Puts the pieces together. As soon as all before a piece are finished, its place is known, and one of the threads
/// copies it there.
private final class ZoneAssembly: Sendable {
    private struct State: Sendable {
        /// All pieces so far, but for their octets and entries.
        var whole: ZonePiece
        /// How many pieces are in it.
        var count = 0
        /// Those that wait for one before them.
        var waiting: [Int: ZonePiece] = [:]
        /// A piece that is not right was found: what is behind it is not needed.
        var isBroken = false
        /// Whose memory other pieces can use: what was used before costs less than what the system has to clear.
        var spare: [ZonePiece] = []
    }

    /// A piece, and what is before it.
    private struct Placed {
        let piece: ZonePiece
        var octetCount: Int
        var entryCount: Int
        var lastTTL: UInt32?
    }

    private let state: Mutex<State>
    private let octets: Column<UInt8>
    private let entries: Column<Zone.Entry>
    private let hasDefaultTTL: Bool

    init(_ start: ZonePiece, _ octets: Column<UInt8>, _ entries: Column<Zone.Entry>, hasDefaultTTL: Bool) {
        octets.fill(0, start.octets)
        entries.fill(0, start.entries)
        var whole = start
        (whole.octets, whole.entries) = (octets, entries)
        state = Mutex(State(whole: whole))
        self.octets = octets
        self.entries = entries
        self.hasDefaultTTL = hasDefaultTTL
    }

    /// Memory for the next piece; nil where there is none to be parsed.
    func begin() -> (octets: MemoryRegion, entries: MemoryRegion)? {
        state.withLock { state in
            if state.isBroken { return nil }
            guard let spare = state.spare.popLast() else {
                return (.plain(count: GrowingOctets.slack), .plain(count: 0))
            }
            return (spare.octets.region, spare.entries.region)
        }
    }

    /// Takes a piece, which is nil where it was not right.
    func finish(_ index: Int, _ piece: ZonePiece?) {
        guard let piece else { return state.withLock { $0.isBroken = true } }
        state.withLock { $0.waiting[index] = piece }
        while let placed = place() {
            placed.piece.rebase(placed.octetCount, ttl: hasDefaultTTL ? nil : placed.lastTTL)
            octets.fill(placed.octetCount, placed.piece.octets)
            entries.fill(placed.entryCount, placed.piece.entries)
            state.withLock { $0.spare.append(placed.piece) }
        }
    }

    /// The next piece in the order, if it is there.
    private func place() -> Placed? {
        state.withLock { state in
            guard let next = state.waiting.removeValue(forKey: state.count) else { return nil }
            let whole = state.whole
            let hasRoom =
                whole.octetCount + next.octetCount <= Limits.zoneCount - (1 << 22)
                && (next.octets.isEmpty || whole.octetCount + next.octets.count <= octets.count - GrowingOctets.slack)
                && (next.entries.isEmpty || whole.entryCount + next.entries.count <= entries.count)
            guard hasRoom else {
                state.isBroken = true
                return nil
            }
            state.whole.note(next)
            state.count += 1
            return Placed(
                piece: next, octetCount: whole.octetCount, entryCount: whole.entryCount, lastTTL: whole.lastTTL)
        }
    }

    /// All pieces up to the first that was not right, with the room for octets and entries, and how many they are.
    func take() -> (whole: ZonePiece, count: Int) { state.withLock { ($0.whole, $0.count) } }
}

extension ZoneBuilder {
    /// What a builder of a piece must know of what stands before it.
    struct Context: Sendable {
        let apex: Name
        let origin: Name
        let file: Int
        let fileStart: Int
        let defaultTTL: UInt32?
        let keepsRecords: Bool
    }

    /// A builder of a piece, which stops at what is wrong or needs the files. Its octets begin without the origin's name.
    private init(_ context: Context, octets: MemoryRegion, entries: MemoryRegion) {
        self.init(origin: context.apex, keepsRecords: context.keepsRecords)
        isPiece = true
        setOrigin(context.origin)
        (file, fileStart) = (context.file, context.fileStart)
        defaultTTL = context.defaultTTL
        if defaultTTL != nil { noteTTL() }
        self.octets = GrowingOctets(octets, 0..<octets.count)
        self.entries = GrowingList(entries)
    }

    /// Parses what can be parsed in pieces, from the first start, where the scanner stands, to the last.
    mutating func parse(_ text: [UInt8], cutAt starts: [Int], _ pieces: ZonePieces, _ scanner: inout Scanner) {
        guard starts.count > 2 else { return }
        let context = Context(
            apex: zone.origin, origin: origin, file: file, fileStart: fileStart, defaultTTL: defaultTTL,
            keepsRecords: keepsRecords)
        let start = take()
        // Where the room is too little after all, the rest is parsed in one go.
        let room = ZonePieces.room(for: keepsRecords ? text.count : 0)
        let octets = Column<UInt8>(
            count: start.octets.count + room.octets + GrowingOctets.slack, allocate: pieces.allocate)
        let entries = Column<Zone.Entry>(count: start.entries.count + room.entries, allocate: pieces.allocate)
        let assembly = ZoneAssembly(start, octets, entries, hasDefaultTTL: defaultTTL != nil)
        pieces.parallel(starts.count - 1) { index in
            guard let memory = assembly.begin() else { return }
            var builder = ZoneBuilder(context, octets: memory.octets, entries: memory.entries)
            let isRight = builder.parsePiece(text, starts[index]..<starts[index + 1])
            assembly.finish(index, isRight ? builder.take() : nil)
        }
        let (whole, count) = assembly.take()
        put(whole, pieces.allocate)
        scanner.skip(to: starts[count])
    }

    /// Whether all entries that begin in the range are good and the last of them ends where it does.
    private mutating func parsePiece(_ text: [UInt8], _ range: Range<Int>) -> Bool {
        var scanner = Scanner(text.span)
        scanner.skip(to: range.lowerBound)
        parseEntries(&scanner, before: range.upperBound) { _ in .failure(ZoneReadError("")) }
        return !isStopped && scanner.position == range.upperBound
    }

    /// What was made so far.
    private mutating func take() -> ZonePiece {
        if !keepsRecords { dropRecords() }
        return ZonePiece(
            octets: octets.column, entries: entries.column, octetCount: octetCount, entryCount: entryCount,
            problems: problems, owner: statedOwner, ownerToken: ownerToken, lastTTL: lastTTL,
            entriesWithoutTTL: entriesWithoutTTL, minimum: minimum)
    }

    /// Goes on behind the pieces.
    private mutating func put(_ piece: ZonePiece, _ allocate: @escaping @Sendable (Int) -> MemoryRegion) {
        if keepsRecords {
            let (octets, entries) = (piece.octets.region, piece.entries.region)
            self.octets = GrowingOctets(octets, 0..<octets.count, count: piece.octetCount, allocate: allocate)
            self.entries = GrowingList(entries, count: piece.entryCount, allocate: allocate)
        } else {
            note(dropped: piece.octetCount - octetCount, piece.entryCount - entryCount)
        }
        problems = piece.problems
        statedOwner = piece.owner
        ownerToken = piece.ownerToken
        lastTTL = piece.lastTTL
        entriesWithoutTTL = piece.entriesWithoutTTL
        minimum = piece.minimum
    }
}
