import DNS
import TestSupport
import Testing

/// What is said to tell generated zones apart, compared with what their transfers list.
@Suite struct DifferenceTests {
    @Test func generatedZones() throws {
        var compared = 0
        var different = 0
        for seed in 1...UInt64(400) {
            var generator = ZoneGenerator(seed: seed, signedPercentage: 30)
            let origin = try Name(seed % 3 == 0 ? "." : "a.t.")
            let old = try generator.zone(origin: origin, near: [origin])
            var new = try generator.zone(origin: origin, near: [origin])
            // Most stays, in another order, and some of the other is added.
            let added = new.records.filter { _ in generator.random.percent(20) && seed % 4 != 0 }
            new.signer = old.signer
            new.records = old.records.filter { $0.type == .soa || !generator.random.percent(15) }
            new.records += added.filter { $0.type != .soa }
            for index in new.records.indices where generator.random.percent(10) { new.records[index].ttl = 77 }
            if seed % 2 == 0 { new.records.shuffle(using: &generator.random) }
            guard let first = try load(old, seed: 1), let second = try load(new, seed: seed) else { continue }
            compared += 1
            let difference = ZoneDifference(from: first, to: second)
            let (before, after) = (try records(of: first, seed: 1), try records(of: second, seed: seed))
            let comment = Comment(rawValue: "seed \(seed)")
            #expect(
                Set(difference.changes.flatMap(\.removed).map(Key.init)) == Set(before.keys).subtracting(after.keys),
                comment)
            #expect(
                Set(difference.changes.flatMap(\.added).map(Key.init)) == Set(after.keys).subtracting(before.keys),
                comment)
            for (key, record) in before where after[key].map({ $0.ttl != record.ttl }) ?? false {
                let change = difference.changes.first { $0.before.contains { Key($0) == key } }
                #expect(change != nil && (change?.ttls != nil || record.type == .rrsig), comment)
            }
            if !difference.isEmpty { different += 1 }
        }
        #expect(compared > 100 && different > 100)
    }

    /// A record without its TTL and the case of its names.
    private struct Key: Hashable {
        var owner: Name
        var type: RecordType
        var data: [UInt8]

        init(_ record: Record) { (owner, type, data) = (record.owner, record.type, record.data.canonical) }
    }

    private func load(_ zone: ZoneSet.Zone, seed: UInt64) throws -> CompiledZone? {
        guard let text = try? Array(zone.signed().text.utf8) else { return nil }
        return ZoneLoader.load(path: "zone", origin: zone.origin, seed: seed) { _ in .success(text) }.zone
    }

    private func records(of zone: CompiledZone, seed: UInt64) throws -> [Key: Record] {
        let database = Database(zones: [zone], unavailable: [], seed: seed)
        let query = try Message(id: 7, question: Question(zone.origin, .axfr)).encoded()
        var responder = Responder()
        var room = [UInt8](repeating: 0, count: Message.maximumCount)
        var span = room.mutableSpan
        var records: [Key: Record] = [:]
        let reply = responder.respond(
            toStreamed: query.span, from: database, for: Client(mayTransfer: true), into: &span)
        guard case .transfer(var transfer) = reply else { return [:] }
        while !transfer.isFinished {
            let count = transfer.next(into: &span)
            for record in try Message(decoding: span.span.extracting(0..<count)).answer {
                records[Key(record)] = record
            }
        }
        return records
    }
}
