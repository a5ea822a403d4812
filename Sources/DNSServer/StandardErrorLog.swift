import Linux
public import Logging
import Synchronization

/// Writes `level: message` to standard error, after the time where that is wanted and the journal
/// does not add it. Nobody waits for a reader that is stuck: lines are dropped then, and counted.
public struct StandardErrorLog: LogHandler {
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    private let stampsTime: Bool
    private let stream = Stream()

    /// How long the first line that finds no room waits; those after it wait for nothing.
    private static let patienceMilliseconds = 200
    /// Lines a second; as many may come at once.
    private static let linesPerSecond = 1_000

    private final class Stream: Sendable {
        let state = Mutex(State())
    }

    private struct State {
        /// Lines that were dropped since the last that was written.
        var dropped = 0
        /// When all lines so far would be written at an even pace, in nanoseconds of `Clock`.
        var paced: UInt64 = 0

        /// Whether another line may be written now.
        mutating func paces(_ now: UInt64) -> Bool {
            guard paced < now + 1_000_000_000 else { return false }
            paced = max(paced, now) + 1_000_000_000 / UInt64(linesPerSecond)
            return true
        }
    }

    public init(level: Logger.Level, stampsTime: Bool = true) {
        logLevel = level
        self.stampsTime = stampsTime && !StandardStreams.errorIsJournal
    }

    public subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let time = stampsTime ? "\(Clock.timestamp()) " : ""
        stream.state.withLock { state in
            let dropped = state.dropped
            let remark = dropped == 0 ? "" : "\(time)warning: \(dropped) lines were lost before this\n"
            let patience = dropped == 0 ? Self.patienceMilliseconds : 0
            let lines = "\(remark)\(time)\(event.level): \(event.message)\n"
            let isWritten =
                state.paces(Clock.nanoseconds) && StandardStreams.write(lines, to: 2, patienceMilliseconds: patience)
            state.dropped = isWritten ? 0 : dropped + 1
        }
    }
}
