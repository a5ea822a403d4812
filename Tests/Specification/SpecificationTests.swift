import DNS
import Foundation
import TestSupport
import Testing

/// The server's answers compared with the specification's, on generated zones.
///
/// `SPECIFICATION_ZONES` is how many sets of zones there are, `SPECIFICATION_SEED` where the numbers begin: a failure
/// says which number to repeat it with.
@Suite struct SpecificationTests {
    static let threads = 4
    static let count = Int(ProcessInfo.processInfo.environment["SPECIFICATION_ZONES"] ?? "") ?? 64
    static let firstSeed = UInt64(ProcessInfo.processInfo.environment["SPECIFICATION_SEED"] ?? "") ?? 1
    /// Questions about each name.
    static let typesOfName = 4

    @Test(arguments: 0..<threads)
    func unsignedZones(_ thread: Int) throws { try compare(thread, signedPercentage: 0, count: Self.count) }

    @Test(arguments: 0..<threads)
    func signedZones(_ thread: Int) throws { try compare(thread, signedPercentage: 80, count: Self.count / 4) }

    /// What the fuzzer has found worth keeping.
    @Test func corpus() throws {
        for (line, octets) in try TestData.corpus("answers") {
            let difference = try Trial.difference(octets: octets)
            #expect(difference == nil, "Fuzz/Corpora/answers:\(line)")
        }
        for (line, octets) in try TestData.corpus("checks") {
            let fault = try CheckTrial.fault(octets: octets)
            #expect(fault == nil, "Fuzz/Corpora/checks:\(line)")
        }
    }

    private func compare(_ thread: Int, signedPercentage: Int, count: Int) throws {
        var comparisons = 0
        var served = 0
        var refusals: [String: Int] = [:]
        for number in stride(from: thread, to: count, by: Self.threads) {
            let seed = Self.firstSeed &+ UInt64(number)
            var generator = ZoneGenerator(seed: seed, signedPercentage: signedPercentage)
            var trial = Trial(zones: try generator.zoneSet())
            if seed % 2 == 1 { trial.recordsPerPiece = 1 + Int(seed % 5) }
            let outcome = try trial.run(
                seed: seed, typesOfName: Self.typesOfName, asksForProofs: true)
            comparisons += outcome.comparisons
            served += trial.zones.zones.count
            for refusal in outcome.refusals { refusals[refusal, default: 0] += 1 }
            guard let difference = outcome.difference else { continue }
            let (smallest, shown) = trial.shrunk(difference)
            Issue.record(
                """
                SPECIFICATION_SEED=\(seed) SPECIFICATION_ZONES=4
                \(shown.explanations.joined(separator: "\n"))
                \(try smallest.scenario(shown))
                """)
        }
        let refused = refusals.values.reduce(0, +)
        print("\(comparisons) comparisons, \(served) zones served, \(refused) refused")
        for (reason, count) in refusals.sorted(by: { $0.value > $1.value }).prefix(5) {
            print("  \(count) × \(reason)")
        }
        // Few must be refused, or nothing is compared.
        #expect(count < 100 || refused < served / 4)
    }
}
