extension ResponseWriter {
    /// Adds the NS records of a cut, which the context's suffix of `ownerSuffix` octets owns. Returns where they begin;
    /// nil where they do not fit.
    @_lifetime(self: copy self)
    mutating func appendServers(_ block: ZoneView.Block, of zone: ZoneView, ownerSuffix: Int) -> Int? {
        let count = Int(zone.octets.u16(block.body))
        let records = Int(zone.octets.u16(block.body &+ 2))
        let start = writer.count
        guard start <= BlockBuilder.landmarkLimit, writer.copy(zone.octets, block.body &+ 8, count: count) else {
            isTruncated = true
            return nil
        }
        patchOwners(from: start, records: records, owner: pointer(toSuffix: ownerSuffix))
        patch(block, of: zone, body: block.body &+ 8, 0..<count, at: start, origin: start)
        add(records, to: .authority)
        return start
    }

    /// Adds the addresses that go with the NS records at `servers`. Without room for those without which nobody gets
    /// there it is truncated (RFC 9471 §3); others that do not fit are left out.
    @_lifetime(self: copy self)
    mutating func appendAddresses(_ block: ZoneView.Block, of zone: ZoneView, servers: Int) {
        let body = block.body &+ 8
        let first = (octets: Int(zone.octets.u16(block.body)), records: Int(zone.octets.u16(block.body &+ 2)))
        let needed = Int(zone.octets.u16(block.body &+ 4))
        var last = (octets: block.octetCount, records: block.recordCount)
        // RFC 4035 §3.1.1: signatures of addresses as far as there is room.
        if withSignatures, writer.hasRoom(last.octets &+ block.signatureOctetCount &- first.octets) {
            last.octets &+= block.signatureOctetCount
            last.records &+= block.signatureCount
        } else if !writer.hasRoom(last.octets &- first.octets) {
            last = wholeSets(of: zone, body: body, from: first, to: block.octetCount)
            if last.octets < needed { isTruncated = true }
        }
        let start = writer.count
        guard writer.copy(zone.octets, body &+ first.octets, count: last.octets &- first.octets) else { return }
        patch(block, of: zone, body: body, first.octets..<last.octets, at: start, origin: servers)
        add(last.records &- first.records, to: .additional)
    }

    /// How many octets and records of a referral fit, cut off between two sets.
    private func wholeSets(
        of zone: ZoneView, body: Int, from first: (octets: Int, records: Int), to end: Int
    ) -> (octets: Int, records: Int) {
        var position = first.octets
        var records = first.records
        var fitting = first
        while position < end {
            if zone.octets.u16(body &+ position) != BlockBuilder.continuedPointer { fitting = (position, records) }
            guard let nameEnd = zone.nameEnd(body &+ position) else { return fitting }
            position = nameEnd &+ 10 &+ Int(zone.octets.u16(nameEnd &+ 8)) &- body
            if !writer.hasRoom(position &- first.octets) { return fitting }
            records &+= 1
        }
        return (position, records)
    }
}
