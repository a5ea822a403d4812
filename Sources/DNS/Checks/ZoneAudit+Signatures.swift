/// DNSSEC as far as it can be seen without computing signatures: dates, keys, sets, and the chain that denies.
extension ZoneAudit {
    /// A DNSKEY record.
    struct Key: Sendable, Hashable {
        let tag: UInt16
        let algorithm: UInt8

        /// RFC 4034 appendix B.
        init(_ data: Octets) {
            var sum: UInt32 = 0
            for offset in 0..<data.count { sum &+= UInt32(data.u8(offset)) &<< (offset & 1 == 0 ? 8 : 0) }
            tag = UInt16(truncatingIfNeeded: sum &+ sum &>> 16)
            algorithm = data.count > 3 ? data.u8(3) : 0
        }

        init(tag: UInt16, algorithm: UInt8) {
            self.tag = tag
            self.algorithm = algorithm
        }
    }

    /// Three days: less than most signers leave.
    private static let expiringSeconds: Int32 = 3 * 86_400

    /// The SOA's.
    var serial: UInt32? {
        let records = ZoneRecords(zone, index)
        guard let soa = records.first(.soa, of: index.nodes[ZoneIndex.apex]) else { return nil }
        let data = records.data(soa)
        return data.count >= 22 ? data.u32(data.count - 20) : nil
    }

    /// The apex: keys, the chain's parameters, and what depends on the serial.
    func checkKeys(_ context: inout Context, _ pass: inout Pass) {
        let records = ZoneRecords(zone, index)
        let apex = index.nodes[ZoneIndex.apex]
        let entries = records.entries(of: apex)
        let serial = serial
        context.isSigned = index.hasSignatures
        for position in 0..<entries.count {
            let entry = entries[position]
            let data = records.data(entry)
            switch records.entries[entry].type {
            case .dnskey where data.count >= 4:
                let key = Key(data)
                context.keys.append(key)
                // RFC 9905, RFC 8624 §3.1.
                if [1, 3, 5, 6, 7, 12].contains(key.algorithm) {
                    pass.problems.report(
                        .weakAlgorithm, at: entry, part: .data(2),
                        "keys of algorithm \(key.algorithm) are not to be used any more")
                }
                if !index.hasSignatures, context.keys.count == 1 {
                    pass.problems.report(.signatureMissing, at: entry, "the zone has keys but no signatures")
                }
            case .nsec3param where data.count >= 5 && data.u8(0) == 1 && data.u8(1) == 0:
                let salt = (5..<data.count).map { data.u8($0) }
                context.hashes = HashParameters(iterations: data.u16(2), salt: salt)
            case .zonemd where data.count >= 4 && data.u32(0) != serial:
                pass.problems.report(
                    .zonemdSerial, at: entry, part: .data(0),
                    "ZONEMD serial must be that of the SOA record, \(serial ?? 0)")
            default: break
            }
        }
    }

    func checkDigests(_ set: borrowing ZoneIndex.Entries, _ records: ZoneRecords, _ pass: inout Pass) {
        for position in 0..<set.count {
            let data = records.data(set[position])
            if data.count > 3, data.u8(3) == 1 || data.u8(3) == 3 {
                pass.problems.report(
                    .weakDigest, at: set[position], part: .data(2),
                    "digests of type \(data.u8(3)) are not to be used any more")
            }
        }
    }

