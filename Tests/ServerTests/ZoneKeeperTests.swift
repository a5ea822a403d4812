import DNS
import DNSServer
import Linux
import Synchronization
import TestSupport
import Testing

struct ZoneKeeperTests {
    @Test func aBrokenEditKeepsTheLastGoodVersionAndRecovers() throws {
        let zones = try KeptZones("cp one zones/a.test.zone")
        let asker = try Asker(zones.address)
        try zones.directory.run("echo nonsense >> zones/a.test.zone")
        #expect(KeptZones.comes { zones.log.reports.contains { $0.state == .keptLastGood } })
        let failed = try #require(zones.log.reports.last)
        #expect(failed.problems.first?.line == 4 && failed.zone?.serial.value == 1)
        #expect(abs(Clock.secondsSince1970 - failed.loadedAt) < 60)
        let status = try #require(zones.keeper.status().zones.first)
        #expect(status.failure?.contains(":4:") == true && status.zone?.serial.value == 1)
        try zones.directory.run("cp two zones/a.test.zone")
        #expect(try zones.serves(2))
        #expect(asker.stop(after: 2) == [1, 2])
        #expect(KeptZones.comes { zones.log.reports.contains { $0.wasBroken && $0.state == .loaded } })
        #expect(zones.keeper.status().zones.allSatisfy { $0.failure == nil })
    }

    @Test func whatIsHalfWrittenIsNotTold() throws {
        let zones = try KeptZones("cp one zones/a.test.zone") { $0.retryMilliseconds = 1_000 }
        try zones.directory.run("head -c 50 two > zones/a.test.zone; sleep 0.2; cp two zones/a.test.zone")
        try zones.directory.run("head -c 50 two > zones/b.test.zone; sleep 0.2; cp two zones/b.test.zone")
        #expect(try zones.serves(2))
        #expect(try zones.serves(2, "b.test"))
        #expect(zones.log.reports.allSatisfy { $0.state == .loaded || $0.state == .unchanged })
    }

    @Test func aFileIsLeftAloneWhileItIsWritten() throws {
        // What is there in between would be a zone as well.
        let zones = try KeptZones("cp one zones/a.test.zone")
        try zones.directory.run(
            "(cat two; sleep 0.3; echo 'x 60 A 192.0.2.1') > zones/a.test.zone & sleep 0.1; chmod 600 zones/a.test.zone; wait"
        )
        #expect(KeptZones.comes { zones.log.reports.contains { $0.zone?.recordCount == 4 } })
        #expect(zones.log.reports.filter { $0.state == .loaded }.map(\.zone?.recordCount) == [3, 4])
    }

    @Test func whoeverNeverClosesAFileIsNotWaitedForForEver() throws {
        let zones = try KeptZones("cp one zones/a.test.zone") { $0.writerMilliseconds = 100 }
        let writer = try ChildProcess(
            "/bin/sh", ["-c", "exec 3>\(zones.directory.path)/zones/a.test.zone; cat two >&3; sleep 20"],
            directory: zones.directory.path)
        #expect(try zones.serves(2))
        writer.send(signal: 9)
    }

    @Test func oneBurstIsOneLoading() throws {
        let zones = try KeptZones("cp one zones/a.test.zone; cp one zones/b.test.zone") {
            $0.quietMilliseconds = 300
            $0.burstMilliseconds = 3_000
        }
        try zones.directory.run(
            "for i in 1 2 3; do cp two zones/a.test.zone; cp two zones/b.test.zone; done; cp two zones/c.test.zone")
        #expect(try zones.serves(2, "c.test"))
        let loadings = zones.log.all
        #expect(loadings.count == 2)
        #expect(loadings[1].reports.map { "\($0.source.origin)" } == ["a.test.", "b.test.", "c.test."])
    }

    @Test func theContentDecides() throws {
        let zones = try KeptZones("cp one zones/a.test.zone; cp one zones/b.test.zone")
        try zones.directory.run("touch zones/a.test.zone; cp one zones/x; mv zones/x zones/a.test.zone; sleep 0.1")
        try zones.directory.run("cp two zones/b.test.zone")
        #expect(try zones.serves(2, "b.test"))
        let loaded = zones.log.all.dropFirst().flatMap(\.reports).filter { $0.state != .unchanged }
        #expect(loaded.map { "\($0.source.origin)" } == ["b.test."])
    }

