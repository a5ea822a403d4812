/// What goes into the sections of a response, once it is decided.
extension Responder {
    @_lifetime(writer: copy writer)
    func appendNegative(of zone: ZoneView, _ writer: inout ResponseWriter) {
        let origin = Int(zone.layout.originCount)
        if !writer.append(zone.negative, of: zone, ownerSuffix: origin, to: .authority) { writer.markTruncated() }
    }

    /// Adds the proofs, unless the answer section already did not fit.
    @_lifetime(writer: copy writer)
    func append(_ proofs: Proofs, of zone: ZoneView, _ writer: inout ResponseWriter) {
        let type = zone.layout.denial == .hashes ? RecordType.nsec3 : .nsec
        for index in 0..<proofs.count where !writer.isTruncated {
            let entry = zone.entry(at: proofs[index])
            // RFC 1035 §4.1.4. A name that the zone does not enclose, where an alias leads, is not the context.
            let suffix = zone.suffix(of: name, ownedBy: entry)
            if !writer.append(type, ownedBy: entry, suffix: suffix, of: zone) { writer.markTruncated() }
        }
    }

    /// Adds the NS records at the cut; with DO the DS records there or the proof that there are none; and the addresses.
    @_lifetime(writer: copy writer)
    func appendReferral(
        to cut: ZoneView.Entry, labels: Int, of zone: ZoneView, _ proofs: Proofs, _ writer: inout ResponseWriter
    ) {
        let owner = name.count(ofSuffix: labels)
        guard let block = zone.block(.ns, of: cut),
            let servers = writer.appendServers(block, of: zone, ownerSuffix: owner)
        else { return }
        if writer.withSignatures, zone.layout.isSigned, let signer = zone.block(.ds, of: cut),
            !writer.append(signer, of: zone, ownerSuffix: owner, to: .authority)
        {
            writer.markTruncated()
        }
        append(proofs, of: zone, &writer)
        writer.appendAddresses(block, of: zone, servers: servers)
    }

    /// RFC 8482 §4.1: over UDP one set is enough. Over TCP the sets with compressed names come first, since no pointer
    /// reaches far; what still does not fit is left out, as any subset is an answer. NSEC records are for those who
    /// understand them: false where there is nothing else.
    @_lifetime(writer: copy writer)
    func appendEverything(
        _ entry: ZoneView.Entry, of zone: ZoneView, over transport: Transport, _ writer: inout ResponseWriter
    ) -> Bool {
        var isAnything = false
        for pass in 0...1 {
            for index in 0..<entry.setCount {
                let (type, block) = zone.set(index, of: entry)
                guard block.recordCount > 0, writer.withSignatures || type != .nsec else { continue }
                isAnything = true
                if transport == .udp {
                    if !writer.append(block, of: zone, to: .answer) { writer.truncateAnswer() }
                    return true
                }
                if (block.patchCount > 0) == (pass == 0) { _ = writer.append(block, of: zone, to: .answer) }
            }
        }
        return isAnything
    }

    /// RFC 8482 §7: as large as ANY's answer would be; so over UDP the signatures of one set are enough here too.
    @_lifetime(writer: copy writer)
    func appendSignatures(
        _ entry: ZoneView.Entry, of zone: ZoneView, over transport: Transport, _ writer: inout ResponseWriter
    ) {
        for index in 0..<entry.setCount {
            let block = zone.set(index, of: entry).block
            guard block.signatureCount > 0 else { continue }
            if !writer.appendSignatures(block, of: zone) { return writer.truncateAnswer() }
            if transport == .udp { return }
        }
    }
}
