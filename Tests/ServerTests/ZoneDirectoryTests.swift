import DNS
import DNSServer
import Linux
import Synchronization
import TestSupport
import Testing

struct ZoneDirectoryTests {
    private static func origins(_ loading: ZoneDirectory.Loading) -> [String] {
        loading.reports.map { "\($0.source.origin)" }
    }

    private static func states(_ loading: ZoneDirectory.Loading) -> [ZoneReport.State] {
        loading.reports.map(\.state)
    }

    private static func directory(_ paths: String...) -> ZoneDirectory {
        ZoneDirectory(paths.map(ZonePath.init))
    }

    @Test func takesZoneFilesOnly() throws {
        let directory = try TemporaryDirectory()
        let zone = Sample.zone(serial: 1)
        for name in ["root.zone", "example.test.zone", "b.zone"] { try directory.write(name, zone) }
        for name in [".zone", ".a.zone", "#a.zone", "a.zone~", "a.zon", "zone", "README", "4913"] {
            try directory.write(name, "nonsense")
        }
        try directory.run("mkdir sub.zone sub; cp b.zone sub/c.zone")
        let loading = Self.directory(directory.path).load()
        #expect(Self.origins(loading) == ["b.", "example.test.", "."])
        #expect(loading.isComplete)
        #expect(loading.reports.allSatisfy { $0.zone?.serial.value == 1 && $0.problems.isEmpty })
    }

    @Test func takesFilesByTheirNameOrTheGivenOrigin() throws {
        let directory = try TemporaryDirectory()
        let zone = Sample.zone(serial: 1)
        let file = try directory.write("example.test", zone)
        let other = try directory.write("some=file.zone", zone)
        let loading = Self.directory(file, "other.test=\(other)", other).load()
        #expect(Self.origins(loading) == ["example.test.", "other.test.", "some=file."])
        #expect(Self.directory(file).paths[0].missing == nil)
        #expect(Self.directory("a=\(file)").paths[0].missing == nil)
        #expect(Self.directory("a=\(file)x").paths[0].missing != nil)
        #expect(Self.directory(directory.path + "/none").paths[0].missing?.message == "No such file or directory")
    }

    @Test func zonesBeyondTheLimitAreTold() throws {
        let directory = try TemporaryDirectory()
        for name in ["a", "b", "c", "d"] { try directory.write("\(name).zone", Sample.zone(serial: 1)) }
        var limits = ServerLimits()
        limits.zones = 2
        let loading = ZoneDirectory([ZonePath(directory.path)], limits: limits).load()
        #expect(Self.origins(loading) == ["a.", "b."])
        #expect(loading.errors.map(\.path) == [directory.path + "/c.zone"])
        #expect(loading.errors.allSatisfy { $0.message.hasPrefix("there are more than 2 zones") })
    }

    @Test func aZoneThatMemoryCannotHoldKeepsItsVersion() throws {
        let directory = try TemporaryDirectory()
        let text = Sample.zone(serial: 1)
        try directory.write("a.zone", text)
        let available = Mutex<Int?>(nil)
        var limits = ServerLimits()
        limits.memoryCheckSize = text.utf8.count + 1
        limits.availableMemory = { available.withLock { $0 } }
        let zones = ZoneDirectory([ZonePath(directory.path)], limits: limits)
        #expect(zones.load().isComplete)
        for (left, state) in [(0, ZoneReport.State.keptLastGood), (1 << 20, .loaded)] {
            available.withLock { $0 = left }
            try directory.write("a.zone", Sample.zone(serial: 2) + "; more\n")
            let report = try #require(zones.load().reports.first)
            #expect(report.state == state)
            #expect(report.problems.allSatisfy { "\($0)".contains("4 times as much memory, and 0 are left") })
        }
    }

