extension PartCompiler {
    /// Addresses of a server that are worth fetching ahead.
    private static let usualAddresses = 4

    /// Finds the hosts of all referrals of a batch.
    mutating func findServers(_ batch: Range<Int>, _ records: ZoneRecords) {
        servers.removeAll(keepingCapacity: true)
        for number in batch
        where index.nodes[number].marks.contains(.zoneCut) && !index.isHidden(number) && index.model(of: number) == nil
        {
            let entries = records.entries(of: index.nodes[number])
            for position in 0..<entries.count where records.entries[entries[position]].type == .ns {
                let entry = entries[position]
                let target = Int(records.entries[entry].data)
                guard name.load(records.octets, at: target, seed: index.seed) == nil, index.isInZone(name, records)
                else { continue }
                let hash = name.hash(ofSuffix: name.labelCount)
                index.prefetchSlot(hash)
                servers.append(Server(entry: entry, hash: hash, host: -1))
            }
        }
        for server in servers.indices { servers[server].host = index.prefetchNode(servers[server].hash) ?? -1 }
        for server in servers where server.host >= 0 { records.prefetch(index.nodes[server.host]) }
        for server in servers.indices where servers[server].host >= 0 {
            let entry = records.entries[servers[server].entry]
            let host = index.node(
                servers[server].hash, Int(entry.data), count: Int(entry.dataCount), in: records)
            servers[server].host = host ?? -1
            guard let host else { continue }
            let entries = records.entries(of: index.nodes[host])
            for position in 0..<min(entries.count, PartCompiler.usualAddresses) {
                records.entries.prefetch(entries[position])
            }
        }
        for server in servers where server.host >= 0 {
            let entries = records.entries(of: index.nodes[server.host])
            for position in 0..<min(entries.count, PartCompiler.usualAddresses) {
                records.octets.prefetch(Int(records.entries[entries[position]].data))
            }
        }
    }

    /// The NS records of a cut with the addresses that go with them: first those below the cut, without which
    /// nobody gets there (RFC 9471 §3.1), then those elsewhere in the zone, whose signatures follow (RFC 4035 §3.1.1).
    /// `next` is the first of the servers that belongs to this cut or a later one.
    mutating func buildReferral(
        of node: Int, _ set: borrowing ZoneIndex.Entries, _ next: inout Int, _ records: ZoneRecords
    ) -> BlockBuilder.Place {
        builder.begin(context: context(of: node))
        let first = next
        for position in 0..<set.count where !isSignature(set[position], records) {
            let entry = set[position]
            let record = records.entries[entry]
            builder.appendOwner()
            let position = builder.appendRecord(record, ttl: record.ttl, records.octets)
            if next < servers.count, servers[next].entry == entry {
                servers[next].position = position
                servers[next].isInDomain = records.isInDomain(record, of: index.nodes[node])
                next += 1
            }
        }
        let range = first..<next
        let delegation = builder.end
        for server in range where servers[server].isInDomain { appendAddresses(of: servers[server], records) }
        let required = builder.end
        for server in range where !servers[server].isInDomain { appendAddresses(of: servers[server], records) }
        let end = builder.end
        for server in range where !servers[server].isInDomain { appendAddressSignatures(of: servers[server], records) }
        return builder.finish(recordsEnd: end, referral: (delegation, required))
    }

    private mutating func appendAddresses(of server: Server, _ records: ZoneRecords) {
        if server.host < 0 { return }
        let host = index.nodes[server.host]
        for type in [RecordType.a, .aaaa] {
            var isContinued = false
            let entries = records.entries(of: host)
            for position in 0..<entries.count where records.entries[entries[position]].type == type {
                let entry = entries[position]
                guard builder.end.octets + 300 < Limits.setCount else { return }
                builder.appendOwner(
                    at: server.position,
                    name: BlockBuilder.Place(offset: Int(host.name), count: Int(host.nameCount)),
                    isContinued: isContinued, records.octets)
                isContinued = true
                builder.appendRecord(records.entries[entry], ttl: records.entries[entry].ttl, records.octets)
            }
        }
    }

    private mutating func appendAddressSignatures(of server: Server, _ records: ZoneRecords) {
        if server.host < 0 || !index.hasSignatures { return }
        let host = index.nodes[server.host]
        guard host.entryCount > 1, !host.marks.contains(.zoneCut), !index.standings[server.host].contains(.belowCut)
        else { return }
        let entries = records.entries(of: host)
        for position in 0..<entries.count where isSignature(entries[position], records) {
            let entry = entries[position]
            let type = records.type(entry)
            guard type == .a || type == .aaaa else { continue }
            let record = records.entries[entry]
            guard builder.end.octets + Int(record.dataCount) + 300 < Limits.setCount else { return }
            builder.appendOwner(
                at: server.position, name: BlockBuilder.Place(offset: Int(host.name), count: Int(host.nameCount)),
                isContinued: false, records.octets)
            builder.appendRecord(record, ttl: record.ttl, records.octets)
        }
    }
}