    /// The sets of a name and their signatures, and what denies the others.
    func checkSignatures(
        of number: Int, _ context: borrowing Context, _ records: ZoneRecords, _ pass: inout Pass
    ) {
        let node = index.nodes[number]
        let isBelow = !index.standings[number].isDisjoint(with: [.belowCut, .belowDNAME])
        let isCut = node.marks.contains(.zoneCut)
        let entries = records.entries(of: node)
        pass.types.removeAll(keepingCapacity: true)
        var hasSignatures = false
        var start = 0
        while start < entries.count {
            let type = records.type(entries[start])
            var sets = start
            while sets < entries.count, records.key(entries[sets]) == UInt32(type.rawValue) * 2 { sets += 1 }
            var end = sets
            while end < entries.count, records.type(entries[end]) == type { end += 1 }
            let isAuthoritative = !isBelow && (!isCut || type == .ds || type == .nsec)
            if sets > start, isAuthoritative || !isBelow && type == .ns { pass.types.append(type.rawValue) }
            if end > sets {
                hasSignatures = true
                if sets == start || !isAuthoritative {
                    let reason = sets == start ? "is not here" : "is not this zone's"
                    pass.problems.report(
                        .signatureOrphan, at: entries[sets], part: .data(0),
                        "the \(type) set that this signs \(reason)")
                } else {
                    let set = entries.slice(start..<end)
                    checkSignatures(of: set, count: sets - start, node, context, records, &pass)
                }
            } else if isAuthoritative {
                pass.problems.report(.signatureMissing, at: entries[start], "this \(type) set needs a signature")
            }
            start = end
        }
        guard !isBelow, !node.marks.contains(.isHashed) else { return }
        if hasSignatures {
            let place = pass.types.firstIndex { $0 > RecordType.rrsig.rawValue } ?? pass.types.count
            pass.types.insert(RecordType.rrsig.rawValue, at: place)
        }
        checkDenial(of: number, context, records, &pass)
    }

    /// The first `count` entries are the set, the others its signatures.
    private func checkSignatures(
        of set: borrowing ZoneIndex.Entries, count: Int, _ node: ZoneIndex.Node, _ context: borrowing Context,
        _ records: ZoneRecords, _ pass: inout Pass
    ) {
        let type = records.type(set[0])
        let labels = Int(node.depth) + index.originLabelCount - (node.marks.contains(.isWildcard) ? 1 : 0)
        var best: Int32?
        var isEarly = true
        for position in count..<set.count {
            let entry = set[position]
            let data = records.data(entry)
            guard data.count > 18 else { continue }
            let key = Key(tag: data.u16(16), algorithm: data.u8(2))
            let signer = Int(records.entries[entry].data) + 18
            if data.nameCount(at: 18) != index.originCount
                || !records.isSame(signer, Int(Zone.originOffset), count: index.originCount)
            {
                pass.problems.report(
                    .signatureFields, at: entry, part: .data(7), "the signer must be the zone, \(zone.origin)")
            } else if !context.keys.contains(key) {
                pass.problems.report(
                    .signatureKey, at: entry, part: .data(6),
                    "the zone has no DNSKEY record with tag \(key.tag) and algorithm \(key.algorithm)")
            }
            if Int(data.u8(3)) != labels {
                pass.problems.report(
                    .signatureFields, at: entry, part: .data(2), "the number of labels must be \(labels)")
            }
            if data.u32(4) != records.entries[set[0]].ttl {
                pass.problems.report(
                    .signatureFields, at: entry, part: .data(3),
                    "the \(type) set was signed with TTL \(data.u32(4)) and has \(records.entries[set[0]].ttl)")
            }
            guard let now else { continue }
            best = max(best ?? .min, Int32(bitPattern: data.u32(8) &- now))
            if Int32(bitPattern: data.u32(12) &- now) <= 0 { isEarly = false }
        }
        guard let best else { return }
        if best < 0 {
            pass.problems.report(
                .signatureExpired, at: set[count], part: .data(4), "the signature of the \(type) set has expired")
        } else if best < ZoneAudit.expiringSeconds {
            pass.problems.report(
                .signatureExpiring, at: set[count], part: .data(4),
                "the signature of the \(type) set expires in \(best / 3600) hours")
        } else if isEarly {
            pass.problems.report(
                .signatureEarly, at: set[count], part: .data(5), "the signature of the \(type) set is not valid yet")
        }
    }
}
