import DNS

extension ZoneReport {
    /// What tells the zone from the version that was served before it, in about `limit` lines; none where there was none.
    /// A large zone takes some time: to be asked when the new version is served.
    public func changes(limit: Int) -> [String] {
        guard state == .loaded, let former, let zone else { return [] }
        return ZoneDifference(from: former, to: zone, limit: limit).summary(limit: limit)
    }
}
