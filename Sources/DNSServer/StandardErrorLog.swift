import Linux
public import Logging

/// Writes `level: message` to standard error, after the time where that is wanted and the journal
/// does not add it.
public struct StandardErrorLog: LogHandler {
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    private let stampsTime: Bool

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
        StandardStreams.write("\(time)\(event.level): \(event.message)\n", to: 2)
    }
}
