/// A zone that may be served: only `check` makes one, and only of one can a compiled zone be made.
///
/// Its records are as they will be answered: no duplicates, one TTL a set.
public struct CheckedZone: ~Copyable {
    var zone: Zone
    var index: ZoneIndex

    /// Looks for what the format of each record cannot show: the rules between records. Nil where the zone must not
    /// be served; `problems` says why, and warns of what is lawful but doubtful.
    static func check(
        _ zone: consuming Zone, seed: UInt64, work: ZoneWork, problems: inout [ZoneFileError]
    ) -> CheckedZone? {
        var index = ZoneIndex(copy zone, seed: seed, work: work)
        let findings = ZoneCheck(copy zone, index).run(work)
        problems += findings.problems.described(in: zone)
        if findings.problems.hasErrors { return nil }
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

extension ZoneCheck.Problems {
    /// With their lines, which are counted in one pass over each file.
    fileprivate func described(in zone: borrowing Zone) -> [ZoneFileError] {
        var errors = [ZoneFileError?](repeating: nil, count: kept.count)
        var lines: [UInt16: LineCounter] = [:]
        let places = kept.map { problem in
            problem.entry.map { (zone.entries[$0].file, zone.entries[$0].source) } ?? (0, 0)
        }
        for index in kept.indices.sorted(by: { places[$0] < places[$1] }) {
            let problem = kept[index]
            guard problem.entry != nil, zone.files.indices.contains(Int(places[index].0)) else {
                let path = zone.files.first?.path ?? zone.origin.description
                errors[index] = ZoneFileError(problem.severity, problem.message, path: path)
                continue
            }
            let file = zone.files[Int(places[index].0)]
            let range = Scanner.entryRange(in: file.text, from: Int(places[index].1))
            errors[index] = ZoneFileError(
                problem.severity, problem.message, path: file.path, text: file.text, range: range,
                lines: &lines[places[index].0, default: LineCounter()])
        }
        return errors.compactMap { $0 }
    }
}
