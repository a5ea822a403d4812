/// Walks two versions of a zone side by side, in the order of their files.
///
///     old   a  b  c  d  e           as long as both have the same name they go on together;
///     new   a  x  b  d  c  e        where they do not, the name is looked up in the other by its hash
///
/// So an edit costs a few look-ups, and two files in another order a look-up for each name.
struct ZoneComparison: ~Copyable, ~Escapable {
    private let old: ZoneView
    private let new: ZoneView
    private var oldNames: EntryFinder
    private var newNames: EntryFinder

    @_lifetime(copy old, copy new)
    init(_ old: ZoneView, _ new: ZoneView, _ seeds: (old: UInt64, new: UInt64)) {
        self.old = old
        self.new = new
        oldNames = EntryFinder(seed: seeds.old)
        newNames = EntryFinder(seed: seeds.new)
    }

    mutating func run(_ body: (ZoneChange) -> Void) {
        var (left, right) = (old.firstEntry, new.firstEntry)
        while let entry = left {
            left = old.entry(behind: entry)
            if let other = right, isSame(entry, other) {
                if !isUnchanged(entry, other) { compare(entry, other, body) }
                right = new.entry(behind: other)
                continue
            }
            // An empty non-terminal is no record.
            if entry.setCount == 0 { continue }
            let other = newNames.find(entry, of: old, in: new)
            compare(entry, other, body)
            if let other, let start = right, other.offset > start.offset, resumes(left, new.entry(behind: other)) {
                addNew(from: start, upTo: other.offset, body)
                right = new.entry(behind: other)
            }
        }
        if let right { addNew(from: right, upTo: new.entriesEnd, body) }
    }

    /// Whether two walks go on together: one name that was moved must not make either skip all between.
    private func resumes(_ left: ZoneView.Entry?, _ right: ZoneView.Entry?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return isSame(left, right)
    }

    /// Of the new zone's entries in a range, those that the old one does not have.
    private mutating func addNew(
        from start: ZoneView.Entry, upTo end: Int, _ body: (ZoneChange) -> Void
    ) {
        var next: ZoneView.Entry? = start
        while let entry = next, entry.offset < end {
            next = new.entry(behind: entry)
            if entry.setCount == 0 { continue }
            let other = oldNames.find(entry, of: new, in: old)
            if (other?.setCount ?? 0) == 0 { compare(nil, entry, body) }
        }
    }

    private func isSame(_ left: ZoneView.Entry, _ right: ZoneView.Entry) -> Bool {
        left.nameCount == right.nameCount && old.isName(of: left, right.name, new.octets)
    }

    // MARK: Sets

    /// Whether all sets are the same octet for octet, as of most names of two versions.
    private func isUnchanged(_ left: ZoneView.Entry, _ right: ZoneView.Entry) -> Bool {
        guard left.setCount == right.setCount else { return false }
        for index in 0..<left.setCount where !hasSameOctets((left, index), (right, index)) { return false }
        return true
    }

    /// Both have their sets in the order of types.
    private func compare(
        _ left: ZoneView.Entry?, _ right: ZoneView.Entry?, _ body: (ZoneChange) -> Void
    ) {
        var (l, r) = (0, 0)
        while true {
            let (leftType, rightType) = (old.type(ofSet: l, of: left), new.type(ofSet: r, of: right))
            let type = min(leftType, rightType)
            if type == .max { return }
            compareSet(
                leftType == type ? left.map { ($0, l) } : nil, rightType == type ? right.map { ($0, r) } : nil, body)
            if leftType == type { l += 1 }
            if rightType == type { r += 1 }
        }
    }

    private typealias Set = (entry: ZoneView.Entry, index: Int)

    private func compareSet(_ left: Set?, _ right: Set?, _ body: (ZoneChange) -> Void) {
        if let left, let right, hasSameOctets(left, right) { return }
        for isSignatures in [false, true] {
            let before = records(of: left, in: old, isSignatures)
            let after = records(of: right, in: new, isSignatures)
            guard let first = before.first ?? after.first else { continue }
            let change = ZoneChange(owner: first.owner, type: first.type, before: before, after: after)
            if change.isReal { body(change) }
        }
    }

    private func records(of set: Set?, in view: ZoneView, _ isSignatures: Bool) -> [Record] {
        guard let (entry, index) = set else { return [] }
        return isSignatures ? view.signatures(index, of: entry) : view.records(index, of: entry)
    }

