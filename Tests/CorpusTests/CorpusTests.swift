import Foundation
import TestSupport
import Testing

/// What the fuzzer has found worth keeping is run again with each test, and what it has found wrong stays mended.
/// `FUZZ_TARGET` is the one target to run, for seeing what its corpus reaches.
struct CorpusTests {
    private static let chosen = ProcessInfo.processInfo.environment["FUZZ_TARGET"]
    static let targets = FuzzTarget.all.map(\.name).filter { chosen == nil || chosen == $0 }

    @Test(arguments: targets)
    func replay(target name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        let inputs = try TestData.corpus(name)
        #expect(!inputs.isEmpty)
        for (line, octets) in inputs {
            do { try target.run(octets) } catch { Issue.record("Fuzz/Corpora/\(name):\(line): \(error)") }
        }
    }
}
