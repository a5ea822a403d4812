/// Where a record stands in a zone's files.
public struct SourcePlace: Sendable, Hashable {
    /// As the user named the file.
    public let path: String
    /// Counted from 1.
    public let line: Int
    public let record: Record
}

extension Zone {
    /// The places of the records of a name, of one type where that is said; in the order of the files, at most `limit`.
    public func places(of owner: Name, _ type: RecordType? = nil, limit: Int = .max) -> [SourcePlace] {
        places(limit: limit, { $0 == owner.wire.count }, ofNamesEndingIn: owner, type)
    }

    /// The place of the first record whose owner is below a name: what makes an empty non-terminal exist.
    public func firstPlace(below ancestor: Name) -> SourcePlace? {
        places(limit: 1, { $0 > ancestor.wire.count }, ofNamesEndingIn: ancestor, nil).first
    }

    private func places(
        limit: Int, _ hasCount: (Int) -> Bool, ofNamesEndingIn suffix: Name, _ type: RecordType?
    ) -> [SourcePlace] {
        var places: [SourcePlace] = []
        var lastOwner = UInt32.max
        var isWanted = false
        for (index, entry) in entries.enumerated() where places.count < limit {
            if entry.owner != lastOwner {
                lastOwner = entry.owner
                isWanted = hasSuffix(suffix.wire, entry.owner, hasCount)
            }
            guard isWanted, type == nil || type == entry.type, Int(entry.file) < files.count else { continue }
            let file = files[Int(entry.file)]
            var lines = LineCounter()
            lines.advance(to: Int(entry.source), in: file.text)
            places.append(SourcePlace(path: file.path, line: lines.line, record: self[index]))
        }
        return places
    }

    /// Whether the name at `start` ends in a suffix and its octets are as many as is wanted.
    private func hasSuffix(_ suffix: [UInt8], _ start: UInt32, _ hasCount: (Int) -> Bool) -> Bool {
        var end = Int(start)
        var suffixStart = -1
        while octets[end] != 0 { end += Int(octets[end]) + 1 }
        let count = end + 1 - Int(start)
        guard hasCount(count), count >= suffix.count else { return false }
        // The suffix must begin where a label does.
        var offset = Int(start)
        while offset <= end {
            if end + 1 - offset == suffix.count { suffixStart = offset }
            offset += Int(octets[offset]) + 1
        }
        guard suffixStart >= 0 else { return false }
        return suffix.indices.allSatisfy { ASCII.folded(octets[suffixStart + $0]) == ASCII.folded(suffix[$0]) }
    }
}
