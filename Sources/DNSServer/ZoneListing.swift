import DNS
import Linux

/// Which zones there are: those of the files that the paths hold, one file a zone. A file that is gone counts for a while,
/// since it may be on its way; and what is in a place that cannot be seen counts until that can be seen again.
struct ZoneListing {
    /// What looking brought.
    struct Change {
        /// To be loaded: their file is new, or was named and is there, or is there again.
        var present: [ZoneSource] = []
        /// They are no more, or have another file.
        var dropped: [ZoneSource] = []
        /// Origins without a file.
        var removed: [Name] = []
    }

    /// In the order of the paths, then by file name.
    private(set) var sources: [ZoneSource] = []
    private(set) var errors: [ZonePathError] = []
    /// Zones whose file is gone, and since when in milliseconds.
    private(set) var vanished: [ZoneSource: Int] = [:]
    /// Zones whose place cannot be seen.
    private(set) var away: Set<ZoneSource> = []
    /// Where each zone stands in `sources`.
    private var places: [Name: Int] = [:]
    /// What each path holds, sorted by the octets of the file names.
    private var held: [(path: ZonePath, sources: [ZoneSource], errors: [ZonePathError])]
    private var isFull = false
    private let limits: ServerLimits

    /// Of more files at once the whole directory is listed again.
    private static let namesLookedAt = 100

    init(_ paths: [ZonePath], _ limits: ServerLimits) {
        held = paths.map { ($0, [], []) }
        self.limits = limits
    }

    /// Zones that there is no use in loading: their file or its place is gone, for now.
    var absent: Set<ZoneSource> { away.union(vanished.keys) }

    func has(_ source: ZoneSource) -> Bool { places[source.origin].map { sources[$0] == source } ?? false }

    /// Looks what the paths hold now.
    /// - Parameters:
    ///   - names: where something happened: to zone files in a directory, or without names to the path. Nil: anywhere.
    ///   - patienceMilliseconds: so long a file may be gone before its zone is.
    mutating func look(at names: [ZonePath: Set<String>]?, patienceMilliseconds: Int = 0) -> Change {
        var change = Change()
        var isOther = names == nil
        for number in held.indices {
            if names == nil {
                list(number)
            } else if let names = names?[held[number].path] {
                if look(at: names, in: number, &change.present) { isOther = true }
            }
        }
        if isOther { settle(patienceMilliseconds, &change) }
        return change
    }

    private mutating func list(_ number: Int) {
        (held[number].sources, held[number].errors) = held[number].path.sources()
    }

    /// - Returns: whether files came or went.
    private mutating func look(at names: Set<String>, in number: Int, _ present: inout [ZoneSource]) -> Bool {
        let path = held[number].path
        let named = names.compactMap { try? path.source(named: $0).get() }
        // What is no domain name is an error of the whole.
        guard !names.isEmpty, named.count == names.count, names.count <= Self.namesLookedAt, path.isDirectory else {
            list(number)
            let named = Set(named)
            present += held[number].sources.filter { names.isEmpty || named.contains($0) }
            return true
        }
        var isOther = false
        for source in named {
            let place = place(of: source, in: held[number].sources)
            let isKnown = place < held[number].sources.count && held[number].sources[place] == source
            let isThere = ZonePath.isFile(source.path)
            if isThere { present.append(source) }
            if isThere == isKnown { continue }
            isOther = true
            if isThere {
                held[number].sources.insert(source, at: place)
            } else {
                held[number].sources.remove(at: place)
            }
        }
        return isOther
    }

    private func place(of source: ZoneSource, in sources: [ZoneSource]) -> Int {
        var range = 0..<sources.count
        while !range.isEmpty {
            let middle = (range.lowerBound + range.upperBound) / 2
            let isBefore = sources[middle].path.utf8.lexicographicallyPrecedes(source.path.utf8)
            range = isBefore ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound
    }

    /// Makes the zones of what the paths hold, and of what they held before.
    private mutating func settle(_ patienceMilliseconds: Int, _ change: inout Change) {
        let before = self
        (sources, errors, vanished, away, isFull) = ([], [], [:], [], false)
        places = Dictionary(minimumCapacity: before.places.count)
        for (path, held, failures) in held {
            errors += failures.map { error in
                guard !error.isMissing, let advice = limits.adviceOnReading(error.path) else { return error }
                return ZonePathError(path: error.path, message: "\(error.message): \(advice)", isMissing: false)
            }
            for source in held { add(source) }
            if failures.isEmpty { continue }
            for source in before.sources where path.keeps(source, after: failures) {
                add(source)
                away.insert(source)
            }
        }
        let now = Clock.milliseconds
        for source in before.sources where !has(source) {
            let since = before.vanished[source] ?? now
            if places[source.origin] == nil, now - since < patienceMilliseconds, add(source) {
                vanished[source] = since
                errors.removeAll { $0.path == source.path }
            } else {
                change.dropped.append(source)
                if places[source.origin] == nil { change.removed.append(source.origin) }
            }
        }
        change.removed.sort { "\($0)" < "\($1)" }
        let (formerlyAbsent, absent) = (before.absent, absent)
        for source in sources
        where !before.has(source) || formerlyAbsent.contains(source) && !absent.contains(source) {
            change.present.append(source)
        }
    }

    /// Of two files for one zone the first counts, and the other is an error.
    @discardableResult
    private mutating func add(_ source: ZoneSource) -> Bool {
        if let place = places[source.origin] {
            guard sources[place] != source else { return false }
            let message = "the zone \(source.origin) has another file already, \(sources[place].path), which is used"
            errors.append(ZonePathError(path: source.path, message: message, isMissing: false))
            return false
        }
        guard sources.count < limits.zones else {
            let message = "there are more than \(limits.zones) zones: this one and those behind it are not served"
            if !isFull { errors.append(ZonePathError(path: source.path, message: message, isMissing: false)) }
            isFull = true
            return false
        }
        places[source.origin] = sources.count
        sources.append(source)
        return true
    }
}
