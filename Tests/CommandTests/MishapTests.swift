import DNS
import Linux
import TestSupport
import Testing

/// What the machine does to a server that runs, each with a defined behaviour: docs/operations.md.
struct MishapTests {
    private static let zone = "zones/example.test.zone"
    private static let options = "--listen 127.0.0.1:0 --control control --state state"

    /// Where a server is that cannot say it in its log.
    private static func address(in directory: borrowing TemporaryDirectory) throws -> SocketAddress {
        try directory.run("until test -S control; do sleep 0.01; done")
        let end = Clock.milliseconds + 10_000
        while Clock.milliseconds < end {
            let status = try RunningCommand.run(["status", "--json", "--control", "control"], in: directory.path)
            let reply = JSON(parsing: status.output.utf8)
            if status.ending == .exit(0), let text = reply?["addresses"]?.array?.first?.string,
                let address = SocketAddress(text, defaultPort: 0), try servedSerial(at: address) != nil
            {
                return address
            }
        }
        throw SystemError("find the server", refused: "It does not answer")
    }

    private static func comes(_ serial: UInt32, at address: SocketAddress) throws -> Bool {
        let end = Clock.milliseconds + 10_000
        while try servedSerial(at: address) != serial {
            if Clock.milliseconds > end { return false }
            Clock.sleep(milliseconds: 1)
        }
        return true
    }

    @Test(arguments: [
        "2> /dev/full",  // a full disk
        "2> log",  // a pipe that is closed after the first octet
    ])
    func aLogThatCannotBeWrittenHindersNobody(redirection: String) throws {
        let directory = try makeZones(serial: 1)
        try directory.run("mkfifo log")
        let script = "head -c 1 log > /dev/null & exec \(RunningCommand.path) \(Self.options) \(redirection)"
        var command = try RunningCommand(script: script, in: directory.path)
        if redirection.contains("full") { try directory.run("exec 3<> log; echo > log") }
        let address = try Self.address(in: directory)
        for serial in UInt32(2)...4 {
            try directory.write(Self.zone, Sample.zone(serial: serial))
            command.process.send(signal: 1)
            // SIGPIPE.
            command.process.send(signal: 13)
            #expect(try Self.comes(serial, at: address))
        }
        command.process.send(signal: 15)
        #expect(command.end() == .exit(0))
    }

    @Test func linesThatWereLostAreCounted() throws {
        let directory = try makeZones(serial: 1)
        // A pipe that is full, and that somebody holds open and does not read.
        let script = "mkfifo log; exec 3<> log; head -c 65536 /dev/zero >&3; touch full; exec sleep 60"
        var holder = try ChildProcess("/bin/sh", ["-c", script], directory: directory.path)
        try directory.run("until test -e full; do sleep 0.01; done")
        let serve = "exec \(RunningCommand.path) \(Self.options) 2> log"
        var command = try RunningCommand(script: serve, in: directory.path)
        _ = try Self.address(in: directory)
        // Once this is answered, what was to be told of the start is lost.
        #expect(try RunningCommand.run(["reload", "--control", "control"], in: directory.path).ending == .exit(0))
        var reader = try ChildProcess("/bin/sh", ["-c", "exec cat log > told"], directory: directory.path)
        let end = Clock.milliseconds + 10_000
        // The count stands before the next line that is written.
        while (try? directory.run("grep -qa 'lines were lost before this' told")) == nil, Clock.milliseconds < end {
            command.process.send(signal: 1)
            Clock.sleep(milliseconds: 20)
        }
        try directory.run("grep -qa 'lines were lost before this' told")
        command.process.send(signal: 15)
        #expect(command.end() == .exit(0))
        reader.send(signal: 15)
        holder.send(signal: 15)
        _ = (reader.wait(milliseconds: 5_000), holder.wait(milliseconds: 5_000))
    }

