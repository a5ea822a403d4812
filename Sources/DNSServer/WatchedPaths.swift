import Linux
import Synchronization

/// On whose account something is watched.
enum WatchReason: Hashable, Sendable {
    /// A file that the zone was read from.
    case zone(ZoneSource)
    /// A path where zones are found.
    case path(ZonePath)
}

/// Which names in which directories zones depend on: those of their files, of what they include, and of all links on the
/// way there. Directories are watched and not files, which editors replace.
final class WatchedPaths: Sendable {
    /// A name in a directory, or with an empty name all zone files in it.
    struct Point: Hashable, Sendable {
        let watch: Int32
        let name: String
    }

    private struct State {
        var reasons: [Point: Set<WatchReason>] = [:]
        var points: [WatchReason: Set<Point>] = [:]
        /// How many points a watched directory has.
        var uses: [Int32: Int] = [:]
        var failure: SystemError?
        /// Directories to which no link leads, watched for what is written in them. Of thousands of files each is in the
        /// same one, and it is looked at once; what happens to any directory makes it be looked at again.
        var plain: [String: Int32] = [:]
    }

    private let directories: DirectoryWatch
    private let state = Mutex(State())

    init() throws(SystemError) {
        directories = try DirectoryWatch()
    }

    var descriptor: Int32 { directories.descriptor }

    func events() -> [DirectoryEvent] {
        let events = directories.events()
        if !events.isEmpty { state.withLock { $0.plain = [:] } }
        return events
    }

    /// Why nothing more can be watched, once.
    func takeFailure() -> SystemError? {
        state.withLock { state in
            defer { state.failure = nil }
            return state.failure
        }
    }

    /// Watches all that decides what is at a path. To be called before it is read, so that no change in between is missed.
    /// - Parameter isDirectory: whether all zone files in it are meant.
    /// - Returns: what is watched for it.
    func watch(_ path: String, for reason: WatchReason, isDirectory: Bool = false) -> Set<Point> {
        if !isDirectory, let point = plainPoint(path) {
            state.withLock { Self.add(point, reason, to: &$0) }
            return [point]
        }
        var steps = File.steps(of: path)
        if isDirectory { steps.append(PathStep(directory: path, name: "")) }
        // Links and directories matter by their names.
        let isFile = if case .zone = reason { true } else { false }
        return state.withLock { state in
            var points: Set<Point> = []
            for (index, step) in steps.enumerated() {
                do throws(SystemError) {
                    let contents = (isFile || isDirectory) && index == steps.count - 1
                    let point = Point(watch: try directories.add(step.directory, contents: contents), name: step.name)
                    points.insert(point)
                    Self.add(point, reason, to: &state)
                    if contents, steps.count == 1 { state.plain[step.directory] = point.watch }
                } catch {
                    // What is missing is found on the way to it; all else is worth telling.
                    if !error.isMissing { state.failure = error }
                }
            }
            return points
        }
    }

    private static func add(_ point: Point, _ reason: WatchReason, to state: inout State) {
        if state.reasons[point, default: []].insert(reason).inserted { state.uses[point.watch, default: 0] += 1 }
        state.points[reason, default: []].insert(point)
    }

    /// What is to be watched for a file in a directory that is watched already.
    private func plainPoint(_ path: String) -> Point? {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return nil }
        let name = String(path[path.index(after: slash)...])
        guard !name.isEmpty, let watch = state.withLock({ $0.plain[String(path[..<slash])] }), !File.isLink(path) else {
            return nil
        }
        return Point(watch: watch, name: name)
    }

    /// Ends watching for that reason what is not among the points.
    func keep(_ points: Set<Point>, for reason: WatchReason) {
        state.withLock { state in
            for point in state.points[reason, default: []].subtracting(points) {
                state.reasons[point]?.remove(reason)
                state.uses[point.watch, default: 0] -= 1
                if state.reasons[point]?.isEmpty == true { state.reasons[point] = nil }
                if state.uses[point.watch, default: 0] <= 0 {
                    state.uses[point.watch] = nil
                    state.plain = [:]
                    directories.remove(point.watch)
                }
            }
            state.points[reason] = points.isEmpty ? nil : points
        }
    }

    func points(for reason: WatchReason) -> Set<Point> { state.withLock { $0.points[reason, default: []] } }

    /// Whom a name in a directory concerns.
    struct Concern {
        var zones: [ZoneSource] = []
        /// Whether it decides what one of the paths leads to.
        var isPath = false
        /// Whether it could be a zone file of one of the paths.
        var isZoneFile = false
    }

    /// - Parameter name: empty for the directory itself.
    func concern(of name: String, in watch: Int32) -> Concern {
        state.withLock { state in
            var concern = Concern()
            if name.isEmpty {
                let points = state.reasons.filter { $0.key.watch == watch }
                for reason in points.values.joined() { Self.add(reason, to: &concern) }
            } else {
                for reason in state.reasons[Point(watch: watch, name: name), default: []] {
                    Self.add(reason, to: &concern)
                }
                concern.isZoneFile =
                    ZonePath.isZoneFile(name) && state.reasons[Point(watch: watch, name: "")] != nil
            }
            return concern
        }
    }

    private static func add(_ reason: WatchReason, to concern: inout Concern) {
        switch reason {
        case .zone(let source): concern.zones.append(source)
        case .path: concern.isPath = true
        }
    }
}
