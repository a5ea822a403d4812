/// What became of looking a name and a type up in a zone (RFC 1034 §4.3.2). The writer decides nothing more.
enum Lookup {
    /// The set exists, at the name or at the wildcard that stands for it.
    case answer(ZoneView.Block, ZoneView.Match)
    /// The name exists and all of it is wanted (type ANY), or the signatures of all of it (type RRSIG).
    case everything(ZoneView.Match)
    case signatures(ZoneView.Match)
    /// A CNAME record, to be followed.
    case alias(ZoneView.Block, ZoneView.Match)
    /// A DNAME record at the ancestor with `labels` labels, which redirects what is below.
    case redirection(ZoneView.Block, labels: Int)
    /// The cut with `labels` labels, at the name or above it.
    case referral(ZoneView.Entry, labels: Int)
    case noData(ZoneView.Match)
    /// Neither the name exists nor a wildcard for it; its closest encloser has `labels` labels.
    case nameError(encloser: ZoneView.Entry, labels: Int)
}

extension ZoneView {
    /// Where the data for a name is found.
    struct Match {
        let entry: Entry
        private let labelCount: UInt8
        let isSynthesized: Bool

        init(entry: Entry, labels: Int, isSynthesized: Bool) {
            self.entry = entry
            labelCount = UInt8(truncatingIfNeeded: labels)
            self.isSynthesized = isSynthesized
        }

        /// Labels of the name, or of the closest encloser, of which the entry is the wildcard.
        var labels: Int { Int(labelCount) }
    }

    /// Looks `name`, which is the apex or below it, up for `type`.
    func lookup(_ name: borrowing LookupName, _ type: RecordType) -> Lookup {
        // The longest suffix that can exist, first: for most questions it is the name itself, and there.
        let longest = min(name.labelCount, Int(layout.deepestLabels))
        if let entry = entry(longest, of: name) {
            return longest == name.labelCount
                ? answer(from: entry, type, labels: longest) : below(entry, labels: longest, name, type)
        }
        // Of the name's suffixes those exist that are no longer than the closest encloser, so it is found by
        // halves. Names below a cut or a DNAME cannot be found: they do not hide it.
        var low = Int(layout.originLabels)
        var high = longest
        var encloser = apex
        while high &- low > 1 {
            let middle = (low &+ high) &>> 1
            if let entry = entry(middle, of: name) {
                low = middle
                encloser = entry
            } else {
                high = middle
            }
        }
        return below(encloser, labels: low, name, type)
    }

    /// The name exists.
    private func answer(from entry: Entry, _ type: RecordType, labels: Int) -> Lookup {
        let match = Match(entry: entry, labels: labels, isSynthesized: false)
        guard entry.marks.contains(.zoneCut) else { return data(of: match, type) }
        // RFC 4035 §3.1.4.1: DS stands at the cut, but on the parent's side.
        guard type == .ds else { return .referral(entry, labels: labels) }
        return block(.ds, of: entry).map { .answer($0, match) } ?? .noData(match)
    }

    /// The data of an entry that is no cut, under its own name or that of the question.
    private func data(of match: Match, _ type: RecordType) -> Lookup {
        let entry = match.entry
        if type == .any { return entry.setCount > 0 ? .everything(match) : .noData(match) }
        if type == .rrsig { return hasSignatures(entry) ? .signatures(match) : .noData(match) }
        if let block = block(type, of: entry), block.recordCount > 0 { return .answer(block, match) }
        // RFC 4034 §4: NSEC may stand beside CNAME, and is not followed.
        if entry.marks.contains(.hasAlias), type != .nsec, let alias = block(.cname, of: entry) {
            return .alias(alias, match)
        }
        return .noData(match)
    }

    private func hasSignatures(_ entry: Entry) -> Bool {
        (0..<entry.setCount).contains { set($0, of: entry).block.signatureCount > 0 }
    }

    /// The name does not exist; `encloser` is its closest encloser, or the cut or DNAME above it.
    private func below(_ encloser: Entry, labels: Int, _ name: borrowing LookupName, _ type: RecordType) -> Lookup {
        if encloser.marks.contains(.zoneCut) { return .referral(encloser, labels: labels) }
        if encloser.marks.contains(.hasDNAME), let block = block(.dname, of: encloser) {
            return .redirection(block, labels: labels)
        }
        // RFC 4592 §3.3.1: the source of synthesis is the wildcard at the closest encloser, and no other.
        guard encloser.marks.contains(.hasWildcard), let source = wildcard(below: labels, of: name) else {
            return .nameError(encloser: encloser, labels: labels)
        }
        return data(of: Match(entry: source, labels: labels, isSynthesized: true), type)
    }
}
