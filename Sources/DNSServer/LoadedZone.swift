import DNS
import Linux

/// What loading a zone takes besides its files.
struct ZoneFileLoader {
    let seed: UInt64
    let limits: ServerLimits
    let parallel: Parallel
    let isCancelled: () -> Bool
}

/// A zone as it is served, and the files that its newest version was read from.
struct LoadedZone: Sendable {
    /// One file as it was read.
    private struct Source: Sendable {
        let path: String
        let status: FileStatus
        let digest: UInt64
        /// When it was read, in nanoseconds since 1970 as file systems count them.
        let readAt: Int
    }

    /// The last version that could be served.
    private let zone: CompiledZone?
    /// The zone file and all that it includes; empty where one could not be read or the version failed.
    private let files: [Source]

    /// Times of files advance in steps of some milliseconds: a change so soon after a reading may
    /// have left the time as it was.
    private static let timestampStep = 1_000_000_000

    /// Loads a zone, unless its files have the content that they had.
    static func load(
        _ source: ZoneSource, _ former: LoadedZone?, _ loader: ZoneFileLoader
    ) -> (zone: LoadedZone, report: ZoneReport) {
        let start = Clock.nanoseconds
        let limits = loader.limits
        var fresh: [String: (Source, [UInt8])] = [:]
        if let former, let zone = former.zone, former.isUnchanged(source.path, limits, &fresh) {
            return (former, report(source, .unchanged, zone, nil, start))
        }
        var files: [Source] = []
        var isReadable = true
        let result = ZoneLoader.load(
            path: source.path, origin: source.origin, seed: loader.seed, allocate: ZoneMemory.allocate,
            parallel: loader.parallel
        ) { path in
            guard !loader.isCancelled() else { return .failure(ZoneReadError("loading was cancelled")) }
            switch fresh.removeValue(forKey: path).map(Result.success) ?? read(path, limits) {
            case .success(let (file, octets)):
                files.append(file)
                return .success(octets)
            case .failure(let error):
                isReadable = false
                return .failure(ZoneReadError(error.message))
            }
        }
        if let zone = result.zone {
            let loaded = LoadedZone(zone: zone, files: isReadable ? files : [])
            return (loaded, report(source, .loaded, zone, result, start))
        }
        let kept = LoadedZone(zone: former?.zone, files: [])
        let state: ZoneReport.State = kept.zone == nil ? .unavailable : .keptLastGood
        return (kept, report(source, state, kept.zone, result, start))
    }

    /// What is told of a zone that was not reached before the loading was cancelled.
    static func notLoaded(_ source: ZoneSource, _ former: LoadedZone?) -> (zone: LoadedZone, report: ZoneReport) {
        let kept = former ?? LoadedZone(zone: nil, files: [])
        let state: ZoneReport.State = kept.zone == nil ? .unavailable : .keptLastGood
        return (kept, report(source, state, kept.zone, nil, Clock.nanoseconds))
    }

    /// The content decides; times only spare the reading of files that nobody touched for long. What was read and is
    /// another content is put into `fresh`.
    private func isUnchanged(
        _ path: String, _ limits: ServerLimits, _ fresh: inout [String: (Source, [UInt8])]
    ) -> Bool {
        guard files.first?.path == path else { return false }
        return files.allSatisfy { file in
            if let status = try? File.status(file.path), status == file.status,
                status.changed < file.readAt - Self.timestampStep
            {
                return true
            }
            guard case .success(let (now, octets)) = Self.read(file.path, limits) else { return false }
            if now.digest != file.digest { fresh[file.path] = (now, octets) }
            return now.digest == file.digest
        }
    }

    private static func read(_ path: String, _ limits: ServerLimits) -> Result<(Source, [UInt8]), SystemError> {
        do throws(SystemError) {
            let readAt = Clock.secondsSince1970 * 1_000_000_000
            let contents = try File.read(path, limit: limits.zoneFileSize)
            let digest = File.digest(of: contents.octets)
            return .success(
                (Source(path: path, status: contents.status, digest: digest, readAt: readAt), contents.octets))
        } catch {
            return .failure(error)
        }
    }

    private static func report(
        _ source: ZoneSource, _ state: ZoneReport.State, _ zone: CompiledZone?, _ result: ZoneLoadResult?,
        _ start: UInt64
    ) -> ZoneReport {
        ZoneReport(
            source: source, state: state, zone: zone, problems: result?.problems ?? [],
            unreportedProblems: result?.unreportedProblems ?? 0,
            milliseconds: ZoneDirectory.milliseconds(since: start))
    }
}
