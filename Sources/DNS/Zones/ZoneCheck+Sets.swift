extension ZoneCheck {
    /// Sets up to this size are searched for equal records one by one.
    private static let smallSet = 8

    /// One TTL a set, no record twice, and a size that fits a message.
    func normalizeSets(of number: Int, _ records: ZoneRecords, _ findings: inout Findings) {
        let entries = records.entries(of: index.nodes[number])
        var dropped: Set<Int> = []
        var start = 0
        while start < entries.count {
            let end = records.endOfSet(at: start, entries)
            if records.entries[entries[start]].type == .soa, number != ZoneIndex.apex {
                for index in start..<end { findings.misplaced.append(entries[index]) }
            }
            let set = entries.slice(start..<end)
            if set.count > 1 {
                if records.key(set[0]) & 1 == 0 { levelTTLs(of: set, records, &findings) }
                if set.count > ZoneCheck.smallSet {
                    findDuplicates(in: set, records, &findings.problems, &dropped)
                } else {
                    compare(set, records, &findings.problems, &dropped)
                }
            }
            checkSize(of: set, without: dropped, records, &findings.problems)
            start = end
        }
        guard !dropped.isEmpty else { return }
        var kept: [UInt32] = []
        for position in 0..<entries.count where !dropped.contains(entries[position]) {
            kept.append(UInt32(truncatingIfNeeded: entries[position]))
        }
        findings.kept.append((number, kept))
    }

    /// RFC 2181 §5: a record that equals another one but for the case of names is the same record.
    private func findDuplicates(
        in set: borrowing ZoneIndex.Entries, _ records: ZoneRecords, _ problems: inout ZoneProblems,
        _ dropped: inout Set<Int>
    ) {
        var seen = Set<[UInt8]>(minimumCapacity: set.count)
        for position in 0..<set.count where !seen.insert(canonical(set[position], records)).inserted {
            drop(set[position], records, &problems, &dropped)
        }
    }

    /// The same for few records.
    private func compare(
        _ set: borrowing ZoneIndex.Entries, _ records: ZoneRecords, _ problems: inout ZoneProblems,
        _ dropped: inout Set<Int>
    ) {
        for right in 1..<set.count {
            for left in 0..<right where isSame(set[left], set[right], records) {
                drop(set[right], records, &problems, &dropped)
                break
            }
        }
    }

    private func isSame(_ left: Int, _ right: Int, _ records: ZoneRecords) -> Bool {
        let (one, other) = (records.entries[left], records.entries[right])
        guard one.dataCount == other.dataCount,
            records.isSame(Int(one.data), Int(other.data), count: Int(one.dataCount))
        else { return false }
        return canonical(left, records) == canonical(right, records)
    }

    private func canonical(_ entry: Int, _ records: ZoneRecords) -> [UInt8] {
        var octets: [UInt8] = []
        let record = records.entries[entry]
        RecordRegistry.format(of: record.type).appendCanonical(
            records.octets.span(Int(record.data), Int(record.dataCount)), to: &octets)
        return octets
    }

    private func drop(_ entry: Int, _ records: ZoneRecords, _ problems: inout ZoneProblems, _ dropped: inout Set<Int>) {
        let type = records.entries[entry].type
        problems.report(.duplicateRecord, at: entry, "the same \(type) record stands here again and counts once")
        dropped.insert(entry)
    }

    /// RFC 2181 §5.2: the TTLs of a set must be equal; the lowest is served.
    private func levelTTLs(
        of set: borrowing ZoneIndex.Entries, _ records: ZoneRecords, _ findings: inout Findings
    ) {
        var lowest = UInt32.max
        for position in 0..<set.count { lowest = min(lowest, records.entries[set[position]].ttl) }
        var odd: Int?
        for position in 0..<set.count where records.entries[set[position]].ttl != lowest {
            odd = odd ?? set[position]
            findings.levelled.append((set[position], lowest))
        }
        if let odd {
            let type = records.entries[odd].type
            findings.problems.report(
                .ttlDiffers, at: odd, "all \(type) records of one name should have one TTL; \(lowest) is served")
        }
    }

    private func checkSize(
        of set: borrowing ZoneIndex.Entries, without dropped: Set<Int>, _ records: ZoneRecords,
        _ problems: inout ZoneProblems
    ) {
        var size = 0
        var second: Int?
        // The first of equal records is never dropped.
        let first = set[0]
        for position in 0..<set.count where dropped.isEmpty || !dropped.contains(set[position]) {
            size += 12 + Int(records.entries[set[position]].dataCount)
            if position > 0 { second = second ?? set[position] }
        }
        let type = records.entries[first].type
        if size > Limits.setCount {
            problems.report(.largeSet, at: first, "the \(type) records of one name must fit a message of 65,535 octets")
        }
        if let second, type == .soa || type == .cname || type == .dname {
            problems.report(.severalRecords, at: second, "a name must have at most one \(type) record")
        }
    }
}
