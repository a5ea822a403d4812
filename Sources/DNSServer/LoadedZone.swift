import DNS
import Linux

/// What loading a zone takes besides its files.
struct ZoneFileLoader {
    let seed: UInt64
    let limits: ServerLimits
    let parallel: Parallel
    let serials: Serials?
    let isCancelled: () -> Bool
    /// Called before a file is looked at.
    let willRead: (_ path: String) -> Void
}

/// A zone as it is served, and the files that its newest version was read from. A class, since of thousands a few change
/// and all are looked through.
final class LoadedZone: Sendable {
    /// One file as it was read.
    private struct Source: Sendable {
        let path: String
        let status: FileStatus
        let digest: UInt64
        /// When it was read, in nanoseconds since 1970 as file systems count them.
        let readAt: Int
    }

    /// The last version that could be served.
    let zone: CompiledZone?
    /// When it was loaded, in seconds since 1970.
    let loadedAt: Int
    /// What is wrong with the newest version where it is not the one that is served.
    let failure: String?
    /// What its serial depends on, and whether we gave it.
    let edition: Serials.Edition?
    let hasOurSerial: Bool
    /// The zone file and all that it includes; empty where one could not be read or the version failed.
    private let files: [Source]

    /// Times of files advance in steps of some milliseconds: a change so soon after a reading may
    /// have left the time as it was.
    private static let timestampStep = 1_000_000_000

    private init(
        zone: CompiledZone?, loadedAt: Int, failure: String?, edition: Serials.Edition?, hasOurSerial: Bool,
        files: [Source]
    ) {
        self.zone = zone
        self.loadedAt = loadedAt
        self.failure = failure
        self.edition = edition
        self.hasOurSerial = hasOurSerial
        self.files = files
    }

    /// The version that was served goes on.
    private convenience init(_ former: LoadedZone?, failure: String) {
        self.init(
            zone: former?.zone, loadedAt: former?.loadedAt ?? 0, failure: failure, edition: former?.edition,
            hasOurSerial: former?.hasOurSerial ?? false, files: [])
    }

    /// Loads a zone, unless its files have the content that they had.
    static func load(
        _ source: ZoneSource, _ former: LoadedZone?, _ loader: ZoneFileLoader
    ) -> (zone: LoadedZone, report: ZoneReport) {
        let start = Clock.nanoseconds
        var fresh: [String: (Source, [UInt8])] = [:]
        if let former, former.zone != nil, former.isUnchanged(source.path, loader, &fresh) {
            return (former, former.report(source, .unchanged, nil, start))
        }
        var files: [Source] = []
        var isReadable = true
        var edition: Serials.Edition?
        var isOurs = false
        let decideSerial = loader.serials.map { serials in
            { (found: ZoneEdition) -> SerialDecision in
                let decision: SerialDecision
                (decision, isOurs) = serials.decide(source.origin, found, served: former?.edition)
                let serial = if case .instead(let other) = decision { other } else { found.serial }
                edition = Serials.Edition(serial: serial, digest: found.digest)
                return decision
            }
        }
        let result = ZoneLoader.load(
            path: source.path, origin: source.origin, seed: loader.seed, allocate: ZoneMemory.allocate,
            parallel: loader.parallel, decideSerial: decideSerial
        ) { path in
            guard !loader.isCancelled() else { return .failure(ZoneReadError("loading was cancelled")) }
            switch fresh.removeValue(forKey: path).map(Result.success) ?? read(path, loader) {
            case .success(let (file, octets)):
                files.append(file)
                return .success(octets)
            case .failure(let error):
                isReadable = false
                let advice = error.isForbidden ? loader.limits.adviceOnReading(path) : nil
                return .failure(ZoneReadError(error.message + (advice.map { ": \($0)" } ?? "")))
            }
        }
        guard let zone = result.zone else {
            let latest = files.map { max($0.status.modified, $0.status.changed) }.max() ?? 0
            return failed(source, former, result, start, changedAt: isReadable ? latest : nil)
        }
        let loaded = LoadedZone(
            zone: zone, loadedAt: Clock.secondsSince1970, failure: nil, edition: edition, hasOurSerial: isOurs,
            files: isReadable ? files : [])
        var report = loaded.report(source, .loaded, result, start, wasBroken: former?.failure != nil)
        report.former = former?.zone
        return (loaded, report)
    }