    /// Whether two blocks are the same octet for octet, so that nobody needs to read them.
    private func hasSameOctets(_ left: Set, _ right: Set) -> Bool {
        let (type, first) = old.set(left.index, of: left.entry)
        let (otherType, second) = new.set(right.index, of: right.entry)
        let isReferral = old.isReferral(type, left.entry)
        guard type == otherType, first.octetCount == second.octetCount, first.recordCount == second.recordCount,
            first.patchCount == second.patchCount, first.signatureCount == second.signatureCount,
            first.signatureOctetCount == second.signatureOctetCount, isReferral == new.isReferral(type, right.entry)
        else { return false }
        let count = first.octetCount &+ first.signatureOctetCount &+ first.patchCount &* 4 &+ (isReferral ? 8 : 0)
        return old.octets.isEqual(first.body, new.octets, second.body, count: count)
    }
}

/// Finds the entries of a zone by the names of another's, hidden ones too.
private struct EntryFinder: ~Copyable {
    let seed: UInt64
    private var name = LookupName()
    private var wire: [UInt8] = []
    /// Names that no question finds, which the zone's own table does not have; made when first needed.
    private var hidden: NameTable?

    init(seed: UInt64) { self.seed = seed }

    mutating func find(_ entry: ZoneView.Entry, of view: ZoneView, in other: ZoneView) -> ZoneView.Entry? {
        load(entry, of: view)
        if let found = other.existingEntry(name.labelCount, of: name) { return found }
        if hidden == nil {
            hidden = hiddenNames(of: other)
            load(entry, of: view)
        }
        let place = hidden?.find(name.hash(ofSuffix: name.labelCount)) { place in
            let candidate = other.entry(at: UInt32(truncatingIfNeeded: place))
            return candidate.nameCount == entry.nameCount && view.isName(of: entry, candidate.name, other.octets)
        }
        return place.map { other.entry(at: UInt32(truncatingIfNeeded: $0)) }
    }

    private mutating func load(_ entry: ZoneView.Entry, of view: ZoneView) {
        wire.removeAll(keepingCapacity: true)
        view.appendName(of: entry, to: &wire)
        _ = name.load(wire, seed: seed)
    }

    private mutating func hiddenNames(of view: ZoneView) -> NameTable {
        var count = 0
        view.forEachEntry(isHidden: true) { _ in count += 1 }
        let table = NameTable(parts: 1, count: count, allocate: MemoryRegion.plain)
        view.forEachEntry(isHidden: true) { entry in
            load(entry, of: view)
            _ = table.insert(
                name.hash(ofSuffix: name.labelCount), (entry.offset - view.layout.heap) / 4, where: { _ in false })
        }
        return table
    }
}

extension ZoneView {
    /// The SOA record of negative answers stands behind the last entry and its blocks.
    fileprivate var entriesEnd: Int { offset(layout.negative) }

    /// The apex's; entries follow each other in the order of the file, empty non-terminals last.
    var firstEntry: Entry? { layout.heap < entriesEnd ? entry(atOffset: layout.heap) : nil }

    func entry(behind entry: Entry) -> Entry? {
        let offset = end(of: entry)
        return offset < entriesEnd ? self.entry(atOffset: offset) : nil
    }

    /// The number of the type of the set at `index`; the highest there is where there is none.
    fileprivate func type(ofSet index: Int, of entry: Entry?) -> UInt32 {
        guard let entry, index < entry.setCount else { return .max }
        return UInt32(set(index, of: entry).type.rawValue)
    }

    /// Those that questions find, or those that they do not.
    func forEachEntry(isHidden: Bool, _ body: (Entry) -> Void) {
        var next = firstEntry
        while let entry = next {
            next = self.entry(behind: entry)
            if entry.marks.contains(.isHidden) == isHidden { body(entry) }
        }
    }

    /// Whether an entry's labels are, but for case, those that stand at `position` of other octets.
    func isName(of entry: Entry, _ position: Int, _ other: Octets) -> Bool {
        var done = 0
        while done < entry.nameCount {
            let step = min(8, entry.nameCount &- done)
            let word = ASCII.folded(octets.word(entry.name &+ done, count: step))
            if word != ASCII.folded(other.word(position &+ done, count: step)) { return false }
            done &+= step
        }
        return true
    }
}
