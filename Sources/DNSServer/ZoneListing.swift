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
    /// Zones whose file is gone, and until when they count all the same, in milliseconds: always where the place cannot be
    /// seen.
    private(set) var absent: [ZoneSource: Int] = [:]
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

    /// Whether something absent has been so for too long.
    var isDue: Bool { absent.values.contains { $0 <= Clock.milliseconds } }

    func has(_ source: ZoneSource) -> Bool { places[source.origin].map { sources[$0] == source } ?? false }

    /// Looks what the paths hold now.
    /// - Parameters:
    ///   - names: where something happened: to zone files in a directory, or without names to the path. Nil: anywhere.
    ///   - patienceMilliseconds: so long a file may be gone before its zone is.
    mutating func look(at names: [ZonePath: Set<String>]?, patienceMilliseconds: Int = 0) -> Change {
        var change = Change()
        var isOther = names == nil || isDue
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
        let named = names.compactMap { try? path.source(named: $0) }
        // What is no domain name is an error of the whole.
        guard !names.isEmpty, named.count == names.count, names.count <= Self.namesLookedAt, path.isDirectory else {
            list(number)
            let named = Set(named)
            present += held[number].sources.filter { names.isEmpty || named.contains($0) }
            return true
        }
        let known = held[number].sources
        for source in named {
            let place = held[number].sources.firstIndex(of: source)
            let isThere = ZonePath.isFile(source.path)
            if isThere { present.append(source) }
            if isThere, place == nil { held[number].sources.append(source) }
            if !isThere, let place { held[number].sources.remove(at: place) }
        }
        if held[number].sources == known { return false }
        held[number].sources.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        return true
    }

    /// Makes the zones of what the paths hold, and of what they held before.
    private mutating func settle(_ patienceMilliseconds: Int, _ change: inout Change) {
        let before = self
        (sources, errors, absent, isFull) = ([], [], [:], false)
        places = Dictionary(minimumCapacity: before.places.count)
        for (_, held, failures) in held {
            for source in held { add(source) }
            errors += failures.map { error in
                guard !error.isMissing, let advice = limits.adviceOnReading(error.path) else { return error }
                return ZonePathError(path: error.path, message: "\(error.message): \(advice)", isMissing: false)
            }
        }
        let now = Clock.milliseconds
        for source in before.sources where !has(source) {
            let isAway = held.contains { $0.path.keeps(source, after: $0.errors) }
            let former = before.absent[source, default: .max]
            let end = isAway ? .max : former < .max ? former : now + patienceMilliseconds
            if places[source.origin] == nil, now < end, add(source) {
                absent[source] = end
                if !isAway { errors.removeAll { $0.path == source.path } }
            } else {
                change.dropped.append(source)
                if places[source.origin] == nil { change.removed.append(source.origin) }
            }
        }
        change.removed.sort { "\($0)" < "\($1)" }
        for source in sources where !before.has(source) || before.absent[source] != nil && absent[source] == nil {
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
