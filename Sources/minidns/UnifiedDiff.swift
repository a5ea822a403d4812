/// What laying a file out changes, as `diff -u` prints it. The layout keeps lines in their order and only takes empty ones
/// away or adds them, so that others which differ stand for each other, and one pass is enough.
struct UnifiedDiff {
    private enum Kind: Character {
        case same = " "
        case removed = "-"
        case added = "+"
    }

    private var lines: [(kind: Kind, text: ArraySlice<UInt8>)] = []

    private static let contextCount = 3

    init(from old: [UInt8], to new: [UInt8]) {
        let (old, new) = (Self.lines(of: old), Self.lines(of: new))
        var (left, right) = (0, 0)
        var (removed, added) = (0, 0)
        // What is gone stands before what is new.
        func change() -> [(Kind, ArraySlice<UInt8>)] {
            old[left - removed..<left].map { (.removed, $0) } + new[right - added..<right].map { (.added, $0) }
        }
        while left < old.count || right < new.count {
            if left < old.count, right < new.count, old[left] == new[right] {
                lines += change() + [(.same, old[left])]
                (left, right, removed, added) = (left + 1, right + 1, 0, 0)
                continue
            }
            let isGone =
                left < old.count && (right == new.count || Self.isBlank(old[left]) || !Self.isBlank(new[right]))
            let isNew = right < new.count && (left == old.count || !Self.isBlank(old[left]))
            if isGone { (left, removed) = (left + 1, removed + 1) }
            if isNew { (right, added) = (right + 1, added + 1) }
        }
        lines += change()
    }

    /// With their ends.
    private static func lines(of text: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        while start < text.count {
            let end = text[start...].firstIndex(of: 0x0A).map { $0 + 1 } ?? text.count
            lines.append(text[start..<end])
            start = end
        }
        return lines
    }

    private static func isBlank(_ line: ArraySlice<UInt8>) -> Bool { line.allSatisfy { $0 <= 0x20 } }

    /// To be applied with `patch -p0`.
    func octets(path: String) -> [UInt8] {
        var octets = Array("--- \(path)\n+++ \(path)\n".utf8)
        var (old, new, start) = (1, 1, 0)
        for hunk in hunks {
            (old, new) = (old + hunk.lowerBound - start, new + hunk.lowerBound - start)
            let oldCount = lines[hunk].count { $0.kind != .added }
            let newCount = lines[hunk].count { $0.kind != .removed }
            // Where there is no line, it is the one before that is named.
            let (oldStart, newStart) = (oldCount == 0 ? old - 1 : old, newCount == 0 ? new - 1 : new)
            octets += "@@ -\(oldStart),\(oldCount) +\(newStart),\(newCount) @@\n".utf8
            for line in lines[hunk] {
                octets += String(line.kind.rawValue).utf8 + line.text
                if line.text.last != 0x0A { octets += "\n\\ No newline at end of file\n".utf8 }
            }
            (old, new, start) = (old + oldCount, new + newCount, hunk.upperBound)
        }
        return octets
    }

    /// Changes with the lines around them.
    private var hunks: [Range<Int>] {
        var hunks: [Range<Int>] = []
        for index in lines.indices where lines[index].kind != .same {
            let (start, end) = (max(0, index - Self.contextCount), min(lines.count, index + Self.contextCount + 1))
            if let last = hunks.last, last.upperBound >= start {
                hunks[hunks.count - 1] = last.lowerBound..<end
            } else {
                hunks.append(start..<end)
            }
        }
        return hunks
    }
}