    @Test func originsAreNamesInPresentationForm() throws {
        let directory = try TemporaryDirectory()
        let zone = Sample.zone(serial: 1)
        let file = try directory.write("0\\04725.2.0.192.in-addr.arpa.zone", zone)
        let loading = Self.directory(directory.path, "my.zone=\(file)", "root=\(file)", ".=\(file)").load()
        #expect(
            loading.reports.map(\.source.origin) == [
                try Name("0/25.2.0.192.in-addr.arpa."), try Name("my.zone."), try Name("root."), try Name("."),
            ])
        try directory.write("a..b.zone", zone)
        let errors = Self.directory(directory.path, "a..b=\(file)").load().errors
        #expect(errors.count == 2 && errors.allSatisfy { $0.message.contains("not a domain name") })
    }

    @Test func oneBrokenZoneLeavesTheOthers() throws {
        let directory = try TemporaryDirectory()
        try directory.write("a.test.zone", Sample.zone(serial: 1))
        try directory.write("b.test.zone", "nonsense\n")
        try directory.run("mkfifo c.test.zone; ln -s d.test.zone d.test.zone; ln -s nowhere e.test.zone")
        let loading = Self.directory(directory.path).load()
        #expect(
            Self.states(loading) == [.loaded, .unavailable, .unavailable, .unavailable, .unavailable])
        #expect(loading.reports.dropFirst().allSatisfy { !$0.problems.isEmpty })
        #expect("\(loading.reports[2].problems[0])".contains("FIFO"))
        #expect(!loading.isComplete)
    }

    @Test func aBrokenEditKeepsTheLastGoodVersion() throws {
        let directory = try TemporaryDirectory()
        try directory.write("a.test.zone", Sample.zone(serial: 1))
        let zones = Self.directory(directory.path)
        #expect(Self.states(zones.load()) == [.loaded])
        try directory.write("a.test.zone", "nonsense\n")
        for _ in 0..<2 {
            let loading = zones.load()
            #expect(Self.states(loading) == [.keptLastGood])
            #expect(loading.reports[0].zone?.serial.value == 1)
            #expect(!loading.reports[0].problems.isEmpty)
        }
        try directory.write("a.test.zone", Sample.zone(serial: 2))
        let mended = zones.load()
        #expect(Self.states(mended) == [.loaded] && mended.reports[0].zone?.serial.value == 2)
    }

    @Test func theContentDecides() throws {
        let directory = try TemporaryDirectory()
        for name in ["a", "b"] { try directory.write("\(name).test.zone", Sample.zone(serial: 1)) }
        let zones = Self.directory(directory.path)
        let first = zones.load()
        try directory.run("touch a.test.zone; cp b.test.zone b; mv b b.test.zone")
        let second = zones.load()
        #expect(Self.states(second) == [.unchanged, .unchanged])
        for (before, after) in zip(first.reports, second.reports) { #expect(before.zone === after.zone) }
        try directory.write("b.test.zone", Sample.zone(serial: 2))
        let third = zones.load()
        #expect(Self.states(third) == [.unchanged, .loaded])
        #expect(third.reports[1].zone?.serial.value == 2)
    }

    @Test func includedFilesCountToo() throws {
        let directory = try TemporaryDirectory()
        try directory.write("a.test.zone", Sample.zone(serial: 1) + "$INCLUDE more\n")
        try directory.write("more", "x 3600 IN A 192.0.2.2\n")
        let zones = Self.directory(directory.path)
        #expect(Self.states(zones.load()) == [.loaded])
        #expect(Self.states(zones.load()) == [.unchanged])
        try directory.write("more", "x 3600 IN A 192.0.2.3\n")
        #expect(Self.states(zones.load()) == [.loaded])
        try directory.run("rm more")
        #expect(Self.states(zones.load()) == [.keptLastGood])
    }

    @Test func twoFilesOfOneZoneAreAnError() throws {
        let directory = try TemporaryDirectory()
        let first = try directory.write("a.test.zone", Sample.zone(serial: 1))
        let second = try directory.write("A.TEST.zone", Sample.zone(serial: 2))
        let loading = Self.directory(first, second).load()
        #expect(loading.reports.map(\.zone?.serial.value) == [1])
        #expect(loading.errors.map(\.path) == [second])
        #expect(!loading.isComplete)
    }

    @Test func filesComeAndGoAndDirectoriesStay() throws {
        let directory = try TemporaryDirectory()
        try directory.run("mkdir zones")
        try directory.write("zones/a.test.zone", Sample.zone(serial: 1))
        let zones = Self.directory("\(directory.path)/zones")
        #expect(Self.origins(zones.load()) == ["a.test."])
        try directory.write("zones/b.test.zone", Sample.zone(serial: 1))
        #expect(Self.origins(zones.load()) == ["a.test.", "b.test."])
        try directory.run("rm zones/a.test.zone")
        let gone = zones.load()
        #expect(Self.origins(gone) == ["b.test."])
        #expect(gone.removed.map { "\($0)" } == ["a.test."])
        try directory.run("mv zones elsewhere")
        let away = zones.load()
        #expect(away.errors.map(\.isMissing) == [true])
        #expect(Self.states(away) == [.keptLastGood])
        #expect(away.reports.map(\.zone?.serial.value) == [1] && away.removed.isEmpty)
        try directory.run("mv elsewhere zones")
        #expect(zones.load().isComplete)
    }

    @Test func manyZonesLoadOverSeveralThreads() throws {
        let directory = try TemporaryDirectory()
        try directory.write("a", Sample.zone(serial: 1))
        try directory.run("for n in $(seq 1 300); do cp a zone$n.test.zone; done")
        let loading = Self.directory(directory.path).load(threads: 4)
        #expect(loading.reports.count == 300 && loading.isComplete)
        #expect(Set(Self.origins(loading)).count == 300)
    }

    @Test func aCancelledLoadingEnds() throws {
        let directory = try TemporaryDirectory()
        try directory.write("a.test.zone", Sample.zone(serial: 1))
        let zones = Self.directory(directory.path)
        zones.cancel()
        let loading = zones.load()
        #expect(Self.states(loading) == [.unavailable])
        #expect(!loading.isComplete)
    }
}
