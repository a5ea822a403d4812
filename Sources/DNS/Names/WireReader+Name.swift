extension WireReader {
    /// Reads a name and appends its uncompressed octets, the root's label included, to `output`.
    ///
    /// Compression pointers only go backwards, each further than the last one, so following them ends.
    /// Some record data must not have any (RFC 3597 §4).
    public mutating func name(into output: inout [UInt8], allowsPointers: Bool = true) throws(WireError) {
        var cursor = offset
        var limit = end
        var lowest = offset
        var count = 0
        var jumps = 0
        while true {
            if cursor >= limit { throw .truncated }
            let length = Int(octets.u8(cursor))
            switch length & 0xC0 {
            case 0x00:
                count += length + 1
                if count > Name.maximumCount { throw .nameTooLong }
                if length >= limit - cursor { throw .truncated }
                for index in 0...length { output.append(octets.u8(cursor + index)) }
                cursor += length + 1
                if jumps == 0 { offset = cursor }
                if length == 0 { return }
            case 0xC0:
                if !(allowsPointers && self.allowsPointers) { throw .badPointer }
                if cursor + 2 > limit { throw .truncated }
                let target = Int(octets.u16(cursor)) & 0x3FFF
                if target >= lowest || jumps == Name.maximumLabels { throw .badPointer }
                if jumps == 0 { offset = cursor + 2 }
                jumps += 1
                limit = lowest
                lowest = target
                cursor = target
            default:
                throw .badLabelType
            }
        }
    }

    /// Reads a name.
    public mutating func name() throws(WireError) -> Name {
        var wire: [UInt8] = []
        try name(into: &wire)
        return Name(validatedWire: wire)
    }
}
