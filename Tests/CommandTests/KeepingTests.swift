import DNS
import Linux
import TestSupport
import Testing

/// Editing under a running `minidns`, and what it says of it.
struct KeepingTests {
    private static let zone = "zones/example.test.zone"

    /// Serves `zones` with a control socket and state in the directory.
    private static func serve(_ directory: borrowing TemporaryDirectory, _ more: [String] = []) throws -> RunningCommand
    {
        try RunningCommand(
            ["--listen", "127.0.0.1:0", "--control", "control", "--state", "state"] + more, in: directory.path)
    }

    private static func run(
        _ directory: borrowing TemporaryDirectory, _ words: String...
    ) throws -> (ending: ChildProcess.Ending?, output: String, errors: String) {
        try RunningCommand.run(words + ["--control", "control"], in: directory.path)
    }

    private static func comes(_ serial: UInt32, at address: SocketAddress) throws -> Bool {
        let end = Clock.milliseconds + 10_000
        while Clock.milliseconds < end {
            if try servedSerial(at: address) == serial { return true }
            Clock.sleep(milliseconds: 1)
        }
        return false
    }

    /// Connections take all descriptors that they get, and leave enough for zone files and control.
    @Test func editsWorkWhereDescriptorsAreShort() throws {
        let directory = try makeZones(serial: 1)
        let options = "--workers 1 --listen 127.0.0.1:0 --control control --state state"
        var command = try RunningCommand(
            script: "ulimit -n 100; exec '\(RunningCommand.path)' \(options)", in: directory.path)
        let address = try #require(try command.addresses().first)
        let clients = try (0..<200).map { _ in try StreamClient(to: address) }
        #expect(clients[0].receive() == .closed)
        #expect(try clients[199].ask(Sample.query("example.test")) != nil)
        try directory.run("sed -i 's/ 1 3600/ 2 3600/' \(Self.zone)")
        #expect(try Self.comes(2, at: address))
        #expect(try Self.run(directory, "status").ending == .exit(0))
        let open = try File.names(in: "/proc/\(command.process.identifier)/fd").count
        #expect((45...60).contains(open), "\(open)")
    }

    @Test func breakAndMendInAnEditor() throws {
        let directory = try makeZones(serial: 1)
        var command = try Self.serve(directory)
        let address = try #require(try command.addresses().first)
        try directory.run("sed -i 's/ 1 3600/ 2 3600/' \(Self.zone)")
        #expect(try Self.comes(2, at: address))
        let good = try Self.run(directory, "status")
        #expect(good.ending == .exit(0))
        #expect(
            good.output.hasPrefix("ZONE           SERIAL  RECORDS  LOADED                STATE\nexample.test.       2"))
        #expect(good.output.contains("Z  ok\n\nqueries      ") && good.output.hasSuffix("limits       none\n"))

        try directory.run("echo '@ MX 70000 ns' >> \(Self.zone)")
        #expect(try command.sees("example.test.zone:4:6: MX preference must be a number"))
        #expect(try command.sees("keeps its last good version, serial 2, of 20"))
        let broken = try Self.run(directory, "status")
        #expect(broken.ending == .exit(65))
        #expect(broken.output.contains("last good") && broken.output.contains("     ^^^^^"))
        let reload = try Self.run(directory, "reload")
        #expect(reload.ending == .exit(65) && reload.errors.contains(":4:6: MX"))
        #expect(try servedSerial(at: address) == 2)

