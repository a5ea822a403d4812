import DNS
import DNSServer
import Linux
import TestSupport
import Testing

struct SerialsTests {
    /// A server that is started again for each step.
    private struct Restarts: ~Copyable {
        let directory: TemporaryDirectory
        private(set) var zones: ZoneDirectory
        private let everywhere: Bool

        init(everywhere: Bool = false) throws {
            directory = try TemporaryDirectory()
            self.everywhere = everywhere
            zones = Self.start(directory.path, everywhere)
        }

        private static func start(_ path: String, _ everywhere: Bool) -> ZoneDirectory {
            let serials = Serials(directory: "\(path)/state", everywhere: everywhere)
            return ZoneDirectory([ZonePath("\(path)/a.test.zone")], serials: serials)
        }

        mutating func restart() { zones = Self.start(directory.path, everywhere) }

        borrowing func load(_ serial: UInt32, _ remark: String = "", _ more: String = "") throws -> ZoneReport {
            let text = Sample.zone(serial: serial).replacing(" 60\n@", with: " 60 \(remark)\n@") + more
            try directory.write("a.test.zone", text)
            return try #require(zones.load().reports.first)
        }
    }

    private static let remark = "; serial ; minidns: auto-serial"
    private static let first = "x 60 A 192.0.2.1\n"
    private static let second = "x 60 A 192.0.2.2\n"

    @Test func eachVersionGetsASerialOfItsOwn() throws {
        var server = try Restarts()
        // What the file says and has, and what is served; restarted before each step, and not.
        let steps: [(serial: UInt32, more: String, served: UInt32)] = [
            (7, "", 7), (7, "", 7), (7, Self.first, 8), (7, Self.second, 9), (7, Self.first, 10), (7, Self.first, 10),
            (9, Self.first, 10), (10, Self.first, 10), (20, Self.first, 20), (20, Self.second, 21),
            (5, Self.second, 21),
            (4_294_967_295, Self.second, 21), (2_147_483_668, Self.second, 2_147_483_668),
            (4_294_967_294, Self.second, 4_294_967_294), (1, Self.second, 1), (0, Self.first, 2),
        ]
        for restarts in [false, true] {
            try server.directory.run("rm -rf state")
            server.restart()
            for (number, step) in steps.enumerated() {
                if restarts { server.restart() }
                let report = try server.load(step.serial, Self.remark, step.more)
                #expect(report.zone?.serial.value == step.served, "step \(number)")
                #expect(report.problems.isEmpty)
            }
        }
    }

    @Test func aSerialGoesRound() throws {
        var server = try Restarts()
        #expect(try server.load(.max, Self.remark).zone?.serial.value == .max)
        server.restart()
        #expect(try server.load(.max, Self.remark, Self.first).zone?.serial.value == 0)
    }

    @Test func whatIsServedHasTheSerial() throws {
        let zones = try KeptZones("sed 's/ 60$/ 60 ; minidns: auto-serial/' one > zones/a.test.zone", serials: true)
        #expect(try zones.serves(1))
        try zones.directory.run("echo 'x 60 A 192.0.2.1' >> zones/a.test.zone")
        #expect(try zones.serves(2))
        // The negative answer has it too.
        let reply = try DatagramClient(to: zones.address).ask(Sample.query("nothing.a.test"))
        #expect(reply.map { $0[($0.count - 20)..<($0.count - 16)].last } == 2)
        try zones.directory.run("grep -q ' 1 3600' zones/a.test.zone")
    }

    @Test(arguments: [
        "@ IN SOA ns h (\n 1 ; serial\n 2 3 4 5 ) ; minidns: auto-serial\n",
        "@ SOA ns h ( 1 ;minidns: auto-serial\n 2 3 4 5 )\n",
        "@ SOA ns h 1 2 3 4 5 ; raised by us; minidns:   auto-serial, always\n".replacing("serial,", with: "serial ,"),
    ])
    func remarksStandAnywhereBesideTheSOA(text: String) throws {
        let server = try Restarts()
        let rest = "@ NS ns\nns A 192.0.2.1\n"
        try server.directory.write("a.test.zone", "$TTL 60\n" + text + rest)
        #expect(server.zones.load().reports[0].zone?.serial.value == 1)
        try server.directory.write("a.test.zone", "$TTL 60\n" + text + rest + Self.first)
        #expect(server.zones.load().reports[0].zone?.serial.value == 2)
    }

