import DNS
import Linux

/// What loading a zone takes besides its files.
struct ZoneFileLoader {
    let seed: UInt64
    let limits: ServerLimits
    let parallel: Parallel
    let serials: Serials?
    let isCancelled: () -> Bool
    /// Called before a file is looked at that is not the zone's own, or that links lead to.
    let willFollow: (_ path: String) -> Void
}

/// A zone as it is served, and the files that its newest version was read from.
struct LoadedZone: Sendable {
    /// One file as it was read.
    private struct Source: Sendable {
        let path: String
        /// Whether it is the zone's own, and no link.
        let isPlain: Bool
        let status: FileStatus
        let digest: UInt64
        /// When it was read, in nanoseconds since 1970 as file systems count them.
        let readAt: Int
    }

    /// The last version that could be served.
    private(set) var zone: CompiledZone?
    /// When it was loaded, in seconds since 1970.
    private(set) var loadedAt = 0
    /// What is wrong with the newest version where it is not the one that is served.
    private(set) var failure: String?
    /// What its serial depends on, and whether we gave it.
    private(set) var edition: Serials.Edition?
    private(set) var hasOurSerial = false
    /// The zone file and all that it includes; empty where one could not be read or the version failed.
    private var files: [Source] = []

    /// Times of files advance in steps of some milliseconds: a change so soon after a reading may
    /// have left the time as it was.
    private static let timestampStep = 1_000_000_000
    /// Nobody can make contents that have one digest without it.
    private static let digestKey = Machine.randomNumber()

    /// What became of a zone: an object, since ten thousand are handed on from step to step.
    final class Outcome: Sendable {
        let zone: LoadedZone
        let report: ZoneReport

        init(_ zone: LoadedZone, _ report: ZoneReport) {
            (self.zone, self.report) = (zone, report)
        }
    }

    /// Loads a zone, unless its files have the content that they had.
    static func load(_ source: ZoneSource, _ former: LoadedZone?, _ loader: ZoneFileLoader) -> Outcome {
        let start = Clock.nanoseconds
        var fresh: [String: (Source, [UInt8])] = [:]
        if let former, former.zone != nil, former.isUnchanged(source, loader, &fresh) {
            return Outcome(former, former.report(source, .unchanged, nil, start))
        }
        var isReadable = true
        var loaded = LoadedZone()
        let decideSerial = loader.serials.map { serials in
            { (found: ZoneEdition) -> SerialDecision in
                let decision: SerialDecision
                (decision, loaded.hasOurSerial) = serials.decide(source.origin, found, served: former?.edition)
                let serial = if case .instead(let other) = decision { other } else { found.serial }
                loaded.edition = Serials.Edition(serial: serial, digest: found.digest)
                return decision
            }
        }
        let result = ZoneLoader.load(
            path: source.path, origin: source.origin, seed: loader.seed, allocate: ZoneMemory.allocate,
            parallel: loader.parallel, decideSerial: decideSerial
        ) { path in
            guard !loader.isCancelled() else { return .failure(ZoneReadError("loading was cancelled")) }
            switch fresh.removeValue(forKey: path).map(Result.success) ?? read(path, of: source, loader) {
            case .success(let (file, octets)):
                loaded.files.append(file)
                return .success(octets)
            case .failure(let error):
                isReadable = false
                let advice = error.isForbidden ? loader.limits.adviceOnReading(path) : nil
                return .failure(ZoneReadError(error.message + (advice.map { ": \($0)" } ?? "")))
            }
        }
        guard let zone = result.zone else {
            let latest = loaded.files.map { max($0.status.modified, $0.status.changed) }.max() ?? 0
            return failed(source, former, result, start, changedAt: isReadable ? latest : nil)
        }
        loaded.zone = zone
        loaded.loadedAt = Clock.secondsSince1970
        if !isReadable { loaded.files = [] }
        var report = loaded.report(source, .loaded, result, start, wasBroken: former?.failure != nil)
        report.former = former?.zone
        return Outcome(loaded, report)
    }

    /// - Parameter changedAt: when a file of it was changed last, in nanoseconds since 1970; nil where one cannot be read.
    private static func failed(
        _ source: ZoneSource, _ former: LoadedZone?, _ result: ZoneLoadResult, _ start: UInt64, changedAt: Int?
    ) -> Outcome {
        let failure = result.problems.first { $0.severity == .error }
        let kept = (former ?? LoadedZone()).failing(failure?.description ?? "the zone cannot be loaded")
        let state: ZoneReport.State = kept.zone == nil ? .unavailable : .keptLastGood
        return Outcome(kept, kept.report(source, state, result, start, changedAt: changedAt))
    }

