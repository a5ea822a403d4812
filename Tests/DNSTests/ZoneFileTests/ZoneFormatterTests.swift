import Foundation
import TestSupport
import Testing

@testable import DNS

/// What zone files look like when they are laid out. That they mean the same is compared whenever one is.
@Suite struct ZoneFormatterTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var before = ""
        var after = ""
        var testDescription: String { name }

        static func all() throws -> [Case] {
            let file = TestData.root.appending(path: "DNSTests/Layouts/layouts.cases")
            var cases: [Case] = []
            var isAfter = false
            for line in try String(contentsOf: file, encoding: .utf8).split(
                separator: "\n", omittingEmptySubsequences: false)
            {
                if line.hasPrefix("--- case ") {
                    cases.append(Case(name: String(line.dropFirst(9))))
                    isAfter = false
                } else if line == "--- becomes" {
                    isAfter = true
                } else if !cases.isEmpty {
                    let octets = (line.hasSuffix("|") ? line.dropLast() : line).replacing("%0D", with: "\r") + "\n"
                    if isAfter {
                        cases[cases.count - 1].after += octets
                    } else {
                        cases[cases.count - 1].before += octets
                    }
                }
            }
            for index in cases.indices where cases[index].name.hasSuffix("(unended)") {
                cases[index].before.removeLast()
            }
            // What follows the last line's end.
            cases[cases.count - 1].after.removeLast()
            return cases
        }
    }

    @Test(arguments: try Case.all())
    func layout(_ layout: Case) throws {
        let once = try ZoneFormatter.format(Array(layout.before.utf8), path: "zone")
        #expect(String(decoding: once, as: UTF8.self) == layout.after)
        #expect(try ZoneFormatter.format(once, path: "zone") == once)
    }

    /// All zones of the tests and the sample zones.
    @Test func allZones() throws {
        let folders = [
            "DNSTests/Recorded/plain", "DNSTests/Recorded/root", "DNSTests/Recorded/signed", "CommandTests/Resolve",
            "../zones",
        ]
        for folder in folders {
            for file in try TestData.files(in: folder, suffix: ".zone") {
                try expectStable([UInt8](Data(contentsOf: file)), file.path())
            }
        }
    }

    @Test func allCases() throws {
        for folder in ["ZoneFiles", "ZoneChecks", "Checks"] {
            for zoneCase in try ZoneFileCase.all(in: "DNSTests/\(folder)") {
                for text in [zoneCase.text] + zoneCase.files.values {
                    try expectStable(text, zoneCase.place, mayFail: !zoneCase.isAccepted || !zoneCase.files.isEmpty)
                }
            }
        }
    }

    private func expectStable(_ text: [UInt8], _ place: String, mayFail: Bool = false) throws {
        do throws(ZoneFormatter.Failure) {
            let once = try ZoneFormatter.format(text, path: "zone")
            #expect(try ZoneFormatter.format(once, path: "zone") == once, Comment(rawValue: place))
        } catch {
            let reasons = error.problems.map(\.message)
            #expect(mayFail && !reasons.contains { $0.contains("would change") }, "\(place): \(reasons)")
        }
    }

    @Test func filesWithErrorsAreLeftAlone() {
        #expect(throws: ZoneFormatter.Failure.self) {
            try ZoneFormatter.format(Array("a AX 192.0.2.1".utf8), path: "zone")
        }
    }
}
