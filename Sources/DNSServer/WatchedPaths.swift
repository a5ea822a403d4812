import Linux
import Synchronization

/// On whose account something is watched.
enum WatchReason: Hashable, Sendable {
    /// A link or an included file that the zone was read through.
    case zone(ZoneSource)
    /// A path where zones are found.
    case path(ZonePath)
}

/// Which names in which directories decide what is served. Directories are watched and not files, which editors replace.
///
///     watch ──► name ──► reasons      links on the way to something, included files, files given as paths
///           └─► ""   ──► reasons      all zone files in a directory given as a path: however many, one entry
final class WatchedPaths: Sendable {
    /// A name in a directory, or with an empty name all zone files in it.
    struct Point: Hashable, Sendable {
        let watch: Int32
        let name: String
    }

    private struct State {
        var reasons: [Int32: [String: Set<WatchReason>]] = [:]
        var points: [WatchReason: Set<Point>] = [:]
        var failure: SystemError?
    }

    private let directories: DirectoryWatch
    private let state = Mutex(State())

    init() throws(SystemError) {
        directories = try DirectoryWatch()
    }

    var descriptor: Int32 { directories.descriptor }

    func events() -> [DirectoryEvent] { directories.events() }

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
        var steps = File.steps(of: path)
        if isDirectory { steps.append(PathStep(directory: path, name: "")) }
        return state.withLock { state in
            var points: Set<Point> = []
            for (index, step) in steps.enumerated() {
                do throws(SystemError) {
                    // Links and directories matter by their names.
                    let watch = try directories.add(step.directory, contents: index == steps.count - 1)
                    points.insert(Point(watch: watch, name: step.name))
                    state.reasons[watch, default: [:]][step.name, default: []].insert(reason)
                } catch {
                    // What is missing is found on the way to it; all else is worth telling.
                    if !error.isMissing { state.failure = error }
                }
            }
            state.points[reason, default: []].formUnion(points)
            return points
        }
    }

    /// Ends watching for that reason what is not among the points.
    func keep(_ points: Set<Point>, for reason: WatchReason) {
        state.withLock { state in
            let old = state.points[reason, default: []].subtracting(points)
            for point in old {
                state.reasons[point.watch]?[point.name]?.remove(reason)
                if state.reasons[point.watch]?[point.name]?.isEmpty == true {
                    state.reasons[point.watch]?[point.name] = nil
                }
                if state.reasons[point.watch]?.isEmpty == true {
                    state.reasons[point.watch] = nil
                    directories.remove(point.watch)
                }
            }
            state.points[reason] = points.isEmpty ? nil : points
        }
    }

    func points(for reason: WatchReason) -> Set<Point> { state.withLock { $0.points[reason, default: []] } }

    /// Who depends on a name in a directory, and who on it as one of the zone files there.
    /// - Parameter name: empty for the directory itself.
    func reasons(for name: String, in watch: Int32) -> (exact: Set<WatchReason>, files: Set<WatchReason>) {
        let names = state.withLock { $0.reasons[watch, default: [:]] }
        if name.isEmpty { return (Set(names.values.joined()), []) }
        return (names[name, default: []], ZonePath.isZoneFile(name) ? names["", default: []] : [])
    }
}
