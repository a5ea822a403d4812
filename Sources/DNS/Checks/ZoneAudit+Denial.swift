/// The chain of NSEC records (RFC 4034 §4) or NSEC3 records (RFC 5155): it must lead through all names and back, and say
/// which types each has.
extension ZoneAudit {
    private typealias Link = (node: Int, entry: Int)

    /// Each record of the chain leads to another one, no two to the same, and all but one to a later one: then it is one
    /// ring in the right order, and nothing needs to be sorted.
    func checkChain(_ context: inout Context, _ pass: inout Pass) {
        let records = ZoneRecords(zone, index)
        var isReached = [Bool](repeating: false, count: index.nodes.count)
        var hasWrapped = false
        for node in 0..<index.nodes.count {
            guard let entry = link(of: node, context.hashes, records) else { continue }
            let data = records.data(entry)
            if context.hashes != nil, data.u8(1) & 1 != 0 { context.hasOptOut = true }
            let order =
                context.hashes == nil
                ? loadNext(data, records, of: node, &pass.name)
                : loadNextHash(data, records, of: node, &pass.name)
            let next = order.flatMap { _ in index.node(of: pass.name, in: records) }
            let place = EntryPart.data(context.hashes == nil ? 0 : 4)
            guard let order, let next, link(of: next, context.hashes, records) != nil else {
                pass.problems.report(
                    .brokenChain, at: entry, part: place, "the chain breaks here: the next name has no such record")
                continue
            }
            if isReached[next] {
                pass.problems.report(.brokenChain, at: entry, part: place, "two records of the chain lead to this name")
            } else if !order, hasWrapped {
                pass.problems.report(.brokenChain, at: entry, part: place, "the chain leads back to an earlier name")
            }
            isReached[next] = true
            if !order { hasWrapped = true }
        }
        let hasHashed = (0..<index.nodes.count).first {
            index.nodes[$0].marks.contains(.isHashed) && index.nodes[$0].entryCount > 0
        }
        if context.hashes == nil, let hashed = hasHashed, let entry = records.first(.nsec3, of: index.nodes[hashed]) {
            pass.problems.report(.brokenChain, at: entry, "NSEC3 records need an NSEC3PARAM record at the apex")
        }
    }

    /// A node's record of the chain.
    private func link(of number: Int, _ hashes: HashParameters?, _ records: ZoneRecords) -> Int? {
        let node = index.nodes[number]
        if node.marks.contains(.isVoid) || index.standings[number].contains(.belowCut) { return nil }
        guard let hashes else { return records.first(.nsec, of: node) }
        guard node.marks.contains(.isHashed) else { return nil }
        return records.entries(of: node).first { entry in
            let data = records.data(entry)
            return records.entries[entry].type == .nsec3 && data.count > 5 && data.u8(0) == 1
                && data.u16(2) == hashes.iterations && Int(data.u8(4)) == hashes.salt.count
                && hashes.salt.indices.allSatisfy { data.u8(5 + $0) == hashes.salt[$0] }
        }
    }

    /// Loads the next name, and says whether it is later than the node's; nil where it is none.
    private func loadNext(
        _ data: Octets, _ records: ZoneRecords, of number: Int, _ name: inout LookupName
    ) -> Bool? {
        guard name.load(data, at: 0, seed: index.seed) == nil, index.isInZone(name, records) else { return nil }
        let node = index.nodes[number]
        return CanonicalKey.compare(
            name, originLabels: index.originLabelCount, records.octets, Int(node.name),
            Int(node.nameCount) - index.originCount) > 0
    }

    private func loadNextHash(
        _ data: Octets, _ records: ZoneRecords, of number: Int, _ name: inout LookupName
    ) -> Bool? {
        let start = 5 + Int(data.u8(4))
        guard data.count >= start + 21, data.u8(start) == 20 else { return nil }
        load(hash: (0..<20).map { data.u8(start + 1 + $0) }, &name)
        // Base32hex in lower case has the order of the hashes.
        let (next, owner) = (name.octets(), Int(index.nodes[number].name))
        for offset in 1...32 where next.u8(offset) != ASCII.folded(records.octets.u8(owner + offset)) {
            return next.u8(offset) > ASCII.folded(records.octets.u8(owner + offset))
        }
        return false
    }

    /// Loads the owner of the NSEC3 record with a hash; in a zone where that would be too long, the hash alone.
    private func load(hash: [UInt8], _ name: inout LookupName) {
        var wire: [UInt8] = [32]
        OctetText.base32.print(Octets(hash.span), from: 0, into: &wire)
        for offset in 1..<wire.count { wire[offset] = ASCII.folded(wire[offset]) }
        if name.load(wire + zone.origin.wire, seed: index.seed) != nil { _ = name.load(wire + [0], seed: index.seed) }
    }

    private static func hash(of name: borrowing LookupName, _ hashes: HashParameters) -> [UInt8] {
        let folded = name.octets()
        let digest = SHA1.hash(
            folded, 0..<folded.count, iterations: min(Int(hashes.iterations), Limits.hashIterations),
            salt: Octets(hashes.salt.span), hashes.salt.indices)
        return (0..<20).map { UInt8(truncatingIfNeeded: digest[$0 / 4] >> UInt32(24 - $0 % 4 * 8)) }
    }

    /// That the node has its NSEC or NSEC3 record, with the types that it has.
    func checkDenial(of number: Int, _ context: borrowing Context, _ records: ZoneRecords, _ pass: inout Pass) {
        let node = index.nodes[number]
        let isEmpty = node.entryCount == 0
        var link: Int?
        if let hashes = context.hashes {
            guard pass.name.load(records.octets, at: Int(node.name), seed: index.seed) == nil else { return }
            let octets = ZoneAudit.hash(of: pass.name, hashes)
            load(hash: octets, &pass.name)
            link = index.node(of: pass.name, in: records).flatMap { self.link(of: $0, hashes, records) }
            let isInsecure = node.marks.contains(.zoneCut) && !pass.types.contains(RecordType.ds.rawValue)
            if link == nil, context.hasOptOut, isInsecure || isEmpty { return }
        } else {
            if isEmpty { return }
            link = records.first(.nsec, of: node)
        }
        guard let link else {
            let kind = context.hashes == nil ? "NSEC" : "NSEC3"
            let name = records.name(of: node)
            let entry = isEmpty ? nil : records.entries(of: node)[0]
            return pass.problems.report(.missingNSEC, at: entry, "\(name) has no \(kind) record")
        }
        let data = records.data(link)
        var start = data.nameCount(at: 0)
        if context.hashes != nil {
            start = 5 + Int(data.u8(4))
            start += 1 + Int(data.u8(start))
        }
        pass.listed.removeAll(keepingCapacity: true)
        TypeBitmap.types(data, from: start) { pass.listed.append($0) }
        if pass.listed == pass.types { return }
        let (has, lists) = (Set(pass.types), Set(pass.listed))
        let missing = has.subtracting(lists).sorted().map { RecordType(rawValue: $0).description }
        let extra = lists.subtracting(has).sorted().map { RecordType(rawValue: $0).description }
        let name = records.name(of: node)
        let faults =
            (missing.isEmpty ? [] : ["does not list \(missing.joined(separator: " "))"])
            + (extra.isEmpty ? [] : ["lists \(extra.joined(separator: " ")), which it has not"])
        pass.problems.report(
            .nsecTypes, at: link, "the types of \(name): this record \(faults.joined(separator: " and "))")
    }
}
