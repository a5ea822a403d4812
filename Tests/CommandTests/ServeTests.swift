import Linux
import TestSupport
import Testing

struct ServeTests {
    private static let sigint: Int32 = 2
    private static let sigkill: Int32 = 9
    private static let sigterm: Int32 = 15
    private static let sighup: Int32 = 1
    private static let anyPort = ["--listen", "127.0.0.1:0"]

    @Test(arguments: [["serve"], []])
    func servesTheDirectoryZones(words: [String]) throws {
        let directory = try makeZones(serial: 5)
        var command = try RunningCommand(words + Self.anyPort, in: directory.path)
        let address = try #require(try command.addresses().first)
        #expect(try servedSerial(at: address) == 5)
        #expect(try StreamClient(to: address).ask(Sample.query("example.test")).flatMap(Sample.serial) == 5)
        #expect(command.errors.contains("info: zone example.test.: 3 records, serial 5, "))
        #expect(command.errors.contains("info: zones: 1 loaded, 3 records, "))
    }

    @Test(arguments: [sigterm, sigint])
    func signalsEndIt(signal: Int32) throws {
        let directory = try makeZones()
        var command = try RunningCommand(Self.anyPort, in: directory.path)
        let address = try #require(try command.addresses().first)
        let client = try StreamClient(to: address)
        #expect(try client.ask(Sample.query("example.test")) != nil)
        let start = Clock.milliseconds
        command.process.send(signal: signal)
        #expect(command.end() == .exit(0))
        #expect(Clock.milliseconds - start < 2_000)
    }

    @Test func aSignalEndsItDuringALoad() throws {
        let directory = try makeZones()
        let steps = (0..<9).map { "$GENERATE 1-100000 host\($0)-$ A 192.0.2.1\n" }.joined()
        try directory.write("zones/slow.test.zone", Sample.zone(serial: 1) + steps)
        var command = try RunningCommand(Self.anyPort, in: directory.path)
        // It listens to signals before it loads: then they are blocked.
        let status = "/proc/\(command.process.identifier)/status"
        func listens() throws -> Bool {
            let text = String(decoding: try File.read(status, limit: 1 << 16).octets, as: UTF8.self)
            return !text.contains("SigBlk:\t0000000000000000")
        }
        for _ in 0..<10_000 where try !listens() { Clock.sleep(milliseconds: 1) }
        Clock.sleep(milliseconds: 50)
        let start = Clock.milliseconds
        command.process.send(signal: Self.sigterm)
        #expect(command.end() == .exit(0))
        #expect(Clock.milliseconds - start < 2_000)
        #expect(!command.errors.contains("listening"))
    }

