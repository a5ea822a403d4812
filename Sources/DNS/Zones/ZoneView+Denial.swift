/// Which records show that something does not exist (RFC 4035 §3.1.3, RFC 5155 §7.2).
///
/// A proof is the entry that owns an NSEC or NSEC3 record. What can be known beforehand stands behind an entry's sets;
/// only a name that does not exist must be looked for, by halves, in the owners' order.
extension ZoneView {
    /// Where the chain of proofs begins.
    private var proofs: Int { offset(layout.proofsPlace) }

    /// The proof for a name that exists: its own, or for an empty non-terminal that of the name before it. Nil where
    /// an opt-out leaves it without one.
    func ownProof(of entry: Entry) -> UInt32? { proof(at: entry.proofs) }

    /// The proof that `*` does not exist below a name.
    func wildcardProof(below entry: Entry) -> UInt32? { proof(at: entry.proofs &+ 4) }

    private func proof(at offset: Int) -> UInt32? {
        let place = octets.u32(offset)
        return place == ZoneLayout.nowhere ? nil : place
    }

    /// The proof that the suffix of the name with `labels` labels does not exist: the owner before it in the chain.
    func proof(against name: borrowing LookupName, labels: Int) -> UInt32? {
        guard layout.proofCount > 0 else { return nil }
        switch layout.denial {
        case .none: return nil
        case .names: return owner(before: name)
        case .hashes: return owner(beforeHash: hash(of: name, labels: labels))
        }
    }

    // MARK: NSEC

    /// The last owner that is not after the name in canonical order (RFC 4034 §6.1). There always is one: the apex.
    func owner(before name: borrowing LookupName) -> UInt32 {
        let key = CanonicalKey.key(of: name, originLabels: Int(layout.originLabels))
        return lastOwner(key) { isAfter(name, $0) }
    }

    /// Whether an entry is after the name in canonical order.
    private func isAfter(_ name: borrowing LookupName, _ entry: Entry) -> Bool {
        CanonicalKey.compare(name, originLabels: Int(layout.originLabels), octets, entry.name, entry.nameCount) < 0
    }

    // MARK: NSEC3

    func hash(of name: borrowing LookupName, labels: Int) -> SHA1.Digest {
        let octets = name.octets()
        return SHA1.hash(
            octets, name.offset(ofSuffix: labels)..<name.count, iterations: Int(layout.iterations),
            salt: self.octets, offset(layout.saltPlace)..<(offset(layout.saltPlace) &+ Int(layout.saltCount)))
    }

    /// The last owner whose hash is not after this one; the chain's last where none is, since it is a ring.
    func owner(beforeHash digest: SHA1.Digest) -> UInt32 {
        let key = UInt64(digest[0]) &<< 32 | UInt64(digest[1])
        return lastOwner(key) { compare(digest, $0) < 0 }
    }

    /// The owner with just this hash.
    func owner(ofHash digest: SHA1.Digest) -> UInt32? {
        let place = owner(beforeHash: digest)
        return compare(digest, entry(at: place)) == 0 ? place : nil
    }

    /// The hash against the one that an entry's first label spells in base32hex (RFC 4648 §7), whose order is the same.
    private func compare(_ digest: SHA1.Digest, _ entry: Entry) -> Int {
        for index in 0..<32 {
            let difference =
                Int(Base32Hex.digit(digest, index)) &- Int(ASCII.folded(octets.u8(entry.name &+ 1 &+ index)))
            if difference != 0 { return difference }
        }
        return 0
    }

    // MARK: The chain

