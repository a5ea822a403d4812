import Linux
import Synchronization

/// The threads that load zones: many zones are spread over them, and a large one takes those that have nothing to do.
final class LoadingThreads: Sendable {
    /// How many more may be started; nil before that is asked for, which takes longer than loading a small zone.
    private let idle: Mutex<Int?>

    /// - Parameter count: how many may work at once, the calling one included; nil for as many as the process may use
    ///   processors.
    init(_ count: Int?) {
        idle = Mutex(count.map { $0 - 1 })
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
        idle.withLock { idle in
            let left = idle ?? Machine.processors - 1
            idle = max(0, left - 1)
            return left > 0
        }
    }

    private func giveBack() { idle.withLock { $0 = ($0 ?? 0) + 1 } }

    /// Nil where the system has no thread for us: others do its part.
    private func start(_ number: Int, _ body: @escaping @Sendable () -> Void) -> Linux.Thread? {
        let thread = try? Linux.Thread(name: "load-\(number)", stackSize: 8 << 20) { [self] in
            body()
            giveBack()
        }
        if thread == nil { giveBack() }
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
