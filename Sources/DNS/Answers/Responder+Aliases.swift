/// The aliases that an answer has followed so far: a loop ends it, and so does `Limits.aliasChain`.
struct AliasChain {
    private var names = InlineArray<16, UInt64>(repeating: 0)
    private var redirections = InlineArray<16, UInt64>(repeating: 0)
    private(set) var count = 0
    private var redirectionCount = 0

    /// Whether the alias at `name` is to be followed: not again, and not one too many.
    mutating func add(_ name: borrowing LookupName) -> Bool {
        let hash = name.hash(ofSuffix: name.labelCount)
        guard count < Limits.aliasChain else { return false }
        for index in 0..<count where names[index] == hash { return false }
        names[count] = hash
        count &+= 1
        return true
    }

    /// Whether the DNAME record at the ancestor with `labels` labels is not yet in the answer.
    mutating func add(redirectionAt labels: Int, of name: borrowing LookupName) -> Bool {
        // By its owner: records that are equal otherwise have one block.
        let hash = name.hash(ofSuffix: labels)
        for index in 0..<redirectionCount where redirections[index] == hash { return false }
        redirections[redirectionCount] = hash
        redirectionCount &+= 1
        return true
    }
}

extension Responder {
    /// How an answer goes on behind an alias.
    enum Next { case follow, end, nameTooLong }

    /// Adds a CNAME record and makes its target the name that is looked up next. False where the chain ends here.
    @_lifetime(writer: copy writer)
    mutating func follow(
        alias block: ZoneView.Block, of zone: ZoneView, seed: UInt64, _ writer: inout ResponseWriter
    ) -> Bool {
        let start = writer.count
        guard writer.append(block, of: zone, to: .answer) else {
            writer.truncateAnswer()
            return false
        }
        return enter(targetAt: start &+ 12, of: zone, seed: seed, &writer)
    }

    /// Adds the DNAME record of the ancestor with `labels` labels, unless it is there already, and the CNAME record that
    /// it means for the name at hand (RFC 6672 §3.1).
    @_lifetime(writer: copy writer)
    mutating func follow(
        redirection block: ZoneView.Block, labels: Int, isFirst: Bool, of zone: ZoneView, seed: UInt64,
        _ writer: inout ResponseWriter
    ) -> Next {
        let ownerCount = name.count(ofSuffix: labels)
        let start = writer.count
        if isFirst, !writer.append(block, of: zone, ownerSuffix: ownerCount, to: .answer) {
            writer.truncateAnswer()
            return .end
        }
        // A DNAME's data is never compressed: behind owner, type, class, TTL and length stands the new suffix.
        let record = block.body
        let ttl = zone.octets.u32(record &+ 6)
        let suffixCount = Int(zone.octets.u16(record &+ 10))
        guard name.count &- ownerCount &+ suffixCount <= Name.maximumCount else { return .nameTooLong }
        // Its octets stand in the DNAME record, which the target can point at (RFC 1035 §4.1.4).
        let position = writer.appendAlias(
            replacing: ownerCount, with: record &+ 12, count: suffixCount,
            standingAt: isFirst && suffixCount > 2 ? start &+ 12 : nil, of: zone, ttl: ttl)
        guard let position else {
            writer.truncateAnswer()
            return .end
        }
        return enter(targetAt: position, of: zone, seed: seed, &writer) ? .follow : .end
    }

    /// Makes the name at `position` of the message the one that is looked up next, if the zone encloses it.
    @_lifetime(writer: copy writer)
    private mutating func enter(
        targetAt position: Int, of zone: ZoneView, seed: UInt64, _ writer: inout ResponseWriter
    ) -> Bool {
        // What follows must be able to point here.
        guard position < BlockBuilder.landmarkLimit else { return false }
        guard name.load(writer.message, at: position, seed: seed, followsPointers: true) == nil, zone.encloses(name)
        else { return false }
        writer.setContext(position: position, count: name.count)
        return true
    }
}