    private func place(_ index: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: octets.word(proofs &+ index &* 16 &+ 8))
    }

    /// The last owner that is not after one with this key; the very last where all are. `isAfter` tells of those with the
    /// same key.
    @inline(__always)
    private func lastOwner(_ key: UInt64, isAfter: (Entry) -> Bool) -> UInt32 {
        let count = Int(layout.proofCount)
        var low = ownersBelow(key, orAt: false)
        if low < count, octets.word(proofs &+ low &* 16) == key {
            var high = ownersBelow(key, orAt: true)
            while low < high {
                let middle = (low &+ high) &>> 1
                if isAfter(entry(at: place(middle))) { high = middle } else { low = middle &+ 1 }
            }
        }
        return place((low == 0 ? count : low) &- 1)
    }

    /// How many owners have a key below this one, or this one: found from the coarsest level of keys down, of which all but
    /// the finest are few enough to stay in the cache.
    private func ownersBelow(_ key: UInt64, orAt: Bool) -> Int {
        var level = ProofLevels(count: Int(layout.proofCount))
        var low = 0
        while true {
            let high = min(low &+ ProofLevels.fanout, level.count)
            let start = proofs &+ level.offset
            var below = 0
            for index in low..<high {
                let other = octets.word(start &+ index &* level.spacing)
                below &+= other < key || (orAt && other == key) ? 1 : 0
            }
            if level.isFinest { return low &+ below }
            low = (low &+ max(below &- 1, 0)) &* ProofLevels.fanout
            level.descend()
        }
    }
}

/// The levels of keys by which an owner in the chain of proofs is found: behind the chain itself the key of each 16th of
/// its owners, behind that the key of each 16th of those, and so on down to 16 or fewer.
struct ProofLevels {
    static let fanout = 16
    /// Of the chain itself.
    private let owners: Int
    private var depth: Int
    /// Keys of the level, and where they begin behind the beginning of the chain.
    private(set) var count: Int
    private(set) var offset: Int

    /// The coarsest level of a chain of so many owners.
    init(count owners: Int) {
        self.owners = owners
        depth = 0
        count = owners
        offset = 0
        while count > ProofLevels.fanout { ascend() }
    }

    var isFinest: Bool { depth == 0 }
    /// Octets from one key to the next.
    var spacing: Int { depth == 0 ? 16 : 8 }

    private mutating func ascend() {
        offset &+= count &* spacing
        count = (count &+ ProofLevels.fanout &- 1) / ProofLevels.fanout
        depth &+= 1
    }

    /// Moves to the next finer level.
    mutating func descend() {
        depth &-= 1
        count = owners
        for _ in 0..<depth { count = (count &+ ProofLevels.fanout &- 1) / ProofLevels.fanout }
        offset &-= count &* spacing
    }

    /// The keys of all levels behind the chain, whose words are the key and the place of each owner.
    static func keys(of chain: [UInt64]) -> [UInt64] {
        var keys: [UInt64] = []
        var level = stride(from: 0, to: chain.count, by: 2).map { chain[$0] }
        while level.count > fanout {
            level = stride(from: 0, to: level.count, by: fanout).map { level[$0] }
            keys += level
        }
        return keys
    }
}

/// Base32 with the extended hexadecimal alphabet, in lower case, as NSEC3 owners use it.
enum Base32Hex {
    /// The digit at `index` (0 to 31) of a hash.
    static func digit(_ digest: SHA1.Digest, _ index: Int) -> UInt8 {
        let bit = index &* 5
        let word = UInt64(digest[bit &>> 5]) &<< 32 | (bit &>> 5 < 4 ? UInt64(digest[bit &>> 5 &+ 1]) : 0)
        let value = UInt8(truncatingIfNeeded: word &>> UInt64(59 &- bit & 31)) & 31
        return value < 10 ? 0x30 &+ value : 0x57 &+ value
    }

    /// The first 64 bits of what 32 digits spell; nil where they are no digits.
    static func prefix(_ digits: ArraySlice<UInt8>) -> UInt64? {
        guard digits.count == 32 else { return nil }
        var prefix: UInt64 = 0
        for (index, digit) in digits.enumerated() {
            let value: UInt8
            switch ASCII.folded(digit) {
            case 0x30...0x39: value = digit &- 0x30
            case 0x61...0x76: value = ASCII.folded(digit) &- 0x57
            default: return nil
            }
            if index < 12 { prefix = prefix &<< 5 | UInt64(value) }
            // The 13th digit has four of the 64 bits.
            if index == 12 { prefix = prefix &<< 4 | UInt64(value &>> 1) }
        }
        return prefix
    }
}
