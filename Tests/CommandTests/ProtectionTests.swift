import DNS
import Linux
import TestSupport
import Testing

/// What the server gives up, and what it still can.
struct ProtectionTests {
    private static let zone = "zones/example.test.zone"
    private static let options = ["--listen", "127.0.0.1:0", "--control", "run/control", "--state", "state"]

    /// Reads what each thread of a process is.
    private static func threads(of process: Int32) throws -> [String] {
        let script = """
            cd /proc/\(process)/task; for t in *; do echo $(sed -nE 's/^(Uid|Gid|Groups|CapEff|NoNewPrivs|Seccomp)://p' $t/status)
            done
            """
        let shell = try ChildProcess("/bin/sh", ["-c", script])
        var text = ""
        while let octets = try shell.read(.output, milliseconds: 5_000), !octets.isEmpty {
            text += String(decoding: octets, as: UTF8.self)
        }
        return text.split(separator: "\n").map(String.init)
    }

    @Test func becomesAUserOnAllThreads() throws {
        guard Privileges.isRoot else { return print("skipped: only root can become another user") }
        let directory = try makeZones(serial: 1)
        try directory.run("chmod 755 .; echo '; minidns: auto-serial' >> \(Self.zone)")
        var command = try RunningCommand(Self.options + ["--user", "65534:65533"], in: directory.path)
        let address = try #require(try command.addresses().first)
        #expect(try servedSerial(at: address) == 1)
        #expect(command.errors.contains("protected by: user 65534:65533, no capabilities, no new privileges, "))
        let threads = try Self.threads(of: command.process.identifier)
        #expect(threads.count >= 4)
        for thread in threads {
            #expect(thread == "65534 65534 65534 65534 65533 65533 65533 65533 0000000000000000 1 2")
        }
        // It can write where it must, and nowhere else.
        try directory.run("test $(stat -c %u run) = 65534; test $(stat -c %u state) = 65534; test -S run/control")
        try directory.write(Self.zone, Sample.zone(serial: 2))
        #expect(try RunningCommand.run(["reload", "--control", "run/control"], in: directory.path).ending == .exit(0))
        #expect(try servedSerial(at: address) == 2)
        command.process.send(signal: 15)
        #expect(command.end() == .exit(0))
        try directory.run("test ! -e run/control")
    }

    @Test func anUnknownUserIsAnError() throws {
        let directory = try makeZones(serial: 1)
        for user in ["no-such-user", "0:no-such-group", "a:b:c", ""] {
            let result = try RunningCommand.run(Self.options + ["--user", user], in: directory.path)
            #expect(result.ending == .exit(71) && result.errors.contains("no such user or group"), "\(user)")
        }
    }

    @Test(arguments: [[], ["--allow-include", "far"], ["--no-sandbox"]])
    func filesAreReadWhereTheyWereAtTheStart(options: [String]) throws {
        let directory = try makeZones(serial: 1)
        try directory.run("mkdir near far; echo 'a A 192.0.2.1' > near/a; cp near/a near/b; cp near/a far/a")
        try directory.run("echo '$INCLUDE ../near/a' >> \(Self.zone)")
        var command = try RunningCommand(Self.options + options, in: directory.path)
        let address = try #require(try command.addresses().first)
        let isConfined = Landlock.version != nil && options.first != "--no-sandbox"
        #expect(command.errors.contains(isConfined ? ", confined files" : "; not by: "))
        #expect(isConfined == !command.errors.contains("confined files ("))
        try directory.run("sed -i 's/ 1 3600/ 2 3600/; s,near/a,near/b,' \(Self.zone)")
        #expect(try command.sees("serial 1 to 2"))
        try directory.run("sed -i 's/ 2 3600/ 3 3600/; s,near/b,far/a,' \(Self.zone)")
        if isConfined && options.isEmpty {
            #expect(try command.sees("or with --allow-include \(File.resolved(directory.path) ?? "")/far"))
            #expect(try command.sees("keeps its last good version, serial 2"))
            #expect(try servedSerial(at: address) == 2)
        } else {
            #expect(try command.sees("serial 2 to 3"))
        }
    }

