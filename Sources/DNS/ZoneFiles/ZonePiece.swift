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

    public init(size: Int = 1 << 18, _ parallel: @escaping Parallel) {
        self.size = max(size, 1)
        self.parallel = parallel
    }

    /// Where pieces begin, of which the text before the first is the head, and the end of the text.
    func cut(_ scanner: Scanner) -> [Int] {
        var scanner = scanner
        var starts: [Int] = []
        while let start = scanner.ownerLine(behind: (starts.last ?? 0) + size) { starts.append(start) }
        return starts + [scanner.text.count]
    }
}

/// Empty arrays that have room: memory that was used before costs less than what the system has to clear.
struct PieceMemory: Sendable {
    var octets: [UInt8] = []
    var entries: [Zone.Entry] = []
}

/// What a builder has made of a piece of text, and where it stands behind it.
struct ZonePiece: Sendable {
    /// Owners and data; `entries` counts from the first of them. Both are empty where records are not kept.
    var octets: [UInt8]
    var entries: [Zone.Entry]
    var octetCount: Int
    var entryCount: Int
    var problems: ZoneProblems
    var owner: ZoneBuilder.StatedOwner
    var ownerToken: Range<Int>?
    var lastTTL: UInt32?
    var entriesWithoutTTL: Int?
    var minimum: UInt32?

    /// Appends the piece that follows, unless there are too many octets then.
    mutating func append(_ next: ZonePiece, hasDefaultTTL: Bool) -> Bool {
        let base = octetCount
        guard base + next.octetCount <= Limits.zoneCount - (1 << 22) else { return false }
        let first = entries.count
        octets += next.octets
        entries += next.entries
        for index in first..<entries.count {
            entries[index].owner += UInt32(truncatingIfNeeded: base)
            entries[index].data += UInt32(truncatingIfNeeded: base)
        }
        if let lastTTL, !hasDefaultTTL {
            // RFC 1035 §5.1: what has no TTL has that of the record before it.
            let count = min(next.entriesWithoutTTL ?? next.entries.count, next.entries.count)
            for index in first..<(first + count) { entries[index].ttl = lastTTL }
        }
        if entriesWithoutTTL == nil { entriesWithoutTTL = next.entriesWithoutTTL.map { entryCount + $0 } }
        octetCount += next.octetCount
        entryCount += next.entryCount
        problems.append(next.problems)
        owner = next.owner
        owner.offset = next.owner.offset.map { $0 + UInt32(truncatingIfNeeded: base) }
        ownerToken = next.ownerToken
        lastTTL = next.lastTTL ?? lastTTL
        minimum = minimum ?? next.minimum
        return true
    }

    /// Its memory, where nothing else of it is needed.
    mutating func takeMemory() -> PieceMemory {
        var memory = PieceMemory()
        swap(&memory.octets, &octets)
        swap(&memory.entries, &entries)
        memory.octets.removeAll(keepingCapacity: true)
        memory.entries.removeAll(keepingCapacity: true)
        return memory
    }
}

/// The pieces that are finished, put together in their order by whoever finishes one, if nobody is at it.
private final class ZoneAssembly: Sendable {
    private struct State: Sendable {
        /// Nil while somebody appends to it.
        var whole: ZonePiece?
        /// How many pieces are in it.
        var count = 0
        /// Those that wait for one before them.
        var waiting: [Int: ZonePiece] = [:]
        /// A piece that is not right was found: what is behind it is not needed.
        var isBroken = false
        /// Whose memory other pieces can use.
        var spare: [PieceMemory] = []
    }

    private let state: Mutex<State>
    private let hasDefaultTTL: Bool

    init(_ start: consuming ZonePiece, hasDefaultTTL: Bool) {
        state = Mutex(State(whole: start))
        self.hasDefaultTTL = hasDefaultTTL
    }

    /// Memory for the next piece; nil where there is none to be parsed.
    func begin() -> PieceMemory? {
        state.withLock { $0.isBroken ? nil : $0.spare.popLast() ?? PieceMemory() }
    }

