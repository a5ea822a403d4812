/// DNSSEC as far as it can be seen without computing signatures: dates, keys, sets, and the chain that denies.
extension ZoneAudit {
    /// A DNSKEY record.
    struct Key: Sendable, Hashable {
        let tag: UInt16
        let algorithm: UInt8

        init(tag: UInt16, algorithm: UInt8) {
            self.tag = tag
            self.algorithm = algorithm
        }

        /// RFC 4034 appendix B.
        init(_ data: Octets) {
            var sum: UInt32 = 0
            for offset in 0..<data.count { sum &+= UInt32(data.u8(offset)) &<< (offset & 1 == 0 ? 8 : 0) }
            self.init(
                tag: UInt16(truncatingIfNeeded: sum &+ sum &>> 16), algorithm: data.count > 3 ? data.u8(3) : 0)
        }
    }

    /// Three days: less than most signers leave.
    private static let expiringSeconds: Int32 = 3 * 86_400
    /// RFC 9905, RFC 8624 §3.1.
    private static let weakAlgorithms: [UInt8] = [1, 3, 5, 6, 7, 12]

    /// The apex: keys, the chain's parameters, and what depends on the serial.
    mutating func checkKeys() {
        let serial = startOfAuthority?.serial
        let entries = records.entries(of: index.nodes[ZoneIndex.apex])
        for position in 0..<entries.count {
            let entry = entries[position]
            let data = records.data(entry)
            switch records.entries[entry].type {
            case .dnskey where data.count >= 4:
                let key = Key(data)
                context.keys.append(key)
                if ZoneAudit.weakAlgorithms.contains(key.algorithm) {
                    problems.report(
                        .weakAlgorithm, at: entry, part: .data(2),
                        "keys of algorithm \(key.algorithm) are not to be used any more")
                }
                if !index.hasSignatures, context.keys.count == 1 {
                    problems.report(.signatureMissing, at: entry, "the zone has keys but no signatures")
                }
            case .nsec3param where data.count >= 5 && data.u8(0) == 1 && data.u8(1) == 0:
                context.hashes = HashParameters(iterations: data.u16(2), salt: (5..<data.count).map { data.u8($0) })
            case .zonemd where data.count >= 4 && data.u32(0) != serial:
                problems.report(
                    .zonemdSerial, at: entry, part: .data(0),
                    "ZONEMD serial must be that of the SOA record, \(serial ?? 0)")
            default: break
            }
        }
    }

    mutating func checkDigests(_ set: borrowing ZoneIndex.Entries) {
        for position in 0..<set.count {
            let data = records.data(set[position])
            guard data.count > 3, data.u8(3) == 1 || data.u8(3) == 3 else { continue }
            problems.report(
                .weakDigest, at: set[position], part: .data(2),
                "digests of type \(data.u8(3)) are not to be used any more")
        }
    }

    /// The sets of a name and their signatures, and what denies the others.
    mutating func checkSignatures(of number: Int) {
        let node = index.nodes[number]
        let isBelow = !index.standings[number].isDisjoint(with: [.belowCut, .belowDNAME])
        let isCut = node.marks.contains(.zoneCut)
        let entries = records.entries(of: node)
        types.removeAll(keepingCapacity: true)
        var hasSignatures = false
        var start = 0
        while start < entries.count {
            let key = records.key(entries[start])
            let type = records.type(entries[start])
            let sets = key & 1 == 0 ? records.endOfSet(at: start, entries) : start
            let hasOwn = sets < entries.count && records.type(entries[sets]) == type
            let end = hasOwn ? records.endOfSet(at: sets, entries) : sets
            let isAuthoritative = !isBelow && (!isCut || type == .ds || type == .nsec)
            if sets > start, isAuthoritative || !isBelow && type == .ns { types.append(type.rawValue) }
            if hasOwn { hasSignatures = true }
            if hasOwn, sets == start || !isAuthoritative {
                let reason = sets == start ? "is not here" : "is not this zone's"
                problems.report(
                    .signatureOrphan, at: entries[sets], part: .data(0), "the \(type) set that this signs \(reason)")
            } else if hasOwn {
                checkSignatures(entries.slice(sets..<end), of: entries.slice(start..<sets), node)
            } else if isAuthoritative {
                problems.report(.signatureMissing, at: entries[start], "this \(type) set needs a signature")
            }
            start = end
        }
        guard !isBelow, !node.marks.contains(.isHashed) else { return }
        if hasSignatures {
            let place = types.firstIndex { $0 > RecordType.rrsig.rawValue } ?? types.count
            types.insert(RecordType.rrsig.rawValue, at: place)
        }
        checkDenial(of: number)
    }

    private mutating func checkSignatures(
        _ signatures: borrowing ZoneIndex.Entries, of set: borrowing ZoneIndex.Entries, _ node: ZoneIndex.Node
    ) {
        let type = records.entries[set[0]].type
        // The lowest is served.
        var ttl = records.entries[set[0]].ttl
        for position in 1..<set.count { ttl = min(ttl, records.entries[set[position]].ttl) }
        let labels = Int(node.depth) + index.originLabelCount - (node.marks.contains(.isWildcard) ? 1 : 0)
        var best: Int32?
        var isEarly = true
        for position in 0..<signatures.count {
            let entry = signatures[position]
            let data = records.data(entry)
            guard data.count > 18 else { continue }
            let key = Key(tag: data.u16(16), algorithm: data.u8(2))
            let signer = Int(records.entries[entry].data) + 18
            if data.nameCount(at: 18) != index.originCount
                || !records.isSame(signer, Int(Zone.originOffset), count: index.originCount)
            {
                problems.report(
                    .signatureFields, at: entry, part: .data(7), "the signer must be the zone, \(zone.origin)")
            } else if !context.keys.contains(key) {
                problems.report(
                    .signatureKey, at: entry, part: .data(6),
                    "the zone has no DNSKEY record with tag \(key.tag) and algorithm \(key.algorithm)")
            }
            if Int(data.u8(3)) != labels {
                problems.report(.signatureFields, at: entry, part: .data(2), "the number of labels must be \(labels)")
            }
            if data.u32(4) != ttl {
                problems.report(
                    .signatureFields, at: entry, part: .data(3),
                    "the \(type) set was signed with TTL \(data.u32(4)) and has \(ttl)")
            }
            guard let now = context.now else { continue }
            best = max(best ?? .min, Int32(bitPattern: data.u32(8) &- now))
            if Int32(bitPattern: data.u32(12) &- now) <= 0 { isEarly = false }
        }
        guard let best else { return }
        let entry = signatures[0]
        if best < 0 {
            problems.report(
                .signatureExpired, at: entry, part: .data(4), "the signature of the \(type) set has expired")
        } else if best < ZoneAudit.expiringSeconds {
            problems.report(
                .signatureExpiring, at: entry, part: .data(4),
                "the signature of the \(type) set expires in \(best / 3600) hours")
        } else if isEarly {
            problems.report(
                .signatureEarly, at: entry, part: .data(5), "the signature of the \(type) set is not valid yet")
        }
    }
}