    /// Files from another time are what a clock that jumps leaves.
    @Test(arguments: ["2040-01-01", "1971-01-01"])
    func theClockDecidesNothing(date: String) throws {
        let directory = try makeZones(serial: 1)
        var command = try RunningCommand(Self.options.split(separator: " ").map(String.init), in: directory.path)
        let address = try #require(try command.addresses().first)
        try directory.run("echo '@ MX 70000 ns' >> \(Self.zone); touch -d \(date) \(Self.zone)")
        #expect(try command.sees("keeps its last good version, serial 1", milliseconds: 10_000))
        try directory.run("sed -i '$d; s/ 1 3600/ 2 3600/' \(Self.zone); touch -d \(date) \(Self.zone)")
        #expect(try Self.comes(2, at: address))
        let client = try StreamClient(to: address)
        #expect(try client.ask(Sample.query("example.test")).flatMap(Sample.serial) == 2)
    }

    @Test func whatAKilledServerLeavesHindersNobody() throws {
        let directory = try makeZones(serial: 1)
        try directory.run("echo '; minidns: auto-serial' >> \(Self.zone)")
        // An address of its own, where no other test takes the port meanwhile.
        var address = "127.88.0.7:0"
        for round in 0..<4 {
            let start = Clock.milliseconds
            var command = try RunningCommand(
                ["--listen", address, "--control", "control", "--state", "state", "--auto-serial"], in: directory.path)
            let served = try #require(try command.addresses().first)
            address = "\(served)"
            #expect(try servedSerial(at: served) != nil)
            // 60 ms where nothing else runs, which docs/operations.md is for.
            #expect(Clock.milliseconds - start < 5_000)
            let status = try RunningCommand.run(["status", "--control", "control"], in: directory.path)
            #expect(status.ending == .exit(0))
            let client = try StreamClient(to: served)
            #expect(try client.ask(Sample.query("example.test")) != nil)
            try directory.run("echo 'x\(round) 60 A 192.0.2.1' >> \(Self.zone)")
            Clock.sleep(milliseconds: round * 7)
            command.process.send(signal: 9)
            #expect(command.end() == .signal(9))
            try directory.run("test -S control; touch state/serials.lock; echo junk > state/serials.new")
        }
    }

    @Test func aWorkerThatFailsStartsAgain() throws {
        let directory = try makeZones(serial: 1)
        func pollers(_ process: Int32) throws -> [Int] {
            try RunningCommand.links(of: process).filter { $0.value.contains("eventpoll") }.map(\.key).sorted()
        }
        var pollersOfAll: [Int] = []
        do {
            var command = try RunningCommand(Self.options.split(separator: " ").map(String.init), in: directory.path)
            let address = try #require(try command.addresses().first)
            #expect(try servedSerial(at: address) == 1)
            // All workers have opened what they need some moments after the start.
            Clock.sleep(milliseconds: 500)
            pollersOfAll = try pollers(command.process.identifier)
        }
        let steps = "$GENERATE 1-60000 host-$ A 192.0.2.1\n"
        try directory.run("rm control")
        try directory.write("zones/slow.test.zone", Sample.zone(serial: 1) + steps)
        var command = try RunningCommand(Self.options.split(separator: " ").map(String.init), in: directory.path)
        let identifier = command.process.identifier
        // While it loads, one descriptor too few is left: a worker cannot have its own.
        let limit = try #require(pollersOfAll.last)
        try directory.run("until test -S control; do sleep 0.01; done; prlimit --pid \(identifier) --nofile=\(limit):")
        for rest in [100, 200, 400] {
            #expect(try command.sees("Too many open files; it starts again in \(rest) ms"), "\(command.errors)")
        }
        try directory.run("prlimit --pid \(identifier) --nofile=1024:")
        let end = Clock.milliseconds + 10_000
        while try pollers(identifier).count < pollersOfAll.count, Clock.milliseconds < end {
            Clock.sleep(milliseconds: 10)
        }
        #expect(try pollers(identifier).count == pollersOfAll.count)
        #expect(try servedSerial(at: try #require(try command.addresses().first)) == 1)
    }
}
