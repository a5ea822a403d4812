/// What somebody who mistyped a word may have meant.
public enum Suggestion {
    /// `; did you mean MX?`, or nothing where no candidate is near. Case does not count.
    public static func text(for word: String, among candidates: [String]) -> String {
        let typed = Array(word.uppercased().utf8)
        guard typed.count >= 2, typed.count <= 16 else { return "" }
        let allowed = typed.count < 4 ? 1 : 2
        let near = candidates.map { ($0, distance(typed, Array($0.uppercased().utf8))) }
        guard let best = near.filter({ $0.1 <= allowed }).min(by: { $0.1 < $1.1 }) else { return "" }
        return "; did you mean \(best.0)?"
    }

    /// How many octets must be put in, left out, replaced, or swapped with the next one.
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for i in left.indices {
            var row = [i + 1]
            for j in right.indices {
                var best = min(last[j] + (left[i] == right[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    best = min(best, beforeLast[j - 1] + 1)
                }
                row.append(best)
            }
            beforeLast = last
            last = row
        }
        return last[right.count]
    }
}
