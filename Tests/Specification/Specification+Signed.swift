import DNS

/// What a signed zone's answers hold besides, where the query has DO: RFC 4035 §3.1, and RFC 5155 §7.2 for hashed
/// denial. The records are there already: nothing is signed or made here.
extension Specification.Zone {
    var isSigned: Bool { records(at: origin).contains { $0.type == .rrsig } }

    /// RFC 4035 §3.1.1: the signatures of the sets that were found; RFC 4035 §3.1.3.3 and RFC 5155 §7.2.6: where a
    /// wildcard gave them, that there is no closer match.
    func addProofs(for found: [Record], at name: Name, _ match: Match?, to reply: Reply, isWanted: Bool) -> Reply {
        guard isWanted else { return reply }
        var reply = reply
        reply.answer += signatures(of: found).map { $0.owned(by: name) }
        guard case .wildcard(_, let source)? = match else { return reply }
        let closestEncloser = source.parent
        add(hashes == nil ? nsec(covering: name) : nsec3(covering: nextCloser(of: name, closestEncloser)), to: &reply)
        return reply
    }

    /// RFC 4035 §3.1.4 and RFC 5155 §7.2.7: the DS set of the cut, or the proof that there is none.
    func addDelegationProofs(at cut: Name, to reply: Reply) -> Reply {
        var reply = reply
        let signers = rrset(.ds, at: cut)
        if signers.isEmpty {
            for proof in noData(at: cut) { add(proof, to: &reply) }
        } else {
            reply.authority += (signers + signatures(of: signers)).map { $0.owned(by: cut) }
        }
        // RFC 4035 §3.1.1: addresses that are no glue are signed.
        reply.additional += signatures(of: reply.additional)
        return reply
    }

    /// The SOA record's signatures, and the proofs of RFC 4035 §3.1.3 or RFC 5155 §7.2.
    func addDenial(of name: Name, _ type: RecordType, _ match: Match, to reply: Reply) -> Reply {
        var reply = reply
        let apex = name.suffix(labels: origin.labelCount)
        var signatures = signatures(of: rrset(.soa, at: origin))
        // RFC 2308 §3: the SOA set's TTL here is that of negative answers, and RFC 4034 §3 has its signatures follow.
        let ttl = reply.authority.last { $0.type == .soa }?.ttl
        for index in signatures.indices { signatures[index].ttl = ttl ?? signatures[index].ttl }
        reply.authority += signatures.map { $0.owned(by: apex) }
        for proof in denial(of: name, match) { add(proof, to: &reply) }
        return reply
    }

    private func denial(of name: Name, _ match: Match) -> [Record?] {
        switch match {
        case .node: noData(at: name)
        case .nothing(let closestEncloser): nameError(name, closestEncloser)
        case .wildcard(_, let source): wildcardNoData(name, source)
        case .referral, .redirection: []
        }
    }

    /// RFC 4035 §3.1.3.1, and for an empty non-terminal, which has no NSEC record, the one that covers it.
    /// RFC 5155 §7.2.3; without a record that matches, as opt-out allows, the closest provable encloser (§7.2.4).
    private func noData(at name: Name) -> [Record?] {
        if hashes == nil { return [nsec(at: name) ?? nsec(covering: name)] }
        if let matching = nsec3(matching: name) { return [matching] }
        return closestEncloserProof(of: name)
    }

    /// RFC 4035 §3.1.3.2; RFC 5155 §7.2.2.
    private func nameError(_ name: Name, _ closestEncloser: Name) -> [Record?] {
        let source = Label([0x2A]).flatMap { closestEncloser.prepending($0) }
        if hashes == nil { return [nsec(covering: name), source.flatMap { nsec(covering: $0) }] }
        return closestEncloserProof(of: name) + [nsec3(denyingWildcardFor: name)]
    }