    /// What is told of a zone that was not reached before the loading was cancelled.
    static func notLoaded(_ source: ZoneSource, _ former: LoadedZone?) -> Outcome {
        let result = ZoneLoadResult(zone: nil, problems: [])
        return failed(source, former, result, Clock.nanoseconds, changedAt: 0)
    }

    /// What becomes of this version where its serial cannot be remembered: the one before goes on, and if there is none,
    /// this one is served, since the next start would give it the same serial.
    func withoutSerial(_ report: ZoneReport, _ former: LoadedZone?, _ error: SystemError) -> Outcome {
        let serial = zone?.serial.value ?? 0
        let text = "serial \(serial) cannot be remembered (\(error)): mend that, then run minidns reload"
        let problem = ZoneFileError(.autoSerial, text, path: report.source.path)
        if let former, former.zone != nil {
            let result = ZoneLoadResult(zone: nil, problems: [problem])
            return Self.failed(report.source, former, result, Clock.nanoseconds, changedAt: 0)
        }
        var report = report
        report.problems.append(problem)
        return Outcome(failing(problem.description), report)
    }

    /// The same version goes on, since the next one failed.
    private func failing(_ failure: String) -> LoadedZone {
        var zone = self
        zone.failure = failure
        zone.files = []
        return zone
    }

    /// The content decides; times only spare the reading of files that nobody touched for long. What was read and is
    /// another content is put into `fresh`.
    private func isUnchanged(
        _ source: ZoneSource, _ loader: ZoneFileLoader, _ fresh: inout [String: (Source, [UInt8])]
    ) -> Bool {
        guard files.first?.path == source.path else { return false }
        return files.allSatisfy { file in
            if !file.isPlain { loader.willFollow(file.path) }
            if let status = try? File.status(file.path, followsLinks: !file.isPlain), status == file.status,
                status.changed < file.readAt - Self.timestampStep
            {
                return true
            }
            guard case .success(let (now, octets)) = Self.read(file.path, of: source, loader) else { return false }
            if now.digest != file.digest { fresh[file.path] = (now, octets) }
            return now.digest == file.digest
        }
    }

    private static func read(
        _ path: String, of source: ZoneSource, _ loader: ZoneFileLoader
    ) -> Result<(Source, [UInt8]), SystemError> {
        func read(followsLinks: Bool) throws(SystemError) -> FileContents {
            try File.read(path, limit: loader.limits.zoneFileSize, followsLinks: followsLinks) {
                size throws(SystemError) in try requireMemory(path, size, loader.limits)
            }
        }
        do throws(SystemError) {
            let readAt = Clock.secondsSince1970 * 1_000_000_000
            var plain: FileContents?
            if path == source.path {
                do throws(SystemError) {
                    plain = try read(followsLinks: false)
                } catch  where error.isLink {}
            }
            let contents: FileContents
            if let plain {
                contents = plain
            } else {
                loader.willFollow(path)
                contents = try read(followsLinks: true)
            }
            let octets = contents.octets
            let digest = contentDigest(of: octets.span, key: digestKey)
            let file = Source(
                path: path, isPlain: plain != nil, status: contents.status, digest: digest, readAt: readAt)
            return .success((file, octets))
        } catch {
            return .failure(error)
        }
    }

    /// Refuses a large file that memory cannot hold, rather than let the system end the process for it.
    private static func requireMemory(_ path: String, _ size: Int, _ limits: ServerLimits) throws(SystemError) {
        guard size >= limits.memoryCheckSize, let available = limits.availableMemory() else { return }
        let (needed, overflows) = size.multipliedReportingOverflow(by: limits.memoryPerTextOctet)
        guard overflows || needed > available else { return }
        let reason =
            "loading \(size) octets takes \(limits.memoryPerTextOctet) times as much memory, and \(available) are left"
        throw SystemError("read \(path)", refused: reason)
    }
}

extension LoadedZone {
    private func report(
        _ source: ZoneSource, _ state: ZoneReport.State, _ result: ZoneLoadResult?, _ start: UInt64,
        wasBroken: Bool = false, changedAt: Int? = 0
    ) -> ZoneReport {
        ZoneReport(
            source: source, state: state, zone: zone, loadedAt: loadedAt, wasBroken: wasBroken,
            problems: result?.problems ?? [], unreportedProblems: result?.unreportedProblems ?? 0,
            milliseconds: Clock.milliseconds(since: start), changedAt: changedAt)
    }
}
