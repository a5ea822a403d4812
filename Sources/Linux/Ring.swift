import Synchronization

/// A queue of bounded length from one thread to one other, neither of which ever waits for the other.
///
///     first            last                the numbers of elements, which only grow
///     ▼                ▼
///     │ a │ b │ c │ d │   │   │ …          element n stands at n mod count
///
/// The writer alone moves `last`, after it has put an element there; the reader alone moves `first`, after it has taken
/// one away.
@safe
public final class Ring<Element: Sendable>: @unchecked Sendable {
    private let base: UnsafeMutablePointer<Element>
    private let count: Int
    private let first = Atomic(0)
    // Nothing that both threads write stands on one line of the processor's cache.
    private let padding = InlineArray<16, Int>(repeating: 0)
    private let last = Atomic(0)

    /// - Parameter count: how many elements there is room for; rounded up to a power of two. Memory is used as it is
    ///   filled.
    public init(count: Int) {
        self.count = 1 << (Int.bitWidth - max(0, count - 1).leadingZeroBitCount)
        unsafe base = .allocate(capacity: self.count)
    }

    deinit {
        while pop() != nil {}
        unsafe base.deallocate()
    }

    /// Called by the writer; false where there is no room.
    public func push(_ element: Element) -> Bool {
        let place = last.load(ordering: .relaxed)
        guard place &- first.load(ordering: .acquiring) < count else { return false }
        // Sound: masked, the place lies inside. It is behind the last element and less than a round before the first, so
        // nothing stands there, and the reader comes here only when `last` has moved on.
        unsafe (base + (place & (count &- 1))).initialize(to: element)
        last.store(place &+ 1, ordering: .releasing)
        return true
    }

    /// Called by the reader; nil where there is none.
    public func pop() -> Element? {
        let place = first.load(ordering: .relaxed)
        guard place != last.load(ordering: .acquiring) else { return nil }
        // Sound: between first and last stands an element, which the writer leaves alone until `first` has moved on.
        let element = unsafe (base + (place & (count &- 1))).move()
        first.store(place &+ 1, ordering: .releasing)
        return element
    }
}
