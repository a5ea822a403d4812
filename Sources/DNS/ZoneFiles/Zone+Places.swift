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
        places(limit) { $1 == owner && (type == nil || $0 == type) }
    }

    /// The places of records whose owners are below a name: what makes an empty non-terminal exist.
    public func places(below ancestor: Name, limit: Int = .max) -> [SourcePlace] {
        places(limit) { $1.count > ancestor.count && $1.isSubdomain(of: ancestor) }
    }

    private func places(_ limit: Int, where isWanted: (RecordType, Name) -> Bool) -> [SourcePlace] {
        var places: [SourcePlace] = []
        var owner = origin
        var lastOwner = Zone.originOffset
        for (index, entry) in entries.enumerated() {
            if entry.owner != lastOwner { owner = self.owner(of: entry) }
            lastOwner = entry.owner
            guard isWanted(entry.type, owner), !files.isEmpty else { continue }
            let (file, text, start) = source(of: entry)
            var lines = LineCounter()
            lines.advance(to: start, in: text)
            places.append(SourcePlace(path: files[file].path, line: lines.line, record: self[index]))
            if places.count >= limit { break }
        }
        return places
    }
}
