extension Name: Hashable {
    public static func == (left: Name, right: Name) -> Bool {
        left.wire.count == right.wire.count && Octets(left.wire.span).ends(with: Octets(right.wire.span))
    }

    public func hash(into hasher: inout Hasher) {
        let octets = Octets(wire.span)
        for offset in stride(from: 0, to: octets.count, by: 8) { hasher.combine(octets.folded(offset)) }
    }
}

extension Octets {
    /// Eight octets in lower case, or as many as there are.
    fileprivate func folded(_ offset: Int) -> UInt64 { ASCII.folded(word(offset, count: min(8, count &- offset))) }

    /// Whether the last octets are those of `other`, but for case.
    fileprivate func ends(with other: Octets) -> Bool {
        let start = count &- other.count
        for offset in stride(from: 0, to: other.count, by: 8) where folded(start &+ offset) != other.folded(offset) {
            return false
        }
        return true
    }

    /// Whether a name in uncompressed wire format is `ancestor`, one too, or stands below it.
    func isSubdomain(of ancestor: Octets) -> Bool {
        var offset = 0
        while count &- offset > ancestor.count { offset &+= Int(u8(offset)) &+ 1 }
        return count &- offset == ancestor.count && ends(with: ancestor)
    }
}

extension Label: Hashable {
    public static func == (left: Label, right: Label) -> Bool {
        left.octets.elementsEqual(right.octets) { ASCII.folded($0) == ASCII.folded($1) }
    }

    public func hash(into hasher: inout Hasher) {
        for octet in octets { hasher.combine(ASCII.folded(octet)) }
    }
}

/// The canonical order (RFC 4034 §6.1): by labels from the root down, as octet strings in lower case.
extension Name: Comparable {
    public static func < (left: Name, right: Name) -> Bool {
        let leftOffsets = left.labelOffsets
        let rightOffsets = right.labelOffsets
        for depth in 1...max(1, min(leftOffsets.count, rightOffsets.count)) {
            guard depth <= leftOffsets.count, depth <= rightOffsets.count else { break }
            let order = compareLabels(
                left.wire, leftOffsets[leftOffsets.count - depth],
                right.wire, rightOffsets[rightOffsets.count - depth])
            if order != 0 { return order < 0 }
        }
        return leftOffsets.count < rightOffsets.count
    }

    private static func compareLabels(_ left: [UInt8], _ l: Int, _ right: [UInt8], _ r: Int) -> Int {
        let leftCount = Int(left[l])
        let rightCount = Int(right[r])
        for index in 1...max(1, min(leftCount, rightCount)) {
            let difference = Int(ASCII.folded(left[l + index])) - Int(ASCII.folded(right[r + index]))
            if difference != 0 { return difference }
        }
        return leftCount - rightCount
    }
}
