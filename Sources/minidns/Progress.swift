import Linux
import Synchronization

/// Says on standard error, where that is a terminal, how far something is that takes more than half a second: on one line,
/// which is gone at the end.
final class Progress: Sendable {
    private let end: Wakeup?
    private let thread: Linux.Thread?

    private static let patienceMilliseconds = 500
    private static let stepMilliseconds = 100

    init(_ text: @autoclosure @escaping @Sendable () -> String) {
        guard StandardStreams.isTerminal(2), Environment["TERM"] != "dumb", let end = try? Wakeup() else {
            (end, thread) = (nil, nil)
            return
        }
        let start = Clock.milliseconds
        self.end = end
        thread = try? Linux.Thread(name: "progress") {
            // A terminal that is stopped keeps nobody waiting.
            func show(_ line: String) { StandardStreams.write("\r\(line)\u{1B}[K", to: 2, patienceMilliseconds: 0) }
            var isShown = false
            while !end.wait(milliseconds: isShown ? Self.stepMilliseconds : Self.patienceMilliseconds) {
                isShown = true
                show("\(text()), \((Clock.milliseconds - start) / 1000) s")
            }
            if isShown { show("") }
        }
    }

    /// Ends it, if it has not ended yet.
    func stop() {
        end?.signal()
        thread?.join()
    }

    /// Shows it while something is done.
    static func show<Result, Failure>(
        _ text: @autoclosure @escaping @Sendable () -> String, while body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let progress = Progress(text())
        defer { progress.stop() }
        return try body()
    }
}
