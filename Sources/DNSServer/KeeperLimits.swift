/// Times and bounds of a `ZoneKeeper`.
public struct KeeperLimits: Sendable {
    /// Events this close to each other are one burst, which is loaded and published together; it is cut where it lasts longer.
    public var quietMilliseconds = 10
    public var burstMilliseconds = 200
    /// How long a file that is gone is taken to be on its way: editors move files away before they write them anew.
    public var vanishedMilliseconds = 500
    /// How old the last change of a broken file must be before that is told: a younger one may be half-written.
    public var settledMilliseconds = 1_000
    /// When such a file is read again after its first failure; doubled each time.
    public var retryMilliseconds = 25
    /// How often it is at most.
    public var retries = 6
    /// How long a file that somebody has opened and writes is left alone after the last octet, and in all.
    public var writerMilliseconds = 1_000
    public var longestWriteMilliseconds = 10_000
    /// How often it is made sure that watched paths still lead to where they did.
    public var pathCheckMilliseconds = 2_000
    /// Bursts that are loaded at the same time, so that a large zone delays no other.
    public var loadingsAtOnce = 4

    public init() {}
}
