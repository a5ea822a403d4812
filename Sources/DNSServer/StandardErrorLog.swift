import Linux
public import Logging
import Synchronization

/// Writes `level: message` to standard error, after the time where that is wanted and the journal
/// does not add it. Nobody waits for a reader: lines that find no room are dropped, and counted.
public struct StandardErrorLog: LogHandler {
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    private let stampsTime: Bool
    private let stream: Stream

    /// Octets that a pipe has room for, where the system gives as many: about those of as many lines as come at once.
    private static let pipeSize: Int32 = 1 << 20

    private final class Stream: Sendable {
        let state: Mutex<(dropped: Int, pace: LinePace)>

        init(_ pace: LinePace) {
            state = Mutex((0, pace))
        }
    }

    /// - Parameter linesPerSecond: how many may come, and ten times as many at once; those beyond are dropped.
    public init(level: Logger.Level, stampsTime: Bool = true, linesPerSecond: Int = 1_000) {
        StandardStreams.enlargePipe(2, to: Self.pipeSize)
        stream = Stream(LinePace(linesPerSecond: linesPerSecond))
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
            let lines = "\(remark)\(time)\(event.level): \(event.message)\n"
            let isWritten =
                state.pace.allows(Clock.nanoseconds)
                && StandardStreams.write(lines, to: 2, patienceMilliseconds: 0)
            state.dropped = isWritten ? 0 : dropped + 1
        }
    }
}

/// Whether lines come too fast.
struct LinePace {
    private let step: UInt64
    /// When all lines so far would be written at an even pace, in nanoseconds.
    private var end: UInt64 = 0

    private static let ahead: UInt64 = 10_000_000_000

    init(linesPerSecond: Int) {
        step = 1_000_000_000 / UInt64(max(1, linesPerSecond))
    }

    mutating func allows(_ now: UInt64) -> Bool {
        guard end < now + Self.ahead else { return false }
        end = max(end, now) + step
        return true
    }
}
