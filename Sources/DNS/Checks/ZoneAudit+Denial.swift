/// The chain of NSEC records (RFC 4034 §4) or NSEC3 records (RFC 5155): it must lead through all names and back, and say
/// which types each has.
extension ZoneAudit {
    /// Each record of the chain leads to another one, no two to the same, and all but one to a later one: then it is one
    /// ring in the right order, and nothing needs to be sorted.
    mutating func checkChain() {
        let isHashed = context.hashes != nil
        let part = EntryPart.data(isHashed ? 4 : 0)
        var isReached = [Bool](repeating: false, count: index.nodes.count)
        var hasWrapped = false
        for node in 0..<index.nodes.count {
            guard let entry = link(of: node) else { continue }
            if isHashed, records.data(entry).u8(1) & 1 != 0 { context.hasOptOut = true }
            guard let isLater = isHashed ? loadNextHash(entry, of: node) : loadNext(entry, of: node),
                let next = index.node(of: name, in: records), link(of: next) != nil
            else {
                problems.report(
                    .brokenChain, at: entry, part: part, "the chain breaks here: the next name has no such record")
                continue
            }
            if isReached[next] {
                problems.report(.brokenChain, at: entry, part: part, "two records of the chain lead to this name")
            } else if !isLater, hasWrapped {
                problems.report(.brokenChain, at: entry, part: part, "the chain leads back to an earlier name")
            }
            isReached[next] = true
            if !isLater { hasWrapped = true }
        }
        let hashed = (0..<records.entries.count).first { records.entries[$0].type == .nsec3 }
        if !isHashed, let entry = hashed {
            problems.report(.brokenChain, at: entry, "NSEC3 records need an NSEC3PARAM record at the apex")
        }
    }

    /// A node's record of the chain.
    private func link(of number: Int) -> Int? {
        let node = index.nodes[number]
        if node.marks.contains(.isVoid) || index.standings[number].contains(.belowCut) { return nil }
        guard let hashes = context.hashes else { return records.first(.nsec, of: node) }
        guard node.marks.contains(.isHashed) else { return nil }
        let records = records
        return records.entries(of: node).first { entry in
            let data = records.data(entry)
            return records.entries[entry].type == .nsec3 && data.count > 5 && data.u8(0) == 1
                && data.u16(2) == hashes.iterations && Int(data.u8(4)) == hashes.salt.count
                && hashes.salt.indices.allSatisfy { data.u8(5 + $0) == hashes.salt[$0] }
        }
    }

    /// Loads the next name, and says whether it is later than the node's; nil where it is none.
    private mutating func loadNext(_ entry: Int, of number: Int) -> Bool? {
        guard name.load(records.data(entry), at: 0, seed: index.seed) == nil, index.isInZone(name, records) else {
            return nil
        }
        let node = index.nodes[number]
        return CanonicalKey.compare(
            name, originLabels: index.originLabelCount, records.octets, Int(node.name),
            Int(node.nameCount) - index.originCount) > 0
    }

    private mutating func loadNextHash(_ entry: Int, of number: Int) -> Bool? {
        let data = records.data(entry)
        let start = 5 + Int(data.u8(4))
        guard data.count >= start + 21, data.u8(start) == 20 else { return nil }
        load(hash: (0..<20).map { data.u8(start + 1 + $0) })
        // Base32hex in lower case has the order of the hashes.
        let owner = Int(index.nodes[number].name)
        for offset in 1...32 {
            let (next, own) = (name.octets().u8(offset), ASCII.folded(records.octets.u8(owner + offset)))
            if next != own { return next > own }
        }
        return false
    }

    /// Loads the owner of the NSEC3 record with a hash; in a zone where that would be too long, the hash alone.
    private mutating func load(hash: [UInt8]) {
        var wire: [UInt8] = [32]
        OctetText.base32.print(Octets(hash.span), from: 0, into: &wire)
        for offset in 1..<wire.count { wire[offset] = ASCII.folded(wire[offset]) }
        if name.load(wire + zone.origin.wire, seed: index.seed) != nil { _ = name.load(wire + [0], seed: index.seed) }
    }

    /// The hash of the name that is loaded.
    private func hash(_ hashes: HashParameters) -> [UInt8] {
        let folded = name.octets()
        let digest = SHA1.hash(
            folded, 0..<folded.count, iterations: min(Int(hashes.iterations), Limits.hashIterations),
            salt: Octets(hashes.salt.span), hashes.salt.indices)
        return (0..<20).map { UInt8(truncatingIfNeeded: digest[$0 / 4] >> UInt32(24 - $0 % 4 * 8)) }
    }

    /// That the node has its NSEC or NSEC3 record, with the types that it has.
    mutating func checkDenial(of number: Int) {
        let node = index.nodes[number]
        let isEmpty = node.entryCount == 0
        var owner: Int? = number
        if let hashes = context.hashes {
            guard name.load(records.octets, at: Int(node.name), seed: index.seed) == nil else { return }
            load(hash: hash(hashes))
            owner = index.node(of: name, in: records)
        } else if isEmpty {
            return
        }
        guard let link = owner.flatMap({ link(of: $0) }) else {
            let isInsecure = node.marks.contains(.zoneCut) && !types.contains(RecordType.ds.rawValue)
            if context.hashes != nil, context.hasOptOut, isInsecure || isEmpty { return }
            let kind = context.hashes == nil ? "NSEC" : "NSEC3"
            let entry = isEmpty ? nil : records.entries(of: node)[0]
            return problems.report(.missingNSEC, at: entry, "\(records.name(of: node)) has no \(kind) record")
        }
        let data = records.data(link)
        var start = data.nameCount(at: 0)
        if context.hashes != nil {
            start = 5 + Int(data.u8(4))
            start += 1 + Int(data.u8(start))
        }
        listed.removeAll(keepingCapacity: true)
        TypeBitmap.types(data, from: start) { listed.append($0) }
        if listed == types { return }
        func words(_ types: [UInt16], without others: [UInt16]) -> String {
            let others = Set(others)
            return types.filter { !others.contains($0) }.map { "\(RecordType(rawValue: $0))" }.joined(separator: " ")
        }
        let (missing, extra) = (words(types, without: listed), words(listed, without: types))
        let faults = [
            missing.isEmpty ? nil : "does not list \(missing)",
            extra.isEmpty ? nil : "lists \(extra), which it has not",
        ].compactMap(\.self).joined(separator: " and ")
        problems.report(.nsecTypes, at: link, "the types of \(records.name(of: node)): this record \(faults)")
    }
}
