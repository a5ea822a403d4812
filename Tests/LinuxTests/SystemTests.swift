import Linux
import Synchronization
import TestSupport
import Testing

struct SystemTests {
    @Test func errorsSayWhatAndWhy() {
        #expect(SystemError("bind 127.0.0.1:53", code: 98).description == "bind 127.0.0.1:53: Address already in use")
    }

    @Test func threadsRunAndAreJoined() throws {
        final class Count: Sendable { let value = Atomic(0) }
        let count = Count()
        let threads = try (0..<4).map { number throws(SystemError) in
            try Thread(name: "a thread with a long name \(number)") { count.value.add(1, ordering: .relaxed) }
        }
        for thread in threads { thread.join() }
        threads[0].join()
        #expect(count.value.load(ordering: .relaxed) == 4)
    }

    @Test func aPollerTellsWhoIsReady() throws {
        let first = try Wakeup()
        let second = try Wakeup()
        var poller = try Poller()
        try poller.add(first.descriptor, .read, token: 1)
        try poller.add(second.descriptor, .read, token: 2 << 40)
        #expect(try poller.wait(milliseconds: 0) == 0)
        second.signal()
        second.signal()
        #expect(try poller.wait(milliseconds: 5_000) == 1)
        #expect(poller.token(0) == 2 << 40)
        #expect(poller.readiness(0) == .read)
        #expect(second.clear())
        #expect(!second.clear())
        #expect(try poller.wait(milliseconds: 0) == 0)
        try poller.change(first.descriptor, [.read, .write], token: 3)
        #expect(try poller.wait(milliseconds: 5_000) == 1)
        #expect(poller.token(0) == 3)
        poller.remove(first.descriptor)
        #expect(try poller.wait(milliseconds: 0) == 0)
    }

    @Test func aWakeupWakesAnotherThread() throws {
        let wakeup = try Wakeup()
        #expect(!wakeup.wait(milliseconds: 1))
        let thread = try Thread(name: "waker") { wakeup.signal() }
        #expect(wakeup.wait(milliseconds: 5_000))
        thread.join()
    }

    @Test func countsProcessors() {
        #expect((1...65_536).contains(Machine.processors))
        #expect(Machine.raiseDescriptorLimit() >= 256)
    }

    @Test func randomOctetsDiffer() {
        #expect(Machine.randomOctets(0).isEmpty)
        #expect(Machine.randomOctets(1_000).count == 1_000)
        #expect(Machine.randomNumber() != Machine.randomNumber())
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (951_782_399, "2000-02-28T23:59:59Z"), (951_782_400, "2000-02-29T00:00:00Z"),
        (1_709_251_199, "2024-02-29T23:59:59Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
        (1_798_761_599, "2026-12-31T23:59:59Z"),
    ])
    func printsTime(seconds: Int, expected: String) {
        #expect(Clock.timestamp(seconds) == expected)
    }

    @Test func memoryRegionsAreZeroedAndOurs() throws {
        for count in [1, 4_096, (2 << 20) - 1, 2 << 20, 5_000_001] {
            var region = try MemoryRegion(octets: count)
            var octets = region.mutableOctets
            #expect(octets.count == count)
            #expect(octets[0] == 0 && octets[count - 1] == 0)
            octets[0] = 1
            octets[count - 1] = 2
            #expect(region.mutableOctets[count - 1] == 2)
        }
    }

    @Test func refusedSystemCallsFail() throws {
        // It holds for one thread, which starts no others.
        let thread = try Thread(name: "confined") {
            do throws(SystemError) {
                try Privileges.gainNoMore()
                try Privileges.filterSystemCalls()
                Issue.record("\(try ChildProcess("/bin/true").identifier)")
            } catch {
                #expect(error.isForbidden, "\(error)")
            }
        }
        thread.join()
        var program = try ChildProcess("/bin/true")
        #expect(program.wait(milliseconds: 5_000) == .exit(0))
    }

    @Test func usersAreFound() {
        #expect(UserIdentity(user: "root", group: nil) == UserIdentity(user: "0", group: "0"))
        #expect(UserIdentity(user: "0", group: "65533")?.group == 65_533)
        #expect(UserIdentity(user: "no-such-user", group: nil) == nil)
        #expect(UserIdentity(user: "4000000000", group: nil) == nil)
        #expect(UserIdentity(user: "0", group: "no-such-group") == nil)
    }

    @Test func programsAreStartedAndEnded() throws {
        let script = "echo $A; pwd >&2; exit 3"
        var shell = try ChildProcess("/bin/sh", ["-c", script], environment: ["A=b"], directory: "/")
        #expect(try shell.read(.output, milliseconds: 5_000) == Array("b\n".utf8))
        #expect(try shell.read(.errors, milliseconds: 5_000) == Array("/\n".utf8))
        #expect(shell.wait(milliseconds: 5_000) == .exit(3))
        #expect(shell.wait(milliseconds: 0) == .exit(3))

        var sleeper = try ChildProcess("/bin/sleep", ["60"])
        #expect(sleeper.wait(milliseconds: 1) == nil)
        sleeper.send(signal: 15)
        #expect(sleeper.wait(milliseconds: 5_000) == .signal(15))
        #expect(throws: SystemError.self) { _ = try ChildProcess("/nowhere") }
    }

    @Test func theTightestControlGroupCounts() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path
        try directory.write("two", "0::/a/b\n")
        try directory.write("one", "3:memory:/c\n2:cpu,cpuacct:/c\n")
        try directory.run("mkdir -p a/b memory/c cpu/c")
        try directory.write("a/b/memory.max", "max\n")
        try directory.write("a/b/cpu.max", "max 100000\n")
        try directory.write("a/b/memory.current", "10\n")
        try directory.write("a/memory.max", "1000\n")
        try directory.write("a/memory.current", "900\n")
        try directory.write("a/memory.stat", "anon 500\ninactive_file 300\nactive_file 50\n")
        try directory.write("a/cpu.max", "150000 100000\n")
        let second = ControlGroup(root: path, membership: path + "/two")
        #expect(second.availableMemory == 450)
        #expect(second.processorQuota == 1.5)
        try directory.write("memory/c/memory.limit_in_bytes", "100\n")
        try directory.write("memory/c/memory.usage_in_bytes", "120\n")
        try directory.write("cpu/c/cpu.cfs_quota_us", "-1\n")
        try directory.write("cpu/c/cpu.cfs_period_us", "100000\n")
        let first = ControlGroup(root: path, membership: path + "/one")
        #expect(first.availableMemory == 0)
        #expect(first.processorQuota == nil)
        #expect(ControlGroup(root: path, membership: path + "/none").availableMemory == nil)
        #expect(try #require(Machine.availableMemory) > 0)
    }
}
