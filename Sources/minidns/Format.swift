import ArgumentParser
import DNS
import DNSServer
import Linux

/// `minidns format`: lays zone files out.
struct Format: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lay zone files out neatly: columns, one way of writing times, aligned comments.",
        discussion: """
            What a file means does not change, and is compared before anything is written. Comments, directives and \
            empty lines between groups stay. Also for files that are included.

            \(ExitStatus.help)
            """)

    @Argument(
        help: ArgumentHelp(
            "Zone files, directories of files NAME.zone, or - for standard input to standard output.", valueName: "path"
        ))
    var paths: [String]

    @Flag(help: "Write nothing; name the files that would change, and exit with 1 where there are some.")
    var check = false

    private static let limit = ServerLimits().zoneFileSize

    func run() throws {
        var worst = ExitStatus.success
        for path in paths {
            if path == "-" {
                worst = Self.worse(worst, try standardInput())
                continue
            }
            for file in try files(at: path) { worst = Self.worse(worst, try format(file)) }
        }
        if worst != .success { throw ExitCode(worst.rawValue) }
    }

    private static func worse(_ left: ExitStatus, _ right: ExitStatus) -> ExitStatus {
        left.rawValue > right.rawValue ? left : right
    }

    private func files(at path: String) throws(Failure) -> [String] {
        do throws(SystemError) {
            if try File.kind(path) != .directory { return [path] }
        } catch {
            throw Failure(status: error.isMissing ? .noZones : .systemRefused, message: "\(path): \(error.message)")
        }
        return ZonePath(path).sources().sources.map(\.path)
    }

    private func format(_ path: String) throws(Failure) -> ExitStatus {
        try Failure.ofSystem { () throws(SystemError) in
            let contents = try File.read(path, limit: Self.limit)
            guard let result = layOut(contents.octets, path) else { return .brokenZone }
            if result == contents.octets { return .success }
            if check {
                StandardStreams.write("\(path)\n", to: 1)
                return .different
            }
            try File.rewrite(path, result, ifStill: contents.status)
            return .success
        }
    }

    private func standardInput() throws(Failure) -> ExitStatus {
        try Failure.ofSystem { () throws(SystemError) in
            let input = try InputFile.standardInput()
            var octets: [UInt8] = []
            var count = 0
            while true {
                if count == octets.count { octets += repeatElement(0, count: max(65_536, count)) }
                let read = try input.read(into: &octets, from: count)
                if read == 0 { break }
                count += read
                if count > Self.limit { throw SystemError("read standard input", refused: "too large") }
            }
            octets.removeSubrange(count...)
            guard let result = layOut(octets, "-") else { return .brokenZone }
            if check { return result == octets ? .success : .different }
            try StandardStreams.write(all: result, to: 1)
            return .success
        }
    }

    /// Nil where the text has errors, which are told.
    private func layOut(_ text: [UInt8], _ path: String) -> [UInt8]? {
        do throws(ZoneFormatter.Failure) {
            return try ZoneFormatter.format(text, path: path)
        } catch {
            for problem in error.problems { StandardStreams.write("error: \(problem.textWithHint)\n", to: 2) }
            return nil
        }
    }
}
