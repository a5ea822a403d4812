import DNSServer
import Linux
import TestSupport
import Testing

/// How programs save files, each really done against a server that answers meanwhile.
struct SavingTests {
    struct Way: CustomTestStringConvertible, Sendable {
        let testDescription: String
        /// Serves `one` as a.test.
        var setup = "cp one zones/a.test.zone"
        /// Leads to `two`.
        let save: String
    }

    static let ways = [
        Way(testDescription: "in place", save: "cat two > zones/a.test.zone"),
        Way(
            testDescription: "in place and slowly",
            save: "(head -c 30 two; sleep 0.1; tail -c +31 two) > zones/a.test.zone"),
        Way(testDescription: "sed -i", save: "sed -i 's/ 1 3600/ 2 3600/' zones/a.test.zone"),
        Way(
            testDescription: "vim, which moves the old file away",
            save: "mv zones/a.test.zone zones/a.test.zone~; sleep 0.02; cp two zones/a.test.zone; rm zones/a.test.zone~"
        ),
        Way(
            testDescription: "VS Code and rsync, which rename over it",
            save: "cp two zones/.a.test.zone.X1b2c3; mv zones/.a.test.zone.X1b2c3 zones/a.test.zone"),
        Way(testDescription: "removed and written", save: "rm zones/a.test.zone; sleep 0.02; cp two zones/a.test.zone"),
        Way(testDescription: "hard link", save: "ln -f two zones/a.test.zone"),
        Way(
            testDescription: "git checkout",
            setup: """
                cd zones; export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@a GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@a
                git init -q .; cp ../two a.test.zone; git add .; git commit -qm two; git tag two
                cp ../one a.test.zone; git commit -qam one
                """,
            save: "cd zones; git checkout -q two"),
        Way(
            testDescription: "Kubernetes, which swaps ..data",
            setup: """
                cd zones; mkdir ..1 ..2; cp ../one ..1/a.test.zone; cp ../two ..2/a.test.zone
                ln -s ..1 ..data; ln -s ..data/a.test.zone a.test.zone
                """,
            save: "cd zones; ln -s ..2 ..data_tmp; mv -T ..data_tmp ..data; rm -r ..1"),
        Way(
            testDescription: "a link to another file", setup: "ln -s ../one zones/a.test.zone",
            save: "ln -s ../two zones/new; mv -T zones/new zones/a.test.zone"),
        Way(
            testDescription: "the file that a link leads to",
            setup: "mkdir far; cp one far/b; ln -s ../far/b zones/a.test.zone",
            save: "cp two far/c; mv far/c far/b"),
        Way(
            testDescription: "an included file",
            setup: "mkdir far; cp one far/b; echo '$INCLUDE ../far/b' > zones/a.test.zone",
            save: "cp two far/b"),
        Way(
            testDescription: "an included file behind a link",
            setup: """
                mkdir far near; cp one far/b; cp two near/b; ln -s far now
                echo '$INCLUDE ../now/b' > zones/a.test.zone
                """,
            save: "ln -s near next; mv -T next now"),
        Way(
            testDescription: "the whole directory, which is gone for a moment",
            setup: "cp one zones/a.test.zone; mkdir new; cp two new/a.test.zone",
            save: "mv zones old; sleep 0.3; mv new zones"),
        Way(
            testDescription: "the directory's link",
            setup: "rmdir zones; mkdir r1 r2; cp one r1/a.test.zone; cp two r2/a.test.zone; ln -s r1 zones",
            save: "ln -s r2 next; mv -T next zones; rm -r r1"),
        Way(
            testDescription: "a directory above",
            setup:
                "rmdir zones; mkdir -p up/zones new/zones; cp one up/zones/a.test.zone; cp two new/zones/a.test.zone",
            save: "mv up old; mv new up"),
        Way(
            testDescription: "a writer that is killed, and then a whole one",
            save:
                "sh -c '(head -c 50 two; kill -9 $$) > zones/a.test.zone' || true; sleep 0.05; cp two zones/a.test.zone"
        ),
    ]

    @Test(arguments: ways)
    func isServed(way: Way) throws {
        let path = way.setup.contains("up/zones") ? "up/zones" : "zones"
        let zones = try KeptZones(way.setup, paths: [path])
        #expect(try zones.serves(1))
        let asker = try Asker(zones.address)
        try zones.directory.run(way.save)
        let isServed = try zones.serves(2)
        #expect(isServed)
        #expect(asker.stop(after: 2) == [1, 2])
    }

