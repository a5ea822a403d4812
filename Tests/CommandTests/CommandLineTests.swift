import Linux
import TestSupport
import Testing

struct CommandLineTests {
    @Test(arguments: [
        ["--nonsense"], ["serve", "--listen", "localhost"], ["serve", "--listen", "127.0.0.1:99999"],
        ["serve", "--workers", "0"], ["serve", "--workers", "many"], ["check", "--listen", "127.0.0.1"],
        ["serve", "--quiet", "--verbose"], ["serve", "--listen"], ["serve", "--rate-limit", "0"],
        ["serve", "--rate-limit", "1000001"], ["serve", "--rate-limit", "many"], ["serve", "--rate-limit-slip", "11"],
        ["serve", "--rate-limit-slip=-1"], ["serve", "--no-cookies", "--require-cookies"],
        ["serve", "--tcp-connections", "0"], ["serve", "--tcp-idle", "-1"], ["serve", "--udp-size", "511"],
        ["serve", "--udp-queue", "4294967296"],
    ])
    func wrongUsage(arguments: [String]) throws {
        let result = try RunningCommand.run(arguments)
        #expect(result.ending == .exit(64))
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("Error: "))
        #expect(result.errors.contains("Usage: minidns"))
    }

    @Test func helpAndVersion() throws {
        let version = try RunningCommand.run(["--version"])
        #expect(version.ending == .exit(0) && version.output.hasPrefix("0.") && version.errors.isEmpty)
        for words in [["--help"], ["serve", "--help"], ["check", "--help"], ["help", "check"]] {
            let help = try RunningCommand.run(words)
            #expect(help.ending == .exit(0) && help.errors.isEmpty)
            #expect(help.output.contains("USAGE: minidns") && help.output.contains("Exit codes"))
        }
    }

    @Test func noZonesSaysWhatToType() throws {
        let directory = try TemporaryDirectory()
        for words in [[], ["serve"], ["check"]] {
            let result = try RunningCommand.run(words, in: directory.path)
            #expect(result.ending == .exit(66))
            #expect(result.errors.contains("error: zones: No such file or directory"))
            #expect(result.errors.contains("minidns serve PATH"))
        }
        #expect(try RunningCommand.run(["check", "nothing.zone"], in: directory.path).ending == .exit(66))
    }

    @Test func addressesThatTheUserNamedMustExist() throws {
        let directory = try makeZones()
        let result = try RunningCommand.run(["--listen", "192.0.2.254:5353"], in: directory.path)
        #expect(result.ending == .exit(71))
        #expect(result.errors.contains("cannot listen on 192.0.2.254:5353"))
        #expect(result.errors.contains("no such address"))
    }

    @Test func checkTellsWhatIsBroken() throws {
        let directory = try makeZones()
        let good = try RunningCommand.run(["check"], in: directory.path)
        #expect(good.ending == .exit(0))
        #expect(good.errors.hasPrefix("info: zone example.test.: 3 records, serial 1, "))
        try directory.write("zones/broken.test.zone", "nonsense\n")
        let broken = try RunningCommand.run(["check", "--quiet"], in: directory.path)
        #expect(broken.ending == .exit(65))
        #expect(broken.errors.contains("zones/broken.test.zone:1"))
        #expect(!broken.errors.contains("example.test. "))
        #expect(try RunningCommand.run(["check", "zones/example.test.zone"], in: directory.path).ending == .exit(0))
    }

    @Test func checkOfTheSyntaxLooksAtEntriesOnly() throws {
        let directory = try makeZones()
        try directory.write("zones/apexless.test.zone", "$TTL 60\na A 192.0.2.1\n")
        let good = try RunningCommand.run(["check", "--syntax"], in: directory.path)
        #expect(good.ending == .exit(0))
        #expect(good.errors.hasPrefix("info: zones: 2, 4 records, "))
        #expect(try RunningCommand.run(["check"], in: directory.path).ending == .exit(65))
        try directory.write("zones/broken.test.zone", "nonsense\n")
        let broken = try RunningCommand.run(["check", "--syntax", "--quiet"], in: directory.path)
        #expect(broken.ending == .exit(65))
        #expect(broken.errors.contains("zones/broken.test.zone:1"))
    }
}
