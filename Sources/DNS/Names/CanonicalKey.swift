/// The canonical order of names below one origin (RFC 4034 §6.1), by words where that is enough.
enum CanonicalKey {
    /// The first eight octets of a string that sorts as the name does: its labels from the origin down, in lower case,
    /// each ended by 0, with 0 and 1 inside a label written as two octets.
    static func key(of name: borrowing LookupName, originLabels: Int) -> UInt64 {
        var key: UInt64 = 0
        var room = 8
        func append(_ octet: UInt8) {
            guard room > 0 else { return }
            room -= 1
            key |= UInt64(octet) &<< UInt64(room &* 8)
        }
        let octets = name.octets()
        var labels = originLabels
        while labels < name.labelCount, room > 0 {
            labels += 1
            let start = name.offset(ofSuffix: labels)
            for index in 0..<Int(octets.u8(start)) where room > 0 {
                let octet = octets.u8(start &+ 1 &+ index)
                if octet < 2 {
                    append(1)
                    append(octet &+ 1)
                } else {
                    append(octet)
                }
            }
            append(0)
        }
        return key
    }

    /// Compares a name with the one whose labels below the origin stand at `position` of `octets`, `count` octets in all:
    /// below zero where the name comes first.
    static func compare(
        _ name: borrowing LookupName, originLabels: Int, _ octets: Octets, _ position: Int, _ count: Int
    ) -> Int {
        var offsets = InlineArray<128, UInt8>(repeating: 0)
        var labels = 0
        var offset = 0
        while offset < count, labels < 128 {
            offsets[labels] = UInt8(truncatingIfNeeded: offset)
            offset &+= Int(octets.u8(position &+ offset)) &+ 1
            labels &+= 1
        }
        let own = name.octets()
        let ownLabels = name.labelCount &- originLabels
        for depth in 1...max(1, min(labels, ownLabels)) {
            guard depth <= labels, depth <= ownLabels else { break }
            let left = name.offset(ofSuffix: originLabels &+ depth)
            let right = position &+ Int(offsets[labels &- depth])
            let order = compareLabels(own, left, octets, right)
            if order != 0 { return order }
        }
        return ownLabels &- labels
    }

    private static func compareLabels(_ left: Octets, _ l: Int, _ right: Octets, _ r: Int) -> Int {
        let leftCount = Int(left.u8(l))
        let rightCount = Int(right.u8(r))
        for index in 0..<min(leftCount, rightCount) {
            let difference = Int(left.u8(l &+ 1 &+ index)) &- Int(ASCII.folded(right.u8(r &+ 1 &+ index)))
            if difference != 0 { return difference }
        }
        return leftCount &- rightCount
    }
}
