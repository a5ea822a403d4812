import DNS

/// The record that a message is signed with (RFC 8945 §4.2). It is the last one of the additional section.
struct TSIG {
    var key: Name
    var algorithm: Name
    /// Seconds since 1970, 48 bits.
    var time: UInt64
    /// By how many seconds clocks may differ.
    var fudge: UInt16
    var code: [UInt8] = []
    /// The id of the message when it was signed.
    var id: UInt16
    var error: UInt16 = 0
    var other: [UInt8] = []

    /// What is signed with the message (RFC 8945 §4.3.3); of the times alone, in messages behind the first reply
    /// (§5.3.1).
    func signedFields(timesOnly: Bool) -> [UInt8] {
        if timesOnly { return networkOrder(time, 6) + networkOrder(fudge, 2) }
        // Class ANY and TTL 0 behind the name.
        return key.lowercased.wire + [0, 255, 0, 0, 0, 0] + algorithm.lowercased.wire + networkOrder(time, 6)
            + networkOrder(fudge, 2) + networkOrder(error, 2) + networkOrder(other.count, 2) + other
    }

    var record: [UInt8] {
        let data =
            algorithm.wire + networkOrder(time, 6) + networkOrder(fudge, 2) + networkOrder(code.count, 2) + code
            + networkOrder(id, 2)
            + networkOrder(error, 2) + networkOrder(other.count, 2) + other
        return key.wire + networkOrder(RecordType.tsig.rawValue, 2) + [0, 255, 0, 0, 0, 0] + networkOrder(data.count, 2)
            + data
    }
}

/// A number in network order.
func networkOrder(_ number: some BinaryInteger, _ count: Int) -> [UInt8] {
    (0..<count).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
}

/// A message in two parts: what is signed, and the signature.
struct SignedMessage {
    /// The message as it was before it was signed.
    private(set) var octets: [UInt8]
    private(set) var tsig: TSIG?
    private(set) var code: ResponseCode

    init(_ message: [UInt8]) throws(WireError) {
        octets = message
        code = ResponseCode(rawValue: 0)
        var reader = WireReader(message.span)
        try reader.skip(2)
        code = ResponseCode(rawValue: try reader.u16() & 15)
        let questions = try reader.u16()
        let others = Int(try reader.u16()) + Int(try reader.u16())
        let additional = Int(try reader.u16())
        for _ in 0..<questions {
            _ = try reader.name()
            try reader.skip(4)
        }
        for left in (0..<(others + additional)).reversed() {
            let start = reader.offset
            let owner = try reader.name()
            let type = RecordType(rawValue: try reader.u16())
            if type != .tsig {
                try reader.skip(6)
                try reader.skip(Int(try reader.u16()))
                continue
            }
            guard left == 0, additional > 0 else { throw .badRecordData }
            let tsig = try Self.tsig(owner, &reader)
            octets.removeSubrange(start...)
            octets.replaceSubrange(0..<2, with: networkOrder(tsig.id, 2))
            octets.replaceSubrange(10..<12, with: networkOrder(additional - 1, 2))
            self.tsig = tsig
        }
        if !reader.isAtEnd { throw .trailingOctets }
    }

    private static func tsig(_ owner: Name, _ reader: inout WireReader) throws(WireError) -> TSIG {
        guard try reader.u16() == 255, try reader.u32() == 0 else { throw .badRecordData }
        var tsig: TSIG?
        try reader.within(Int(try reader.u16())) { reader throws(WireError) in
            let algorithm = try reader.name()
            let time = UInt64(try reader.u16()) << 32 | UInt64(try reader.u32())
            let fudge = try reader.u16()
            let code = try octets(&reader)
            let (id, error) = (try reader.u16(), try reader.u16())
            tsig = TSIG(
                key: owner, algorithm: algorithm, time: time, fudge: fudge, code: code, id: id, error: error,
                other: try octets(&reader))
        }
        guard let tsig else { throw .badRecordData }
        return tsig
    }

    /// Octets behind their number.
    private static func octets(_ reader: inout WireReader) throws(WireError) -> [UInt8] {
        var octets: [UInt8] = []
        try reader.octets(Int(try reader.u16()), into: &octets)
        return octets
    }
}