    @Test(arguments: [
        "", "; auto-serial", "; minidns: auto", "; minidns:", "; minidns: auto-serials",
    ])
    func otherRemarksAskForNothing(remark: String) throws {
        let server = try Restarts()
        #expect(try server.load(1, remark).problems.isEmpty)
        let report = try server.load(1, remark, "; minidns: auto-serial\n" + Self.first)
        #expect(report.zone?.serial.value == 1 && report.problems.count == 1)
    }

    @Test func anEditWithoutABumpIsWarnedOf() throws {
        let server = try Restarts()
        #expect(try server.load(5).problems.isEmpty)
        #expect(try server.load(5, "; a comment").problems.isEmpty)
        let unbumped = try server.load(5, "", Self.first)
        #expect(unbumped.state == .loaded)
        #expect(unbumped.problems.map(\.severity) == [.warning])
        #expect(unbumped.problems[0].message.contains("write 6") && unbumped.problems[0].line == 1)
        // The same records in another order are the same.
        #expect(try server.load(5, "", "; moved\n" + Self.first).problems.isEmpty)
        #expect(try server.load(6, "", Self.second).problems.isEmpty)
        #expect(try server.load(4, "", Self.second).problems.map(\.severity) == [.warning])
    }

    @Test(arguments: [
        "@ 60 RRSIG SOA 8 2 3600 20300101000000 20200101000000 1 a.test. AAAA\n",
        "@ 60 ZONEMD 1 1 1 " + String(repeating: "00", count: 48) + "\n",
    ])
    func whatVouchesForTheSOAForbidsIt(record: String) throws {
        let server = try Restarts(everywhere: true)
        let report = try server.load(1, "", record)
        #expect(report.state == .unavailable)
        #expect(report.problems.contains { $0.severity == .error && $0.message.contains("auto-serial") })
    }

    @Test func noSerialIsServedThatWouldBeForgotten() throws {
        var server = try Restarts(everywhere: true)
        #expect(try server.load(1).zone?.serial.value == 1)
        // What cannot be written stands in for a full disk.
        try server.directory.run("mkdir state/serials.new")
        for _ in 0..<2 {
            let report = try server.load(1, "", Self.first)
            #expect(report.state == .keptLastGood && report.zone?.serial.value == 1)
            #expect(report.problems[0].message.contains("cannot be remembered"))
        }
        try server.directory.run("rmdir state/serials.new")
        #expect(try server.load(1, "", Self.first).zone?.serial.value == 2)
        // After a start there is nothing that could go on: the version is served, and told of.
        try server.directory.run("mkdir state/serials.new")
        server.restart()
        let started = try server.load(1, "", Self.second)
        #expect(started.state == .loaded && started.zone?.serial.value == 3 && !started.problems.isEmpty)
        #expect(try server.load(1, "", Self.first).zone?.serial.value == 3)
        try server.directory.run("rmdir state/serials.new")
        #expect(try server.load(1, "", Self.first).zone?.serial.value == 4)
        server.restart()
        #expect(try server.load(1, "", Self.first).zone?.serial.value == 4)
    }

    /// Whoever holds the lock and is stuck delays other zones for a second, and not for good.
    @Test func aLockThatIsHeldIsTold() throws {
        let server = try Restarts(everywhere: true)
        #expect(try server.load(1).state == .loaded)
        let report = try File.locking("\(server.directory.path)/state/serials.lock") {
            try? server.load(1, "", Self.first)
        }
        #expect(report?.state == .keptLastGood)
        #expect(report?.problems.first?.message.contains("Another process holds it") == true)
        #expect(try server.load(1, "", Self.first).state == .loaded)
    }

    @Test func damagedStateIsAnError() throws {
        var server = try Restarts(everywhere: true)
        _ = try server.load(1)
        try server.directory.run("echo nonsense > state/serials")
        server.restart()
        let report = try server.load(1)
        #expect(report.state == .unavailable && report.problems[0].message.contains("NAME SERIAL DIGEST"))
    }

    @Test func serversShareAFile() throws {
        let server = try Restarts(everywhere: true)
        _ = try server.load(1)
        let other = ZoneDirectory(
            [ZonePath("b.test=\(server.directory.path)/a.test.zone")],
            serials: Serials(directory: "\(server.directory.path)/state", everywhere: true))
        #expect(other.load().reports[0].zone?.serial.value == 1)
        _ = try server.load(1, "", Self.first)
        _ = other.load()
        try server.directory.run("grep -c . state/serials | grep -qx 2; grep -q '^a.test. 2 ' state/serials")
    }
}
