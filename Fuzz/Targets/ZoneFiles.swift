import TestSupport

@testable import DNS

extension FuzzTarget {
    /// A zone file and those that it includes, behind lines `;;` and in that order. Parsing ends; in pieces of any size
    /// it finds the same; what is accepted means the same when it is printed or laid out, and can be inspected.
    static let zoneFiles = FuzzTarget(name: "zone-files") { octets in
        let origin = try Name("example.")
        var choices = Choices(octets)
        let size = 1 + Int(choices.octet())
        let files = split(Array(choices.rest))
        let read: @Sendable (String) -> Result<[UInt8], ZoneReadError> = { path in
            // A file includes others by their numbers.
            guard let number = path == "zone" ? 0 : Int(path), files.indices.contains(number) else {
                return .failure(ZoneReadError("none"))
            }
            return .success(files[number])
        }
        let whole = ZoneParser.parse(path: "zone", origin: origin, read: read)
        try Finding.unless(whole.problems.count <= Limits.reportedProblems, "\(whole.problems.count) problems")
        for problem in whole.problems { try Finding.unless(!problem.description.isEmpty, "an empty message") }
        let pieces = ZoneParser.parse(
            path: "zone", origin: origin, in: ZonePieces(size: size, Pieces.backwards), read: read)
        try Finding.unless(
            records(pieces) == records(whole) && pieces.problems == whole.problems
                && pieces.errorCount == whole.errorCount && pieces.warningCount == whole.warningCount,
            "pieces of \(size) octets: \(pieces.problems), whole: \(whole.problems)")
        let counted = ZoneParser.parse(path: "zone", origin: origin, keepsRecords: false, read: read)
        try Finding.unless(
            counted.problems == whole.problems && counted.recordCount == whole.recordCount, "without records")
        let inspection = ZoneInspection.inspect(path: "zone", origin: origin, now: 1_767_225_600, read: read)
        for problem in inspection.problems { _ = problem.textWithHint }
        if whole.hasErrors { return }
        let printed = Array(ZonePrinter.print(whole.zone).utf8)
        let again = ZoneParser.parse(path: "printed", origin: origin) { _ in .success(printed) }
        try Finding.unless(!again.hasErrors && records(again) == records(whole), "printed: \(again.problems)")
        if files.count > 1 { return }
        let once = try ZoneFormatter.format(files[0], path: "zone")
        try Finding.unless(try ZoneFormatter.format(once, path: "zone") == once, "laid out twice")
        let laidOut = ZoneParser.parse(path: "zone", origin: origin) { _ in .success(once) }
        try Finding.unless(records(laidOut) == records(whole), "laid out")
    }

    private static func records(_ result: ZoneParseResult) -> [Record] {
        (0..<result.zone.recordCount).map { result.zone[$0] }
    }

    private static func split(_ octets: [UInt8]) -> [[UInt8]] {
        var files: [[UInt8]] = [[]]
        for line in octets.split(separator: 0x0A, omittingEmptySubsequences: false) {
            if line.elementsEqual(";;".utf8) { files.append([]) } else { files[files.count - 1] += line + [0x0A] }
        }
        // The last line has an end only if the input has.
        if files[files.count - 1].last == 0x0A { files[files.count - 1].removeLast() }
        return files
    }
}
