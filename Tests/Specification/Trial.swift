import DNS
import TestSupport

/// A set of generated zones, served and questioned.
struct Trial {
    var zones: ZoneSet
    /// How finely the zones are cut when they are loaded.
    var recordsPerPiece = ZoneLoader.recordsPerPiece
    /// The most questions that are asked; which ones, the seed says.
    var questionLimit = Int.max
    private static let seed: UInt64 = 0x5EED
    /// Where a difference needs many records, what is left after so many tries has to do.
    private static let shrinkingTries = 1_000

    /// How it went.
    struct Outcome {
        var comparisons = 0
        var refusals: [String] = []
        var difference: Difference?
    }

    /// Loads the zones that the loader accepts, and asks `typesOfName` questions about each name of theirs.
    ///
    /// - Parameter asksForProofs: Whether DO is set in questions about signed zones.
    mutating func run(seed: UInt64, typesOfName: Int, asksForProofs: Bool) throws -> Outcome {
        var outcome = Outcome()
        let trial = self
        zones.zones.removeAll { zone in
            if case .failure(let refusal) = trial.load(zone) {
                outcome.refusals.append(refusal.message)
                return true
            }
            return false
        }
        let served = try Served(self)
        var generator = QuestionGenerator(served.zones, seed: seed)
        var questions = generator.questions(typesOfName: typesOfName)
        if questions.count > questionLimit {
            let start = Int(seed % UInt64(questions.count))
            questions = Array((questions[start...] + questions[..<start]).prefix(questionLimit))
        }
        var comparison = Comparison(served.database, served.specification)
        let setsDO = asksForProofs || !served.specification.hasSignedZones
        do {
            for question in questions { try comparison.compare(question, generator.ways(settingDO: setsDO)) }
        } catch let difference as Difference {
            outcome.difference = difference
        }
        outcome.comparisons = comparison.count
        return outcome
    }

    fileprivate struct Refusal: Error { let message: String }

    private func load(_ zone: ZoneSet.Zone) -> Result<CompiledZone, Refusal> {
        guard let text = try? Array(zone.signed().text.utf8) else {
            return .failure(Refusal(message: "cannot be signed"))
        }
        let loaded = ZoneLoader.load(
            path: "zone", origin: zone.origin, seed: Self.seed, parallel: Pieces.backwards,
            recordsPerPiece: recordsPerPiece
        ) { _ in .success(text) }
        if let zone = loaded.zone { return .success(zone) }
        return .failure(Refusal(message: loaded.problems.first { $0.severity == .error }?.message ?? "no reason"))
    }

    /// The zones as the server has them, and as the specification has them.
    private struct Served {
        let zones: ZoneSet
        let database: Database
        let specification: Specification

        init(_ trial: Trial) throws {
            let set = trial.zones
            zones = ZoneSet(zones: try set.zones.map { try $0.signed() }, unavailable: set.unavailable)
            database = Database(
                zones: try set.zones.map { try trial.load($0).get() }, unavailable: set.unavailable, seed: Trial.seed)
            specification = Specification(
                zones: zones.zones.map { Specification.Zone(origin: $0.origin, records: $0.records) },
                unavailable: set.unavailable)
        }
    }

    // MARK: Shrinking

    /// What is left when everything is taken away without which there is still a difference to the same question.
    func shrunk(_ difference: Difference) -> (Trial, Difference) {
        var (smallest, shown) = (self, difference)
        var hasShrunk = true
        var tries = 0
        while hasShrunk {
            hasShrunk = false
            for smaller in smallest.smaller() where tries < Self.shrinkingTries {
                tries += 1
                if let found = smaller.difference(at: difference) {
                    (smallest, shown, hasShrunk) = (smaller, found, true)
                    break
                }
            }
        }
        return (smallest, shown)
    }

    /// The same without a zone, or without a record.
    private func smaller() -> [Trial] {
        var trials: [Trial] = []
        for zone in zones.zones.indices {
            var trial = self
            trial.zones.zones.remove(at: zone)
            trials.append(trial)
        }
        for origin in zones.unavailable.indices {
            var trial = self
            trial.zones.unavailable.remove(at: origin)
            trials.append(trial)
        }
        for zone in zones.zones.indices {
            // Many at once first: big sets would take long one by one.
            for size in [32, 8, 1] {
                for start in stride(from: 0, to: zones.zones[zone].records.count, by: size) {
                    var trial = self
                    let end = min(start + size, zones.zones[zone].records.count)
                    trial.zones.zones[zone].records.removeSubrange(start..<end)
                    trials.append(trial)
                }
            }
        }
        return trials
    }

    private func difference(at known: Difference) -> Difference? {
        guard let served = try? Served(self) else { return nil }
        var comparison = Comparison(served.database, served.specification)
        let ways = known.way.description == Comparison.plainly.description ? [] : [known.way]
        do {
            try comparison.compare(known.question, ways)
        } catch {
            return error as? Difference
        }
        return nil
    }

    // MARK: Printing

    /// As a scenario file, with what the specification demands.
    func scenario(_ difference: Difference) throws -> String {
        let served = try Served(self)
        var lines = served.zones.zones.flatMap { ["--- zone \($0.origin)", String($0.text.dropLast())] }
        lines += zones.unavailable.map { "--- broken \($0)" }
        let edns = difference.way.edns
        lines.append("--- ask \(difference.question.name) \(difference.question.type) \(difference.way)")
        let reply = served.specification.reply(
            to: difference.question, over: difference.way.transport, dnssecOK: edns?.dnssecOK ?? false)
        lines += ["rcode \(reply.code)", "flags" + (reply.isAuthoritative ? " aa" : "")]
        if let edns {
            let error = reply.error.map { " ede=\($0.rawValue)" } ?? ""
            lines.append("edns version=0 udp=1232" + (edns.dnssecOK ? " do" : "") + error)
        }
        for (section, records) in [
            ("answer", reply.answer), ("authority", reply.authority), ("additional", reply.additional),
        ] where !records.isEmpty {
            lines += [section] + records.map { "\($0)" }
        }
        return lines.joined(separator: "\n")
    }
}
