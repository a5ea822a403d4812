import DNS
import Testing

/// Zones made of records instead of text.
@Suite struct ReceivedZoneTests {
    private static let apex = [
        "example.test. 60 IN SOA ns.other. host.other. 7 2 3 4 5", "example.test. 60 IN NS ns.other.",
    ]

    private func zone(_ lines: [String]) throws -> Zone {
        var collector = ZoneCollector(origin: try Name("example.test"), source: "somewhere")
        for line in lines {
            let isTaken = collector.append(try Record(line))
            #expect(isTaken)
        }
        return collector.finish()
    }

    @Test func isTheSameAsOneFromAFile() throws {
        let records = ["a.example.test. 60 IN MX 10 b.example.test.", "A.example.test. 60 IN TXT \"x\""]
        let received = ZoneLoader.load(try zone(Self.apex + records), seed: 1)
        let text = (Self.apex + records).joined(separator: "\n") + "\n"
        let read = ZoneLoader.load(path: "file", origin: try Name("example.test"), seed: 2) { _ in
            .success(Array(text.utf8))
        }
        let (first, second) = (try #require(received.zone), try #require(read.zone))
        #expect(first.serial == SerialNumber(7) && first.recordCount == 4)
        #expect(ZoneDifference(from: first, to: second).isEmpty)
    }

    @Test func refusesForeignRecords() throws {
        var collector = ZoneCollector(origin: try Name("example.test"), source: "somewhere")
        for line in Self.apex {
            let isTaken = collector.append(try Record(line))
            #expect(isTaken)
        }
        for line in ["other.test. 60 IN A 192.0.2.1", "example.test. 60 CH TXT x", "test. 60 IN NS ns.other."] {
            let isTaken = collector.append(try Record(line))
            #expect(!isTaken)
        }
        let count = collector.finish().recordCount
        #expect(count == 2)
    }

    @Test func isCheckedAsAFileIs() throws {
        let lines = ["a.example.test. 60 IN A 192.0.2.1", "a.example.test. 60 IN CNAME b.example.test."]
        let loaded = ZoneLoader.load(try zone(Self.apex + lines), seed: 1)
        #expect(loaded.zone == nil)
        #expect(loaded.problems.first?.path == "somewhere")
        #expect(loaded.problems.first?.message.hasPrefix("a name with a CNAME record must have no other data") == true)
    }

    @Test func tellsWhereRecordsStand() throws {
        let parsed = ZoneParser.parse(path: "zones/file", origin: try Name("example.test")) { path in
            .success(
                Array(
                    (path == "zones/file" ? "\n\na A 192.0.2.1\nb.a ( A\n192.0.2.2 )\n$INCLUDE more\n" : "A TXT x").utf8
                ))
        }
        let name = try Name("a.EXAMPLE.test")
        #expect(parsed.zone.places(of: name).map { "\($0.path):\($0.line)" } == ["zones/file:3", "zones/more:1"])
        #expect(parsed.zone.places(of: name, .txt).map(\.line) == [1])
        #expect(parsed.zone.places(of: name, limit: 1).count == 1)
        #expect(parsed.zone.places(below: name).map(\.line) == [4])
    }
}
