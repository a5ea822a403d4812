/// The keys that come most often, of any number, in memory for a few: "space-saving" (Metwally, Agrawal and El Abbadi
/// 2005). A key that comes more often than once in `capacity` is there. What it counts is between `counts`, which has what
/// its place counted for others before, and that without `inherited`.
struct Sketch<Key: Hashable> {
    private let capacity: Int
    private var places: [Key: Int] = [:]
    private var keys: [Key] = []
    private var counts: [Int] = []
    private var inherited: [Int] = []
    /// All that came, as far as it is not forgotten.
    private(set) var total = 0

    init(capacity: Int) {
        self.capacity = capacity
    }

    mutating func add(_ key: Key) {
        total += 1
        if let place = places[key] {
            counts[place] += 1
        } else if keys.count < capacity {
            places[key] = keys.count
            keys.append(key)
            counts.append(1)
            inherited.append(0)
        } else {
            var least = 0
            for place in counts.indices where counts[place] < counts[least] { least = place }
            places[keys[least]] = nil
            places[key] = least
            keys[least] = key
            inherited[least] = counts[least]
            counts[least] += 1
        }
    }

    /// Halves all counts, so that what was long ago counts less and less.
    mutating func fade() {
        for place in counts.indices {
            counts[place] /= 2
            inherited[place] /= 2
        }
        total /= 2
    }

    /// The keys that came most often, the most frequent first, and how often they came at least.
    func most(_ number: Int) -> [(key: Key, count: Int)] {
        let sure = counts.indices.map { counts[$0] - inherited[$0] }
        let order = sure.indices.filter { sure[$0] > 0 }.sorted { (sure[$0], $1) > (sure[$1], $0) }
        return order.prefix(number).map { (keys[$0], sure[$0]) }
    }
}