        try directory.run("sed -i '$d; s/ 2 3600/ 3 3600/' \(Self.zone)")
        #expect(try command.sees("zone example.test. is mended"))
        #expect(try servedSerial(at: address) == 3)
        let mended = try Self.run(directory, "reload")
        #expect(mended.ending == .exit(0) && mended.output == "1 zone, 0 changed\n")
    }

    @Test func statusAsJSON() throws {
        let directory = try makeZones(serial: 7)
        try directory.write("zones/b.test.zone", "nonsense\n")
        var command = try Self.serve(directory)
        _ = try command.addresses()
        let status = try Self.run(directory, "status", "--json")
        #expect(status.ending == .exit(65))
        let zones = try #require(JSON(parsing: status.output.utf8)?["zones"]?.array)
        #expect(zones.map { $0["zone"]?.string } == ["b.test.", "example.test."])
        #expect(zones.map { $0["state"]?.string } == ["broken", "ok"])
        #expect(zones[1]["serial"]?.number == 7 && zones[1]["records"]?.number == 3 && zones[1]["error"] == .null)
        #expect(zones[0]["serial"] == .null && zones[0]["error"]?.string?.contains("b.test.zone:1:") == true)
    }

    @Test func reloadWithoutWatching() throws {
        let directory = try makeZones(serial: 1)
        var command = try Self.serve(directory, ["--no-watch"])
        let address = try #require(try command.addresses().first)
        try directory.write(Self.zone, Sample.zone(serial: 2))
        let reload = try Self.run(directory, "reload")
        #expect(reload.ending == .exit(0) && reload.output == "1 zone, 1 changed: example.test.\n")
        #expect(try servedSerial(at: address) == 2)
        let again = try JSON(parsing: Self.run(directory, "reload", "--json").output.utf8)
        #expect(again?["zones"]?.number == 1 && again?["loaded"] == [] && again?["problems"] == [])
    }

    @Test func theSocketIsOfOneServerOnly() throws {
        let directory = try makeZones(serial: 1)
        var first = try Self.serve(directory)
        _ = try first.addresses()
        try directory.run("test \"$(stat -c %a control)\" = 600")
        let second = try RunningCommand.run(
            ["--listen", "127.0.0.1:0", "--control", "control"], in: directory.path)
        #expect(second.ending == .exit(71) && second.errors.contains("Address already in use"))
        #expect(try Self.run(directory, "status").ending == .exit(0))
        // The socket of a dead server is nobody's.
        first.process.send(signal: 9)
        #expect(first.end() == .signal(9))
        #expect(try Self.run(directory, "status").ending == .exit(69))
        var third = try Self.serve(directory)
        _ = try third.addresses()
        #expect(try Self.run(directory, "status").ending == .exit(0))
        third.process.send(signal: 15)
        #expect(third.end() == .exit(0))
        try directory.run("test ! -e control; echo kept > control")
        #expect(try RunningCommand.run(["--control", "control"], in: directory.path).ending == .exit(71))
        try directory.run("grep -q kept control")
    }

    @Test func withoutANameTheOnlyServerIsAsked() throws {
        let directory = try makeZones(serial: 1)
        let environment = ["XDG_RUNTIME_DIR=\(directory.path)", "XDG_STATE_HOME=\(directory.path)"]
        func status() throws -> (ending: ChildProcess.Ending?, output: String, errors: String) {
            try RunningCommand.run(["status"], in: directory.path, environment: environment)
        }
        #expect(try status().ending == .exit(69))
        var first = try RunningCommand(["--listen", "127.0.0.1:0"], in: directory.path, environment: environment)
        let port = try #require(try first.addresses().first?.port)
        #expect(try status().ending == .exit(0))
        try directory.run("test -S minidns-\(port).sock")
        var second = try RunningCommand(["--listen", "127.0.0.1:0"], in: directory.path, environment: environment)
        _ = try second.addresses()
        let several = try status()
        #expect(
            several.ending == .exit(69) && several.errors.contains("--control \(directory.path)/minidns-\(port).sock"))
    }

    @Test func theSocketHasLimits() throws {
        let directory = try makeZones(serial: 1)
        var command = try Self.serve(directory)
        _ = try command.addresses()
        let path = "\(directory.path)/control"
        func receive(_ socket: LocalSocket) throws -> String? {
            guard socket.socket.wait(for: .read, milliseconds: 5_000) else { return nil }
            var octets = [UInt8](repeating: 0, count: 65_536)
            var room = octets.mutableSpan
            let count = try socket.socket.receive(into: &room)
            return count.map { String(decoding: octets.prefix($0), as: UTF8.self) }
        }
        for (request, reply) in [
            ("nonsense\n", "{\"error\":\"a request is"), ("{}\n", "{\"error\":\"requests are"),
            (String(repeating: "x", count: 10_000), ""),
        ] {
            let client = try LocalSocket.connect(to: path)
            _ = try client.socket.send(Array(request.utf8).span)
            let said = try? receive(client)
            #expect(reply.isEmpty ? said == nil || said == "" : said?.hasPrefix(reply) == true, "\(request.prefix(10))")
        }
        let clients = try (0..<16).map { _ in try LocalSocket.connect(to: path) }
        let end = Clock.milliseconds + 5_000
        while try receive(try LocalSocket.connect(to: path))?.contains("too many") != true, Clock.milliseconds < end {}
        #expect(Clock.milliseconds < end)
        withExtendedLifetime(clients) {}
    }

    @Test func serialsNeverGoBackWhateverEndsTheServer() throws {
        let directory = try makeZones(serial: 1)
        var served: UInt32 = 0
        for round in 0..<8 {
            var command = try Self.serve(directory, ["--auto-serial"])
            let address = try #require(try command.addresses().first)
            let now = try #require(try servedSerial(at: address))
            #expect(now >= served)
            served = now
            for edit in 0..<3 {
                try directory.run("echo 'x\(round)-\(edit) 60 A 192.0.2.1' >> \(Self.zone)")
                if edit < 2 { #expect(try Self.comes(served + 1, at: address)) }
                served = max(served, try servedSerial(at: address) ?? 0)
            }
            // In the middle of the third.
            Clock.sleep(milliseconds: round * 4)
            served = max(served, try servedSerial(at: address) ?? 0)
            command.process.send(signal: 9)
            #expect(command.end() == .signal(9))
        }
    }

    @Test func aFullDiskIsToldAndNoSerialGoesBack() throws {
        let directory = try makeZones(serial: 1)
        try directory.run("mkdir state")
        let mount = "mount -t tmpfs -o size=16k tmpfs state"
        guard (try? directory.run("unshare -m sh -c '\(mount)'")) != nil else {
            print("skipped: this user may not mount a small file system")
            return
        }
        // The disk has room up to a signal, and again after another.
        let script = """
            exec unshare -m sh -c '\(mount); (until test -e fill; do sleep 0.01; done
            dd if=/dev/zero of=state/filler bs=4k count=4 2>/dev/null; rm state/serials.lock; touch full
            until test -e free; do sleep 0.01; done; rm state/filler; touch freed) &
            exec \(RunningCommand.path) --listen 127.0.0.1:0 --control control --state state --auto-serial'
            """
        var command = try RunningCommand(script: script, in: directory.path)
        let address = try #require(try command.addresses().first)
        try directory.run(
            "touch fill; until test -e full; do sleep 0.01; done; echo 'x 60 A 192.0.2.1' >> \(Self.zone)")
        #expect(try command.sees("cannot be remembered"))
        #expect(command.errors.contains("No space left on device"))
        #expect(try servedSerial(at: address) == 1)
        try directory.run("touch free; until test -e freed; do sleep 0.01; done")
        #expect(try Self.run(directory, "reload").ending == .exit(0))
        #expect(try servedSerial(at: address) == 2)
    }

    @Test func manyHangUpsUnderLoad() throws {
        let directory = try makeZones(serial: 1)
        var command = try Self.serve(directory, ["--quiet", "--workers", "2"])
        try directory.run("until test -S control; do sleep 0.01; done")
        let status = try JSON(parsing: Self.run(directory, "status", "--json").output.utf8)
        let text = try #require(status?["addresses"]?.array?.first?.string)
        let address = try #require(SocketAddress(text, defaultPort: 0))
        #expect(try Self.comes(1, at: address))
        let asker = try Asker(address, "example.test")
        func pages() throws -> Int {
            let text = try File.read("/proc/\(command.process.identifier)/statm", limit: 4096).octets
            return try #require(Int(String(decoding: text, as: UTF8.self).split(separator: " ")[1]))
        }
        // The first hundred make room that is used again.
        var before = 0
        for number in 1...500 {
            try directory.write(Self.zone, Sample.zone(serial: UInt32(number)))
            command.process.send(signal: 1)
            Clock.sleep(milliseconds: 4)
            if number == 200 { before = try pages() }
        }
        let start = Clock.milliseconds
        #expect(try Self.comes(500, at: address))
        // A few milliseconds where nothing else runs.
        #expect(Clock.milliseconds - start < 2_000)
        #expect(try pages() - before < 512)
        let serials = asker.stop(after: 500)
        #expect(serials == serials.sorted() && serials.first == 1)
        let reload = try Self.run(directory, "reload")
        #expect(reload.ending == .exit(0))
        #expect(!(try command.sees("error", milliseconds: 1)))
    }
}
