public import DNS
import Linux
import Synchronization

extension ZoneDirectory {
    /// The outcome of checking the zones without serving them.
    public struct Checking: Sendable {
        public struct Zone: Sendable {
            public let source: ZoneSource
            /// Includes what the zone and its parent or its children disagree on.
            public internal(set) var inspection: ZoneInspection
        }

        /// In the order of the paths, then by file name.
        public internal(set) var zones: [Zone]
        public let errors: [ZonePathError]

        public var hasErrors: Bool { !errors.isEmpty || zones.contains { $0.inspection.errorCount > 0 } }
        public var hasWarnings: Bool { zones.contains { $0.inspection.warningCount > 0 } }
    }

    /// Inspects all zones, and compares parents with their children, over as many threads as the process may use
    /// processors.
    ///
    /// - Parameter now: Seconds since 1970, for the dates of signatures.
    public func check(now: Int, limits: ServerLimits = ServerLimits()) -> Checking {
        _ = look()
        let (sources, errors) = (listing.sources, listing.errors)
        let parents = Self.parents(of: sources.map(\.origin))
        var children = [[Name]](repeating: [], count: sources.count)
        for (child, parent) in parents.enumerated() {
            if let parent { children[parent].append(sources[child].origin) }
        }
        let threads = LoadingThreads(nil)
        let found = Mutex([ZoneInspection?](repeating: nil, count: sources.count))
        let (files, belows) = (sources, children)
        note(of: files.count)
        threads.run(files.count) { [self] number in
            defer { note(done: 1) }
            let inspection = ZoneInspection.inspect(
                path: files[number].path, origin: files[number].origin, now: now, children: belows[number],
                allocate: ZoneMemory.allocate, parallel: threads.run
            ) { Self.text(of: $0, limits) }
            found.withLock { $0[number] = inspection }
        }
        let inspections = found.withLock { $0.compactMap { $0 } }
        var zones = zip(sources, inspections).map { Checking.Zone(source: $0, inspection: $1) }
        for (child, parent) in parents.enumerated() {
            guard let parent else { continue }
            for problem in ZoneInspection.compare(parent: inspections[parent], child: inspections[child]) {
                let isOfParent = problem.path == sources[parent].path
                zones[isOfParent ? parent : child].inspection.add(problem)
            }
        }
        return Checking(zones: zones, errors: errors)
    }

    /// The text of a zone file.
    public static func text(of path: String, _ limits: ServerLimits = ServerLimits()) -> Result<[UInt8], ZoneReadError>
    {
        do throws(SystemError) {
            return .success(try File.read(path, limit: limits.zoneFileSize).octets)
        } catch {
            return .failure(ZoneReadError(error.message))
        }
    }

    /// The closest zone above each, if there is one.
    private static func parents(of origins: [Name]) -> [Int?] {
        let numbers = Dictionary(origins.enumerated().map { ($1, $0) }) { first, _ in first }
        return origins.map { origin in
            var above = origin
            while !above.isRoot {
                above = above.parent
                if let number = numbers[above] { return number }
            }
            return nil
        }
    }
}
