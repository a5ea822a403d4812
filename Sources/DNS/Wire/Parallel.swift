import Synchronization

/// Runs work(0) … work(count - 1), possibly at the same time, and returns when all are done.
public typealias Parallel = (_ count: Int, _ work: @Sendable (_ index: Int) -> Void) -> Void

/// What several threads make, one result each.
final class PieceResults<Result: Sendable>: Sendable {
    private let places: Mutex<[Result?]>

    init(count: Int) { places = Mutex(Array(repeating: nil, count: count)) }

    func set(_ result: Result, at index: Int) { places.withLock { $0[index] = result } }

    /// All that was made, in order.
    func take() -> [Result] { places.withLock { $0.compactMap(\.self) } }
}