    @Test func aLargeZoneDelaysNoOther() throws {
        let zones = try KeptZones("cp one zones/a.test.zone; cp one zones/large.test.zone")
        try zones.directory.write("large", Sample.zone(serial: 2) + "$GENERATE 1-60000 host$ 60 A 192.0.2.1\n")
        try zones.directory.run("mv large zones/large.test.zone; mkfifo zones/fifo.test.zone; sleep 0.1")
        try zones.directory.run("cp two zones/a.test.zone")
        #expect(try zones.serves(2))
        // Loading is the last to get a processor, and other tests are busy.
        #expect(try zones.serves(2, "large.test", milliseconds: 60_000))
        let order = zones.log.all.dropFirst().flatMap(\.reports).filter { $0.state == .loaded }
        #expect(order.map { "\($0.source.origin)" } == ["a.test.", "large.test."])
    }

    @Test func whatIsRemovedWhileItIsLoadedDoesNotComeBack() throws {
        let zones = try KeptZones("cp one zones/a.test.zone", watches: false)
        // Loaded with it, and for long.
        let lines = "$GENERATE 1-50000 host$ 60 A 192.0.2.1\n"
        try zones.directory.write("zones/large.test.zone", Sample.zone(serial: 2) + lines)
        zones.keeper.requestReload()
        try zones.directory.run("sleep 0.1; rm zones/a.test.zone")
        zones.keeper.requestReload()
        #expect(try zones.serves(nil))
        try zones.directory.run("head -c 50 two > zones/a.test.zone")
        _ = try zones.keeper.reload()
        #expect(zones.keeper.status().zones.map { $0.zone?.serial.value } == [nil, 2])
    }

    @Test func lostEventsLoseNoEdit() throws {
        let zones = try KeptZones("cp one zones/a.test.zone")
        let gate = try Wakeup()
        zones.log.gate.withLock { $0 = gate }
        try zones.directory.run("cp one zones/b.test.zone")
        #expect(KeptZones.comes { zones.log.all.count >= 2 })
        // Nobody takes events now, and the queue has an end (fs.inotify.max_queued_events).
        try zones.directory.run(
            "cd zones; for i in 1 2; do touch $(seq 1 6000); rm $(seq 1 6000); done; cp ../two a.test.zone; cp ../two c.test.zone"
        )
        zones.log.gate.withLock { $0 = nil }
        gate.signal()
        #expect(try zones.serves(2))
        #expect(try zones.serves(2, "c.test"))
    }

    @Test func withoutWatchingItWaitsToBeAsked() throws {
        let zones = try KeptZones("cp one zones/a.test.zone", watches: false)
        try zones.directory.run("cp two zones/a.test.zone; cp two zones/b.test.zone; sleep 0.2")
        #expect(zones.log.all.count == 1)
        #expect(try zones.serves(1))
        let outcome = try zones.keeper.reload()
        #expect(outcome.isGood && outcome.zoneCount == 2 && outcome.reports.count == 2)
        #expect(try zones.serves(2))
        try zones.directory.run("cp one zones/a.test.zone; rm zones/b.test.zone")
        zones.keeper.requestReload()
        #expect(try zones.serves(1))
        #expect(try zones.serves(nil, "b.test"))
    }

    @Test func aReloadTellsWhatBecameOfIt() throws {
        let zones = try KeptZones("cp one zones/a.test.zone; cp one zones/b.test.zone") { $0.retries = 1 }
        #expect(try zones.keeper.reload().reports.isEmpty)
        try zones.directory.run("echo nonsense >> zones/a.test.zone; cp two zones/b.test.zone; rm -f one")
        let broken = try zones.keeper.reload()
        #expect(!broken.isGood && broken.isComplete)
        #expect(broken.reports.contains { $0.state == .keptLastGood })
        try zones.directory.run("rm zones/a.test.zone")
        let gone = try zones.keeper.reload()
        #expect(gone.isGood && gone.zoneCount == 1)
        try zones.directory.run("mv zones away")
        let away = try zones.keeper.reload()
        #expect(!away.isGood && away.errors.count == 1)
    }

    @Test func editsInARowAreNeitherLostNorWrong() throws {
        let zones = try KeptZones("cp one zones/a.test.zone")
        let askers = try (0..<2).map { _ in try Asker(zones.address) }
        for serial in UInt32(2)...200 {
            // In turn in place and by renaming.
            let name = serial % 2 == 0 ? "zones/a.test.zone" : "zones/new"
            try zones.directory.write(name, Sample.zone(serial: serial))
            if serial % 2 == 1 { try zones.directory.run("mv zones/new zones/a.test.zone") }
            #expect(try zones.serves(serial))
        }
        for asker in askers {
            let serials = asker.stop(after: 200)
            #expect(serials == serials.sorted() && serials.first == 1 && serials.allSatisfy { $0 > 0 })
        }
    }
}
