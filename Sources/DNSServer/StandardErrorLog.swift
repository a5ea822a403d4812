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

    private final class Stream: Sendable {
        /// Lines that were dropped since the last that was written.
        let dropped = Mutex(0)
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
        stream.dropped.withLock { dropped in
            let remark = dropped == 0 ? "" : "\(time)warning: \(dropped) lines were lost before this\n"
            let patience = dropped == 0 ? Self.patienceMilliseconds : 0
            let lines = "\(remark)\(time)\(event.level): \(event.message)\n"
            dropped = StandardStreams.write(lines, to: 2, patienceMilliseconds: patience) ? 0 : dropped + 1
        }
    }
}