    /// Takes a piece, which is nil where it was not right.
    func finish(_ index: Int, _ piece: ZonePiece?) {
        guard let piece else { return state.withLock { $0.isBroken = true } }
        var whole = state.withLock { state in
            state.waiting[index] = piece
            return state.whole.take()
        }
        // What others finish meanwhile is appended too: they see that somebody is at it.
        while whole != nil {
            guard var next = next(&whole) else { return }
            if whole?.append(next, hasDefaultTTL: hasDefaultTTL) != true { return giveUp(&whole) }
            let memory = next.takeMemory()
            state.withLock { state in
                state.count += 1
                state.spare.append(memory)
            }
        }
    }

    /// The piece that follows the whole, which goes back to the state where there is none.
    private func next(_ whole: inout ZonePiece?) -> ZonePiece? {
        state.withLock { state in
            if let next = state.waiting.removeValue(forKey: state.count) { return next }
            state.whole = whole.take()
            return nil
        }
    }

    private func giveUp(_ whole: inout ZonePiece?) {
        state.withLock { state in
            state.isBroken = true
            state.whole = whole.take()
        }
    }

    /// All pieces up to the first that was not right, and how many they are.
    func take() -> (whole: ZonePiece?, count: Int) { state.withLock { ($0.whole.take(), $0.count) } }
}

extension ZoneBuilder {
    /// What a builder of a piece must know of what stands before it.
    struct Context: Sendable {
        let apex: Name
        let origin: Name
        let file: Int
        let defaultTTL: UInt32?
        let keepsRecords: Bool
    }

    /// A builder of a piece, which stops at what is wrong or needs the files.
    private init(_ context: Context, _ memory: consuming PieceMemory) {
        self.init(origin: context.apex, keepsRecords: context.keepsRecords)
        isPiece = true
        setOrigin(context.origin)
        file = context.file
        defaultTTL = context.defaultTTL
        if defaultTTL != nil { noteTTL() }
        useMemory(memory)
    }

    /// Parses what can be parsed in pieces, from the first start, where the scanner stands, to the last.
    mutating func parse(_ text: [UInt8], cutAt starts: [Int], _ parallel: Parallel, _ scanner: inout Scanner) {
        guard starts.count > 2 else { return }
        let context = Context(
            apex: zone.origin, origin: origin, file: file, defaultTTL: defaultTTL, keepsRecords: keepsRecords)
        let assembly = ZoneAssembly(take(), hasDefaultTTL: defaultTTL != nil)
        parallel(starts.count - 1) { index in
            guard let memory = assembly.begin() else { return }
            var builder = ZoneBuilder(context, memory)
            let isRight = builder.parsePiece(text, starts[index]..<starts[index + 1])
            assembly.finish(index, isRight ? builder.take() : nil)
        }
        let (whole, count) = assembly.take()
        if let whole { put(whole) }
        scanner.skip(to: starts[count])
    }

    /// Whether all entries that begin in the range are good and the last of them ends where it does.
    private mutating func parsePiece(_ text: [UInt8], _ range: Range<Int>) -> Bool {
        var scanner = Scanner(text.span)
        scanner.skip(to: range.lowerBound)
        if keepsRecords { reserve(for: range.count) }
        parseEntries(&scanner, before: range.upperBound) { _ in .failure(ZoneReadError("")) }
        moveRecords()
        return !isStopped && scanner.position == range.upperBound
    }

    /// What was made so far, which the builder has no more.
    private mutating func take() -> ZonePiece {
        moveRecords()
        let piece = ZonePiece(
            octets: zone.octets, entries: zone.entries, octetCount: octetCount, entryCount: entryCount,
            problems: problems, owner: statedOwner, ownerToken: ownerToken, lastTTL: lastTTL,
            entriesWithoutTTL: entriesWithoutTTL, minimum: minimum)
        zone.octets = []
        zone.entries = []
        return piece
    }

    private mutating func put(_ piece: ZonePiece) {
        zone.octets = piece.octets
        zone.entries = piece.entries
        noteMoved(octets: piece.octetCount, entries: piece.entryCount)
        problems = piece.problems
        statedOwner = piece.owner
        ownerToken = piece.ownerToken
        lastTTL = piece.lastTTL
        entriesWithoutTTL = piece.entriesWithoutTTL
        minimum = piece.minimum
    }
}