    /// The wildcard to deny is the one at the encloser that was proved, which opt-out may put higher.
    private func nsec3(denyingWildcardFor name: Name) -> Record? {
        let proved = closestProvableEncloser(of: name)
        let wildcard = proved.flatMap { proved in Label([0x2A]).flatMap { proved.prepending($0) } }
        return wildcard.flatMap { nsec3(covering: $0) }
    }

    /// RFC 4035 §3.1.3.4; RFC 5155 §7.2.5.
    private func wildcardNoData(_ name: Name, _ source: Name) -> [Record?] {
        if hashes == nil { return [nsec(covering: name), nsec(at: source) ?? nsec(covering: source)] }
        // Opt-out may leave the wildcard without a record: then it is denied as one that does not exist.
        return closestEncloserProof(of: name) + [nsec3(matching: source) ?? nsec3(denyingWildcardFor: name)]
    }

    private func signatures(of found: [Record]) -> [Record] {
        var signatures: [Record] = []
        for record in found where record.type != .rrsig {
            for signature in records(at: record.owner) where signature.typeCovered == record.type {
                if !signatures.contains(signature) { signatures.append(signature) }
            }
        }
        return signatures
    }

    /// Adds a record of denial with its signatures to the authority section, unless it is there.
    private func add(_ proof: Record?, to reply: inout Reply) {
        guard let proof, !reply.authority.contains(where: { $0.isSame(as: proof) }) else { return }
        reply.authority += [proof] + signatures(of: [proof])
    }
}

// MARK: NSEC (RFC 4034 §4)

extension Specification.Zone {
    private func nsec(at name: Name) -> Record? { rrset(.nsec, at: name).first }

    /// The record whose owner comes before the name in canonical order, and whose next name comes after it; the last
    /// one's next name is the apex.
    private func nsec(covering name: Name) -> Record? {
        records.first { record in
            guard record.type == .nsec, record.owner < name, let next = nextName(record) else { return false }
            return name < next || next == origin
        }
    }

    private func nextName(_ record: Record) -> Name? {
        var reader = WireReader(record.data.octets.span, allowsPointers: false)
        return try? reader.name()
    }
}

// MARK: NSEC3 (RFC 5155)

extension Specification.Zone {
    /// The parameters that the apex states (§4); nil where the zone has NSEC records or none.
    private var hashes: HashParameters? {
        rrset(.nsec3param, at: origin).first.flatMap { HashParameters($0.data.octets) }
    }

    private func hash(_ name: Name) -> [UInt8] { hashes?.hash(name) ?? [] }

    private func nsec3(matching name: Name) -> Record? {
        let label = Label(HashParameters.encode(hash(name)))
        return records.first { $0.type == .nsec3 && $0.owner.labels.first == label }
    }

    /// §1.3: the hash comes behind the owner's and before the next one; the last one goes on with the first.
    private func nsec3(covering name: Name) -> Record? {
        let hash = hash(name)
        return records.first { record in
            guard record.type == .nsec3, let owner = ownerHash(record), let next = nextHash(record) else {
                return false
            }
            let (isBehind, isBefore) = (owner.lexicographicallyPrecedes(hash), hash.lexicographicallyPrecedes(next))
            if owner.lexicographicallyPrecedes(next) { return isBehind && isBefore }
            return hash != owner && (isBehind || isBefore)
        }
    }

    private func ownerHash(_ record: Record) -> [UInt8]? {
        record.owner.labels.first.flatMap { HashParameters.decode($0.octets) }
    }

    private func nextHash(_ record: Record) -> [UInt8]? {
        let octets = record.data.octets
        guard octets.count > 5, octets.count > 6 + Int(octets[4]) else { return nil }
        let start = 5 + Int(octets[4])
        return Array(octets[(start + 1)...].prefix(Int(octets[start])))
    }

    /// §7.2.1: the longest ancestor that has a record, and no name between it and QNAME.
    private func closestProvableEncloser(of name: Name) -> Name? {
        (origin.labelCount..<max(name.labelCount, origin.labelCount + 1)).reversed().map { name.suffix(labels: $0) }
            .first { nsec3(matching: $0) != nil }
    }

