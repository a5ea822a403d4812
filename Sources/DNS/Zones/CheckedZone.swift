/// A zone that may be served: only `check` makes one, and only of one can a compiled zone be made.
///
/// Its records are as they will be answered: no duplicates, one TTL a set.
public struct CheckedZone: ~Copyable {
    var zone: Zone
    var index: ZoneIndex

    /// Looks for what the format of each record cannot show: the rules between records. Nil where the zone must not
    /// be served; `problems` says why, and warns of what is lawful but doubtful.
    public static func check(
        _ zone: consuming Zone, seed: UInt64, problems: inout [ZoneFileError]
    ) -> CheckedZone? {
        var check = ZoneCheck(zone, seed: seed)
        check.run()
        problems += check.problems
        return check.hasErrors ? nil : check.finish()
    }

    init(zone: consuming Zone, index: consuming ZoneIndex) {
        self.zone = zone
        self.index = index
    }
}