    @Test func aDirectoryThatCannotBeAllowedIsToldOf() throws {
        guard Landlock.version != nil else { return print("skipped: this kernel has no Landlock") }
        let directory = try makeZones(serial: 1)
        var command = try RunningCommand(Self.options + ["--allow-include", "nowhere"], in: directory.path)
        #expect(try command.sees("warning: --allow-include nowhere: No such file or directory, so it stays closed"))
    }

    @Test func aDirectoryInThePlaceOfAnotherIsToldOf() throws {
        guard Landlock.version != nil else { return print("skipped: this kernel has no Landlock") }
        let directory = try makeZones(serial: 1)
        var command = try RunningCommand(Self.options, in: directory.path)
        let address = try #require(try command.addresses().first)
        try directory.run("cp -r zones next; mv zones last; mv next zones")
        #expect(try command.sees("zones: Permission denied: the server may only read where"))
        #expect(try servedSerial(at: address) == 1)
        try directory.run("mv zones next; mv last zones; sed -i 's/ 1 3600/ 2 3600/' \(Self.zone)")
        #expect(try command.sees("serial 1 to 2"))
    }

    @Test func tellsTheServiceManager() throws {
        let directory = try makeZones(serial: 1)
        let receiver = """
            use Socket; $| = 1; socket(S, AF_UNIX, SOCK_DGRAM, 0) and bind(S, sockaddr_un("notify")) or die;
            while (defined(recv(S, $m, 4096, 0))) { $m =~ tr/\\n/ /; print "$m\\n" }
            """
        try directory.write("receiver", receiver)
        var manager = try ChildProcess("/bin/sh", ["-c", "exec perl receiver > told"], directory: directory.path)
        try directory.run("until test -S notify; do sleep 0.01; done")
        let script = "NOTIFY_SOCKET=$PWD/notify exec \(RunningCommand.path) \(Self.options.joined(separator: " "))"
        var command = try RunningCommand(script: script, in: directory.path)
        _ = try command.addresses()
        let wait = "until grep -q STATUS told; do sleep 0.01; done; grep -qx 'READY=1 STATUS=1 zones' told; : > told"
        try directory.run(wait)
        try directory.write(Self.zone, Sample.zone(serial: 2))
        #expect(try command.sees("serial 1 to 2"))
        command.process.send(signal: 1)
        try directory.run(
            "until grep -q READY told; do sleep 0.01; done; grep -q 'RELOADING=1 MONOTONIC_USEC=[1-9]' told")
        command.process.send(signal: 15)
        #expect(command.end() == .exit(0))
        try directory.run("until grep -q STOPPING=1 told; do sleep 0.01; done")
        manager.send(signal: 15)
        _ = manager.wait(milliseconds: 5_000)
    }

    @Test func bindsAnAddressThatComesLater() throws {
        let directory = try makeZones(serial: 1)
        guard (try? directory.run("unshare -n ip link set lo up")) != nil else {
            return print("skipped: this user may not make a network")
        }
        let addresses = ["192.0.2.53:5300", "[2001:db8::53]:5300"]
        let listen = addresses.map { "--listen \($0)" }.joined(separator: " ")
        let missing = try RunningCommand.run(["--listen", addresses[0]], in: directory.path)
        #expect(missing.ending == .exit(71) && missing.errors.contains("--freebind"))
        let script = """
            exec unshare -n sh -c 'ip link set lo up; (until test -e come; do sleep 0.01; done
            ip addr add 192.0.2.53/32 dev lo; ip -6 addr add 2001:db8::53/128 dev lo nodad
            for a in 192.0.2.53 2001:db8::53; do for t in notcp tcp; do
            dig @$a -p 5300 +$t +short +tries=5 +time=1 example.test SOA; done; done > answers; touch done) &
            exec \(RunningCommand.path) --freebind --control control --state state \(listen)'
            """
        var command = try RunningCommand(script: script, in: directory.path)
        _ = try command.addresses()
        try directory.run("touch come; until test -e done; do sleep 0.01; done; test $(grep -c '^ns' answers) = 4")
    }
}