    private func closestEncloserProof(of name: Name) -> [Record?] {
        guard let encloser = closestProvableEncloser(of: name) else { return [] }
        return [nsec3(matching: encloser), nsec3(covering: nextCloser(of: name, encloser))]
    }

    /// §1.3: one label longer than the closest encloser.
    private func nextCloser(of name: Name, _ closestEncloser: Name) -> Name {
        name.suffix(labels: closestEncloser.labelCount + 1)
    }
}

/// How names are hashed (RFC 5155 §5).
struct HashParameters {
    let iterations: Int
    let salt: [UInt8]

    init(iterations: Int, salt: [UInt8]) {
        self.iterations = iterations
        self.salt = salt
    }

    /// From the data of an NSEC3PARAM or NSEC3 record.
    init?(_ octets: [UInt8]) {
        guard octets.count >= 5, octets[0] == 1, octets.count >= 5 + Int(octets[4]) else { return nil }
        self.init(iterations: Int(octets[2]) << 8 | Int(octets[3]), salt: Array(octets[5...].prefix(Int(octets[4]))))
    }

    func hash(_ name: Name) -> [UInt8] {
        var hash = SHA1.digest(name.lowercased.wire + salt)
        for _ in 0..<iterations { hash = SHA1.digest(hash + salt) }
        return hash
    }

    private static let digits = Array("0123456789abcdefghijklmnopqrstuv".utf8)

    /// RFC 4648 §7, without padding: five octets are eight digits.
    static func encode(_ octets: [UInt8]) -> [UInt8] {
        let bits = octets.flatMap { octet in (0..<8).map { octet >> (7 - $0) & 1 } }
        return stride(from: 0, to: bits.count, by: 5).map { start in
            digits[Int((0..<5).reduce(0) { $0 << 1 | (start + $1 < bits.count ? bits[start + $1] : 0) })]
        }
    }

    static func decode(_ text: [UInt8]) -> [UInt8]? {
        let values = text.compactMap { digits.firstIndex(of: $0 | 0x20) ?? digits.firstIndex(of: $0) }
        guard values.count == text.count else { return nil }
        let bits = values.flatMap { value in (0..<5).map { UInt8(value >> (4 - $0) & 1) } }
        return stride(from: 0, to: bits.count / 8 * 8, by: 8).map { start in
            (0..<8).reduce(0) { $0 << 1 | bits[start + $1] }
        }
    }
}

/// FIPS 180-4 §6.1, word by word.
enum SHA1 {
    static func digest(_ message: [UInt8]) -> [UInt8] {
        var padded = message + [0x80]
        while padded.count % 64 != 56 { padded.append(0) }
        padded += (0..<8).map { UInt8(truncatingIfNeeded: (message.count * 8) >> (56 - 8 * $0)) }
        var hash: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
        for block in stride(from: 0, to: padded.count, by: 64) {
            var words = stride(from: block, to: block + 64, by: 4).map { start in
                (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(padded[start + $1]) }
            }
            for index in 16..<80 {
                words.append(rotate(words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], 1))
            }
            var (a, b, c, d, e) = (hash[0], hash[1], hash[2], hash[3], hash[4])
            for index in 0..<80 {
                let (function, constant): (UInt32, UInt32) =
                    switch index {
                    case 0..<20: (b & c | ~b & d, 0x5A82_7999)
                    case 20..<40: (b ^ c ^ d, 0x6ED9_EBA1)
                    case 40..<60: (b & c | b & d | c & d, 0x8F1B_BCDC)
                    default: (b ^ c ^ d, 0xCA62_C1D6)
                    }
                let next = rotate(a, 5) &+ function &+ e &+ constant &+ words[index]
                (e, d, c, b, a) = (d, c, rotate(b, 30), a, next)
            }
            for (index, value) in [a, b, c, d, e].enumerated() { hash[index] &+= value }
        }
        return hash.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * UInt32($0))) } }
    }

    private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 { word << count | word >> (32 - count) }
}
