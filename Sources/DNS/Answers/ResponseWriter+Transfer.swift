extension ResponseWriter {
    var isEmpty: Bool { counts.answer == 0 }

    /// What a transfer takes of a block: its records, their signatures, which may need a message of their own, or of a
    /// referral the NS records.
    enum TransferPart { case records, signatures, servers }

    /// Adds a set to the answer section, under the owner's own name, which `owner` remembers for its next set. False
    /// where it does not fit.
    @_lifetime(self: copy self)
    mutating func append(
        _ block: ZoneView.Block, ownedBy entry: ZoneView.Entry, at owner: inout Int?, of zone: ZoneView,
        _ part: TransferPart
    ) -> Bool {
        let isReferral = part == .servers
        let body = block.body &+ (isReferral ? 8 : part == .signatures ? block.octetCount : 0)
        let octetCount = isReferral ? Int(zone.octets.u16(block.body)) : block.octetCount
        let recordCount = isReferral ? Int(zone.octets.u16(block.body &+ 2)) : block.recordCount
        let count = part == .signatures ? block.signatureOctetCount : octetCount
        let start = writer.count
        let nameCount = owner == nil ? entry.nameCount : 0
        guard count > 0 else { return true }
        guard start < ResponseWriter.pointerLimit, writer.hasRoom(nameCount &+ count) else { return false }
        _ = writer.copy(zone.octets, entry.name, count: nameCount)
        let first = writer.count
        _ = writer.copy(zone.octets, body, count: count)
        let records = part == .signatures ? block.signatureCount : recordCount
        if let owner {
            patchOwners(from: first, records: records, owner: 0xC000 | UInt16(truncatingIfNeeded: owner))
        } else {
            // The labels below the apex, then the pointer to the question's name, which stands there already.
            let position = nameCount == 0 ? Header.count : start
            let second = first &+ 12 &+ Int(writer.buffer.u16(first &+ 10))
            patchOwners(
                from: second, records: records &- 1, owner: 0xC000 | UInt16(truncatingIfNeeded: position))
            setContext(position: position, count: nameCount &+ Int(zone.layout.originCount))
            owner = position
        }
        if part != .signatures { patch(block, of: zone, body: body, 0..<octetCount, at: first, origin: first) }
        add(records, to: .answer)
        return true
    }
}
