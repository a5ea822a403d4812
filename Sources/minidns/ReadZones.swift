import DNS
import DNSServer
import Linux

extension ZoneDirectory {
    /// The zones of some paths as they would be served; what is wrong with those wanted is told on standard error.
    static func read(_ paths: [String], where isWanted: (Name) -> Bool = { _ in true }) throws(Failure) -> Loading {
        let directory = ZoneDirectory((paths.isEmpty ? [ZoneOptions.defaultPath] : paths).map(ZonePath.init))
        if let missing = directory.paths.lazy.compactMap(\.missing).first {
            throw Failure(status: .noZones, message: "\(missing)")
        }
        let loading = directory.showingProgress { directory.load() }
        for error in loading.errorTexts(where: isWanted) { StandardStreams.write("error: \(error)\n", to: 2) }
        return loading
    }

    /// How far the zones are read.
    var progressText: String { "reading zones: \(progress.done) of \(progress.count)" }

    /// Does what reads the zones, and shows on a terminal how far it is.
    func showingProgress<Result>(_ body: () -> Result) -> Result { Progress.show(self.progressText, while: body) }
}

extension ZoneDirectory.Loading {
    /// All that keeps zones from being served, without warnings.
    func errorTexts(where isWanted: (Name) -> Bool = { _ in true }) -> [String] {
        let problems = reports.filter { isWanted($0.source.origin) }.flatMap(\.problems)
        return errors.map(\.description) + problems.filter { $0.severity == .error }.map(\.textWithoutSeverity)
    }
}
