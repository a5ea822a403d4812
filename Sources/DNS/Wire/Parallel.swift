/// Runs work(0) … work(count - 1), possibly at the same time, and returns when all are done.
public typealias Parallel = (_ count: Int, _ work: @Sendable (_ index: Int) -> Void) -> Void