    /// - Parameter changedAt: when a file of it was changed last, in nanoseconds since 1970; nil where one cannot be read.
    private static func failed(
        _ source: ZoneSource, _ former: LoadedZone?, _ result: ZoneLoadResult, _ start: UInt64, changedAt: Int?
    ) -> (zone: LoadedZone, report: ZoneReport) {
        let failure = result.problems.first { $0.severity == .error }
        let kept = LoadedZone(former, failure: failure?.description ?? "the zone cannot be loaded")
        let state: ZoneReport.State = kept.zone == nil ? .unavailable : .keptLastGood
        return (kept, kept.report(source, state, result, start, changedAt: changedAt))
    }

    /// What is told of a zone that was not reached before the loading was cancelled.
    static func notLoaded(_ source: ZoneSource, _ former: LoadedZone?) -> (zone: LoadedZone, report: ZoneReport) {
        let result = ZoneLoadResult(zone: nil, problems: [])
        return failed(source, former, result, Clock.nanoseconds, changedAt: 0)
    }

    /// What becomes of this version where its serial cannot be remembered: the one before goes on, and if there is none,
    /// this one is served, since the next start would give it the same serial.
    func withoutSerial(
        _ report: ZoneReport, _ former: LoadedZone?, _ error: SystemError
    ) -> (zone: LoadedZone, report: ZoneReport) {
        let serial = zone?.serial.value ?? 0
        let text = "serial \(serial) cannot be remembered (\(error)): mend that, then run minidns reload"
        let problem = ZoneFileError(.autoSerial, text, path: report.source.path)
        if let former, former.zone != nil {
            let result = ZoneLoadResult(zone: nil, problems: [problem])
            return Self.failed(report.source, former, result, Clock.nanoseconds, changedAt: 0)
        }
        var report = report
        report.problems.append(problem)
        return (LoadedZone(self, failure: problem.description), report)
    }

    /// The content decides; times only spare the reading of files that nobody touched for long. What was read and is
    /// another content is put into `fresh`.
    private func isUnchanged(
        _ path: String, _ loader: ZoneFileLoader, _ fresh: inout [String: (Source, [UInt8])]
    ) -> Bool {
        guard files.first?.path == path else { return false }
        return files.allSatisfy { file in
            loader.willRead(file.path)
            if let status = try? File.status(file.path), status == file.status,
                status.changed < file.readAt - Self.timestampStep
            {
                return true
            }
            guard case .success(let (now, octets)) = Self.read(file.path, loader) else { return false }
            if now.digest != file.digest { fresh[file.path] = (now, octets) }
            return now.digest == file.digest
        }
    }

    private static func read(_ path: String, _ loader: ZoneFileLoader) -> Result<(Source, [UInt8]), SystemError> {
        loader.willRead(path)
        do throws(SystemError) {
            let readAt = Clock.secondsSince1970 * 1_000_000_000
            try requireMemory(path, loader.limits)
            let contents = try File.read(path, limit: loader.limits.zoneFileSize)
            let digest = File.digest(of: contents.octets)
            return .success(
                (Source(path: path, status: contents.status, digest: digest, readAt: readAt), contents.octets))
        } catch {
            return .failure(error)
        }
    }

    /// Refuses a large file that memory cannot hold, rather than let the system end the process for it.
    private static func requireMemory(_ path: String, _ limits: ServerLimits) throws(SystemError) {
        let size = try File.status(path).size
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
            milliseconds: ZoneDirectory.milliseconds(since: start), changedAt: changedAt)
    }
}