    @Test func nobodyWaitsForALogThatIsNotRead() throws {
        let directory = try makeZones(serial: 4)
        try directory.run("for n in $(seq 1 1500); do cp zones/example.test.zone zones/a$n.test.zone; done")
        // The port cannot be read from the log, so one is found beforehand, on an address of its own.
        let address: SocketAddress
        do {
            let probe = try Socket(.udp, .ipv4)
            try probe.bind(try #require(SocketAddress("127.88.0.5", defaultPort: 0)))
            address = try probe.localAddress()
        }
        var command = try RunningCommand(["--verbose", "--listen", "\(address)"], in: directory.path)
        #expect(try servedSerial(at: address) == 4)
        try directory.write("zones/example.test.zone", Sample.zone(serial: 5))
        command.process.send(signal: Self.sighup)
        let end = Clock.milliseconds + 5_000
        while try servedSerial(at: address) != 5 && Clock.milliseconds < end { Clock.sleep(milliseconds: 1) }
        #expect(try servedSerial(at: address) == 5)
        let start = Clock.milliseconds
        command.process.send(signal: Self.sigterm)
        #expect(command.end() == .exit(0))
        #expect(Clock.milliseconds - start < 2_000)
    }

    @Test func reloadsOnHangUp() throws {
        let directory = try makeZones(serial: 1)
        var command = try RunningCommand(Self.anyPort, in: directory.path)
        let address = try #require(try command.addresses().first)
        #expect(try servedSerial(at: address) == 1)
        for serial in UInt32(2)...20 {
            try directory.write("zones/example.test.zone", Sample.zone(serial: serial))
            for _ in 0..<5 { command.process.send(signal: Self.sighup) }
            let end = Clock.milliseconds + 5_000
            while try servedSerial(at: address) != serial && Clock.milliseconds < end { Clock.sleep(milliseconds: 1) }
            #expect(try servedSerial(at: address) == serial)
        }
        try directory.write("zones/example.test.zone", "nonsense\n")
        command.process.send(signal: Self.sighup)
        #expect(try command.sees("keeps its last good version, serial 20"))
        #expect(try servedSerial(at: address) == 20)
    }

    @Test func aTakenPortEndsTheSecond() throws {
        let directory = try makeZones()
        var first = try RunningCommand(Self.anyPort, in: directory.path)
        let address = try #require(try first.addresses().first)
        let second = try RunningCommand.run(["serve", "-l", "\(address)"], in: directory.path)
        #expect(second.ending == .exit(71))
        #expect(second.errors.contains("error: cannot listen on \(address) (TCP): Address already in use"))
        #expect(second.errors.contains("minidns serve --listen 127.0.0.1:5300"))
        #expect(try servedSerial(at: address) == 1)
    }

    @Test func startsAgainAfterAKill() throws {
        let directory = try makeZones()
        // An address of its own, where no other test takes the port meanwhile.
        var arguments = ["--listen", "127.88.0.4:0"]
        for _ in 0..<5 {
            var command = try RunningCommand(arguments, in: directory.path)
            let address = try #require(try command.addresses().first)
            arguments = ["--listen", "\(address)"]
            let client = try StreamClient(to: address)
            #expect(try client.ask(Sample.query("example.test")) != nil)
            command.process.send(signal: Self.sigkill)
            #expect(command.end() == .signal(Self.sigkill))
        }
    }

    @Test func brokenZonesAreReportedAndWaitedFor() throws {
        let directory = try makeZones()
        try directory.write("zones/example.test.zone", "nonsense\n")
        var command = try RunningCommand(Self.anyPort + ["--quiet"], in: directory.path)
        #expect(try command.sees("error: zone example.test. is not served"))
        try directory.write("zones/example.test.zone", Sample.zone(serial: 3))
        command.process.send(signal: Self.sighup)
        command.process.send(signal: Self.sigterm)
        #expect(command.end() == .exit(0))
        #expect(!command.errors.contains("info:") && !command.errors.contains("notice:"))
    }

    @Test func closedStreamsAreNotTakenBySockets() throws {
        let directory = try makeZones()
        let script = "exec \(RunningCommand.path) --listen 127.0.0.1:0 <&- >&- 2>&-"
        var command = try RunningCommand(script: script, in: directory.path)
        Clock.sleep(milliseconds: 300)
        let links = try RunningCommand.links(of: command.process.identifier)
        #expect((0...2).allSatisfy { links[$0] == "/dev/null" }, "\(links)")
        command.process.send(signal: Self.sigterm)
        #expect(command.end() == .exit(0))
    }

    @Test func fewDescriptorsStillServe() throws {
        let directory = try makeZones()
        let script = "ulimit -n 100; exec \(RunningCommand.path) --listen 127.0.0.1:0 --workers 2"
        var command = try RunningCommand(script: script, in: directory.path)
        let address = try #require(try command.addresses().first)
        // All workers have opened what they need some moments after the start.
        #expect(try servedSerial(at: address) == 1)
        Clock.sleep(milliseconds: 500)
        let before = try RunningCommand.links(of: command.process.identifier).count
        do {
            var clients: [StreamClient] = []
            for _ in 0..<200 { clients.append(try StreamClient(to: address)) }
            #expect(try clients[199].ask(Sample.query("example.test")) != nil)
            #expect(try servedSerial(at: address) == 1)
            // Zone files can still be read.
            try directory.write("zones/example.test.zone", Sample.zone(serial: 2))
            command.process.send(signal: Self.sighup)
            let end = Clock.milliseconds + 5_000
            while try servedSerial(at: address) != 2 && Clock.milliseconds < end { Clock.sleep(milliseconds: 1) }
            #expect(try servedSerial(at: address) == 2)
        }
        let end = Clock.milliseconds + 5_000
        while try RunningCommand.links(of: command.process.identifier).count != before && Clock.milliseconds < end {
            Clock.sleep(milliseconds: 5)
        }
        #expect(try RunningCommand.links(of: command.process.identifier).count == before)
    }
}
