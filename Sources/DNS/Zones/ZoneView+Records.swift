/// The records of a compiled zone as they were in its file, for whoever is not in a hurry.
extension ZoneView {
    /// The name of an entry.
    func owner(of entry: Entry) -> Name {
        var wire: [UInt8] = []
        appendName(of: entry, to: &wire)
        return Name(validatedWire: wire)
    }

    /// Appends the wire format of an entry's name.
    func appendName(of entry: Entry, to wire: inout [UInt8]) {
        append(entry.name, count: entry.nameCount, to: &wire)
        append(layout.origin, count: Int(layout.originCount), to: &wire)
    }

    /// The records of the set at `index` of an entry, of a cut without the addresses that go with them.
    func records(_ index: Int, of entry: Entry) -> [Record] {
        let (type, block) = set(index, of: entry)
        guard isReferral(type, entry) else {
            return records(at: block.body, block.octetCount, block.recordCount, block, of: entry)
        }
        return records(
            at: block.body &+ 8, Int(octets.u16(block.body)), Int(octets.u16(block.body &+ 2)), block, of: entry)
    }

    /// The RRSIG records that cover the set at `index`.
    func signatures(_ index: Int, of entry: Entry) -> [Record] {
        let (type, block) = set(index, of: entry)
        // Those of a referral cover addresses, which have entries of their own.
        guard !isReferral(type, entry) else { return [] }
        return records(
            at: block.body &+ block.octetCount, block.signatureOctetCount, block.signatureCount, nil, of: entry)
    }

    func isReferral(_ type: RecordType, _ entry: Entry) -> Bool { type == .ns && entry.marks.contains(.zoneCut) }

    /// Reads a block's octets as if they stood in the answer to a question for the entry's name.
    private func records(
        at body: Int, _ octetCount: Int, _ recordCount: Int, _ patched: Block?, of entry: Entry
    ) -> [Record] {
        var message = [UInt8](repeating: 0, count: Header.count)
        appendName(of: entry, to: &message)
        let nameEnd = message.count
        append(body, count: octetCount, to: &message)
        if let patched { patch(&message, patched, isReferral: body != patched.body, nameEnd..<message.count) }
        var records: [Record] = []
        var reader = WireReader(message.span)
        reader.offset = nameEnd
        for _ in 0..<recordCount {
            // The compiler wrote what can be read.
            guard let record = try? Message.record(from: &reader) else { return records }
            records.append(record)
        }
        return records
    }

    private func patch(_ message: inout [UInt8], _ block: Block, isReferral: Bool, _ range: Range<Int>) {
        let patches = block.body &+ (isReferral ? 8 : 0) &+ block.octetCount &+ block.signatureOctetCount
        for index in 0..<block.patchCount {
            let position = range.lowerBound + Int(octets.u16(patches &+ index &* 4))
            guard position + 2 <= range.upperBound else { return }
            let target =
                switch BlockPatch(rawValue: octets.u16(patches &+ index &* 4 &+ 2)).target {
                case .suffix(let count): range.lowerBound - count
                case .block(let position): range.lowerBound + position
                }
            message[position] = UInt8(truncatingIfNeeded: 0xC0 | target >> 8)
            message[position + 1] = UInt8(truncatingIfNeeded: target)
        }
    }

    private func append(_ offset: Int, count: Int, to array: inout [UInt8]) {
        for index in 0..<count { array.append(octets.u8(offset &+ index)) }
    }
}
