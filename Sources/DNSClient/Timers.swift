/// Moments to wake up at, the next one first: a binary heap.
struct Timers {
    struct Entry {
        let moment: Int
        let flight: UInt64
        /// Which attempt of the flight it ends; a later attempt does not care.
        let attempt: Int
    }

    private var heap: [Entry] = []

    var next: Int? { heap.first?.moment }

    mutating func add(_ entry: Entry) {
        heap.append(entry)
        var index = heap.count - 1
        while index > 0, heap[(index - 1) / 2].moment > entry.moment {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// Removes the next one where its moment has come.
    mutating func pop(now: Int) -> Entry? {
        guard let first = heap.first, first.moment <= now, let last = heap.popLast() else { return nil }
        if heap.isEmpty { return first }
        heap[0] = last
        var index = 0
        while let child = earliestChild(of: index), heap[child].moment < last.moment {
            heap.swapAt(index, child)
            index = child
        }
        return first
    }

    private func earliestChild(of index: Int) -> Int? {
        let left = 2 * index + 1
        guard left < heap.count else { return nil }
        return left + 1 < heap.count && heap[left + 1].moment < heap[left].moment ? left + 1 : left
    }
}
