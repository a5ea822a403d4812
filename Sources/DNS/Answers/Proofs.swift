/// The proofs that an answer needs (RFC 4035 §3.1.3, RFC 5155 §7.2): places of entries that own NSEC or NSEC3 records,
/// each once. Where a wildcard answers, that is that the name itself does not exist.
struct Proofs {
    private var places = InlineArray<24, UInt32>(repeating: 0)
    private(set) var count = 0

    subscript(index: Int) -> UInt32 { places[index] }

    /// Adds what shows that a look-up of the name had to have this result.
    mutating func add(what result: Lookup, says name: borrowing LookupName, in zone: ZoneView) {
        switch result {
        case .answer(_, let match), .alias(_, let match), .everything(let match), .signatures(let match):
            if match.isSynthesized { add(zone.proof(against: name, labels: match.labels &+ 1), in: zone) }
        case .redirection: break
        case .referral(let cut, let labels):
            if zone.block(.ds, of: cut) == nil { add(noSignerFor: cut, labels: labels, name, in: zone) }
        case .noData(let match): add(noDataFor: name, match, in: zone)
        case .nameError(let encloser, let labels):
            add(nameErrorFor: name, encloser: encloser, labels: labels, in: zone)
        }
    }

    private mutating func add(_ place: UInt32?, in zone: ZoneView) {
        guard let place, count < 24 else { return }
        for index in 0..<count where places[index] == place { return }
        // Its records stand right behind it.
        for line in 0..<4 { zone.octets.prefetch(zone.offset(place) &+ line &* 64) }
        places[count] = place
        count &+= 1
    }

    /// That there is no such type at the name, or at the wildcard that stands for it (RFC 4035 §3.1.3.1 and §3.1.3.4,
    /// RFC 5155 §7.2.3 to §7.2.5).
    private mutating func add(noDataFor name: borrowing LookupName, _ match: ZoneView.Match, in zone: ZoneView) {
        if match.isSynthesized, zone.layout.denial == .names {
            add(zone.proof(against: name, labels: match.labels &+ 1), in: zone)
            add(zone.ownProof(of: match.entry), in: zone)
        } else if match.isSynthesized, let encloser = zone.existingEntry(match.labels, of: name) {
            // An opt-out can leave the encloser and the wildcard without a proof, where they are empty non-terminals.
            var provable = Optional(encloser)
            if let own = zone.ownProof(of: encloser) {
                add(own, in: zone)
                add(zone.proof(against: name, labels: match.labels &+ 1), in: zone)
            } else {
                provable = addEncloser(of: name, labels: match.labels, in: zone)
            }
            add(zone.ownProof(of: match.entry) ?? provable.flatMap { zone.wildcardProof(below: $0) }, in: zone)
        } else if let own = zone.ownProof(of: match.entry) {
            add(own, in: zone)
        } else {
            addEncloser(of: name, labels: match.labels, in: zone)
        }
    }

    /// That neither the name nor a wildcard for it exists (RFC 4035 §3.1.3.2, RFC 5155 §7.2.2).
    private mutating func add(
        nameErrorFor name: borrowing LookupName, encloser: ZoneView.Entry, labels: Int, in zone: ZoneView
    ) {
        if zone.layout.denial == .names {
            add(zone.proof(against: name, labels: labels &+ 1), in: zone)
            add(zone.wildcardProof(below: encloser), in: zone)
        } else if let own = zone.ownProof(of: encloser) {
            add(own, in: zone)
            add(zone.proof(against: name, labels: labels &+ 1), in: zone)
            add(zone.wildcardProof(below: encloser), in: zone)
        } else if let provable = addEncloser(of: name, labels: labels, in: zone) {
            add(zone.wildcardProof(below: provable), in: zone)
        }
    }

    /// That a delegation is not signed (RFC 4035 §3.1.4, RFC 5155 §7.2.7).
    private mutating func add(
        noSignerFor cut: ZoneView.Entry, labels: Int, _ name: borrowing LookupName, in zone: ZoneView
    ) {
        if let own = zone.ownProof(of: cut) {
            add(own, in: zone)
        } else {
            addEncloser(of: name, labels: labels, in: zone)
        }
    }

    /// For a name that an opt-out leaves without a proof of its own: the closest provable encloser, and that the name one
    /// label longer has none either (RFC 5155 §7.2.1).
    @discardableResult
    private mutating func addEncloser(
        of name: borrowing LookupName, labels: Int, in zone: ZoneView
    ) -> ZoneView.Entry? {
        var labels = labels &- 1
        while labels >= Int(zone.layout.originLabels) {
            if let entry = zone.existingEntry(labels, of: name), let own = zone.ownProof(of: entry) {
                add(own, in: zone)
                add(zone.proof(against: name, labels: labels &+ 1), in: zone)
                return entry
            }
            labels &-= 1
        }
        return nil
    }
}