    @Test func aFileOnTheCommandLineIsWatchedToo() throws {
        let zones = try KeptZones("cp one some", paths: ["a.test=some"])
        #expect(try zones.serves(1))
        try zones.directory.run("cp two new; mv new some")
        #expect(try zones.serves(2))
        try zones.directory.run("rm some")
        #expect(try zones.serves(nil))
        try zones.directory.run("cp one some")
        #expect(try zones.serves(1))
    }

    @Test func filesAreAddedRemovedAndRenamed() throws {
        let zones = try KeptZones("cp one zones/a.test.zone")
        try zones.directory.run("cp two zones/b.test.zone")
        #expect(try zones.serves(2, "b.test"))
        try zones.directory.run("mv zones/b.test.zone zones/c.test.zone")
        #expect(try zones.serves(2, "c.test"))
        #expect(try zones.serves(nil, "b.test"))
        try zones.directory.run("ln -s ../two zones/d.test.zone; rm zones/c.test.zone")
        #expect(try zones.serves(2, "d.test"))
        #expect(try zones.serves(nil, "c.test"))
        #expect(try zones.serves(1))
        #expect(zones.log.all.flatMap(\.removed).map { "\($0)" } == ["b.test.", "c.test."])
    }

    @Test func filesTurnIntoLinksAndBack() throws {
        let zones = try KeptZones("mkdir far; cp one far/b; cp one zones/a.test.zone")
        try zones.directory.run("cp two far/c; ln -s ../far/c zones/new; mv -T zones/new zones/a.test.zone")
        #expect(try zones.serves(2))
        try zones.directory.run("cp one far/c")
        #expect(try zones.serves(1))
        try zones.directory.run("cp two zones/new; mv zones/new zones/a.test.zone")
        #expect(try zones.serves(2))
        try zones.directory.run("cp one zones/a.test.zone")
        #expect(try zones.serves(1))
    }

    @Test func manyFilesComeAndGoAtOnce() throws {
        let zones = try KeptZones("cp one zones/a.test.zone; mkdir new; tee $(seq -f new/z%g.zone 300) < two > made")
        try zones.directory.run("mv new/* zones")
        for zone in ["z1", "z150", "z300"] { #expect(try zones.serves(2, zone)) }
        try zones.directory.run("mv zones/z* new; cp two zones/a.test.zone")
        for zone in ["z1", "z150", "z300"] { #expect(try zones.serves(nil, zone)) }
        #expect(try zones.serves(2))
        #expect(KeptZones.comes { zones.keeper.status().zones.count == 1 })
    }

    @Test func whatIsNoZoneFileHoldsUpNoOther() throws {
        let zones = try KeptZones("cp one zones/a.test.zone")
        try zones.directory.run("cp two zones/a..b.zone; mkdir zones/d.zone; cp two zones/c.test.zone")
        #expect(try zones.serves(2, "c.test"))
        #expect(zones.log.all.flatMap(\.errors).map(\.message).allSatisfy { $0.contains("not a domain name") })
        try zones.directory.run("rm zones/a..b.zone; cp two zones/a.test.zone")
        #expect(try zones.serves(2))
        #expect(KeptZones.comes { zones.keeper.status().errors.isEmpty })
        #expect(zones.keeper.status().zones.count == 2)
    }

    @Test func aFileThatIsAwayForAMomentIsNotDropped() throws {
        let zones = try KeptZones("cp one zones/a.test.zone") { $0.vanishedMilliseconds = 10_000 }
        let asker = try Asker(zones.address)
        try zones.directory.run("mv zones/a.test.zone away; sleep 0.3; mv away zones/a.test.zone; sleep 0.1")
        try zones.directory.run("cp two zones/a.test.zone")
        #expect(try zones.serves(2))
        #expect(asker.stop(after: 2) == [1, 2])
        #expect(zones.log.all.allSatisfy { $0.removed.isEmpty && $0.errors.isEmpty })
    }

    @Test func aDirectoryThatVanishesKeepsItsZones() throws {
        let zones = try KeptZones("cp one zones/a.test.zone")
        let asker = try Asker(zones.address)
        try zones.directory.run("rm -r zones")
        #expect(KeptZones.comes { zones.log.all.contains { !$0.errors.isEmpty } })
        Clock.sleep(milliseconds: 300)
        #expect(zones.log.all.flatMap(\.errors).count == 1)
        try zones.directory.run("mkdir zones; cp two zones/a.test.zone")
        #expect(try zones.serves(2))
        #expect(asker.stop(after: 2) == [1, 2])
        try zones.directory.run("cp one zones/a.test.zone")
        #expect(try zones.serves(1))
    }
}
