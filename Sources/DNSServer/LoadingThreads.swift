import Linux
import Synchronization

/// The threads that load zones: many zones are spread over them, and a large one takes those that have nothing to do.
final class LoadingThreads: Sendable {
    /// How many more may be started.
    private let idle: Atomic<Int>

    /// - Parameter count: how many may work at once, the calling one included.
    init(_ count: Int) {
        idle = Atomic(max(0, count - 1))
    }

    /// Runs `work` for each number below `count`, on the calling thread and on those that are idle, and returns when all
    /// is done. What it runs may use it too.
    func run(_ count: Int, _ work: @Sendable (_ index: Int) -> Void) {
        withoutActuallyEscaping(work) { work in
            let claims = Claims(count)
            let doSome: @Sendable () -> Void = {
                while let index = claims.next() { work(index) }
            }
            var helpers: [Linux.Thread] = []
            while helpers.count < count - 1, takeIdle(), let helper = start(helpers.count + 1, doSome) {
                helpers.append(helper)
            }
            doSome()
            for helper in helpers { helper.join() }
        }
    }

    private func takeIdle() -> Bool {
        if idle.subtract(1, ordering: .acquiringAndReleasing).newValue >= 0 { return true }
        idle.add(1, ordering: .releasing)
        return false
    }

    /// Nil where the system has no thread for us: others do its part.
    private func start(_ number: Int, _ body: @escaping @Sendable () -> Void) -> Linux.Thread? {
        let thread = try? Linux.Thread(name: "load-\(number)", stackSize: 8 << 20) { [self] in
            body()
            idle.add(1, ordering: .releasing)
        }
        if thread == nil { idle.add(1, ordering: .releasing) }
        return thread
    }
}

/// Numbers that are taken one by one by several threads.
private final class Claims: Sendable {
    private let taken = Atomic(0)
    private let count: Int

    init(_ count: Int) {
        self.count = count
    }

    func next() -> Int? {
        let index = taken.add(1, ordering: .relaxed).oldValue
        return index < count ? index : nil
    }
}
