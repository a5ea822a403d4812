/// A zone that may be served: only `check` makes one, and only of one can a compiled zone be made.
///
/// Its records are as they will be answered: no duplicates, one TTL a set.
public struct CheckedZone: ~Copyable {
    var zone: Zone
    var index: ZoneIndex

    /// Looks for what the format of each record cannot show: the rules between records. Nil where the zone must not
    /// be served; `result` says why, and warns of what is lawful but doubtful.
    static func check(
        _ zone: consuming Zone, seed: UInt64, work: ZoneWork, result: inout ZoneLoadResult,
        read: (_ path: String) -> Result<[UInt8], ZoneReadError>
    ) -> CheckedZone? {
        var index = ZoneIndex(copy zone, seed: seed, work: work)
        let findings = ZoneCheck(copy zone, index).run(work)
        if !findings.problems.isEmpty { zone.readText(read) }
        result.add(findings.problems, in: copy zone)
        if findings.problems.errorCount > 0 { return nil }
        for change in findings.levelled { zone.entries[change.entry].ttl = change.ttl }
        for change in findings.kept { index.keep(change.entries, of: change.node) }
        // Nobody asks for the text any more.
        zone.files = []
        return CheckedZone(zone: zone, index: index)
    }

    private init(zone: consuming Zone, index: consuming ZoneIndex) {
        self.zone = zone
        self.index = index
    }
}
