import Linux
public import Logging

/// Writes `level: message` to standard error, after the time unless the journal adds it.
public struct StandardErrorLog: LogHandler {
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    private let stampsTime: Bool

    public init(level: Logger.Level) {
        logLevel = level
        stampsTime = !StandardStreams.errorIsJournal
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
