import DNS

/// What the reply to a query must have.
struct Expectation {
    /// Which letters of the name were sent in the other case, by their places modulo 64; 0 where it was sent as it is,
    /// and may come back in any case.
    var caseBits: UInt64 = 0
    var sendsCookie = false
    /// The server has given a cookie, so it must send ours back.
    var owesCookie = false

    /// What a message is to the query.
    enum Reading {
        case reply(ReplyHead)
        /// It answers, but not all of it is there.
        case truncated
        /// It answers, and cannot be read.
        case malformed(WireError)
        /// It answers the same name in another case.
        case caseDiffers
        /// It answers something else, or nothing.
        case mismatch
    }

    /// An octet of the name as it is sent. Lengths of labels are below all letters.
    func sent(_ octet: UInt8, at index: Int) -> UInt8 {
        let change = UInt8(truncatingIfNeeded: caseBits >> UInt64(index & 63) & 1) << 5
        return octet.isLetter ? octet ^ change : octet
    }

    func read(_ octets: Span<UInt8>, _ question: borrowing Question, _ options: borrowing QueryOptions) -> Reading {
        guard octets.count >= Header.count, octets[2] & 0x80 != 0, octets[2] >> 3 & 0xF == options.opcode.rawValue
        else { return .mismatch }
        let hasQuestion = octets.word(4) != 0
        var end = Header.count
        // An error may come without the question.
        if hasQuestion {
            let name = question.name.wire.span
            end += name.count + 4
            guard octets.word(4) == 1, octets.count >= end, octets.word(end - 4) == question.type.rawValue,
                octets.word(end - 2) == question.recordClass.rawValue
            else { return .mismatch }
            var isExact = true
            for index in name.indices {
                let (one, other) = (octets[Header.count + index], sent(name[index], at: index))
                if one == other { continue }
                guard one ^ other == 0x20, one.isLetter else { return .mismatch }
                isExact = false
            }
            if caseBits != 0 && !isExact { return .caseDiffers }
        }
        // What was cut need not end where a record does. With UDP alone a part of the answer is better than none.
        if octets[2] & 0x02 != 0 && options.transport != .udp { return .truncated }
        do throws(WireError) {
            let head = try ReplyHead(octets, behind: end)
            // The upper bits of the code stand in the OPT record: only now it is known whether it is an error.
            return hasQuestion || head.code != .noError ? .reply(head) : .mismatch
        } catch {
            return hasQuestion || octets[3] & 0xF != 0 ? .malformed(error) : .mismatch
        }
    }
}

/// What decides about a reply, besides whether its records can be read.
struct ReplyHead {
    /// With the upper bits, which the OPT record has.
    private(set) var code: ResponseCode
    private(set) var cookie: [UInt8]?

    /// Walks over the records, from behind the question.
    init(_ octets: Span<UInt8>, behind start: Int) throws(WireError) {
        code = ResponseCode(rawValue: UInt16(octets[3] & 0xF))
        var reader = WireReader(octets)
        try reader.skip(start)
        let additional = Int(octets.word(10))
        let count = Int(octets.word(6)) + Int(octets.word(8)) + additional
        for number in 0..<count {
            try reader.skipName()
            let type = RecordType(rawValue: try reader.u16())
            try reader.skip(2)
            let ttl = try reader.u32()
            let size = Int(try reader.u16())
            guard type == .opt, number >= count - additional else {
                try reader.skip(size)
                continue
            }
            code = ResponseCode(rawValue: UInt16(ttl >> 24) << 4 | code.rawValue & 0xF)
            try reader.within(size) { (reader: inout WireReader) throws(WireError) in try readOptions(&reader) }
        }
    }

    private mutating func readOptions(_ reader: inout WireReader) throws(WireError) {
        while !reader.isAtEnd {
            let option = EDNS.Option.Code(rawValue: try reader.u16())
            let size = Int(try reader.u16())
            if option == .cookie, cookie == nil {
                var data: [UInt8] = []
                try reader.octets(size, into: &data)
                cookie = data
            } else {
                try reader.skip(size)
            }
        }
    }
}

extension WireReader {
    /// To behind a name, wherever it may point.
    fileprivate mutating func skipName() throws(WireError) {
        while case let count = try u8(), count != 0 {
            if count & 0xC0 == 0xC0 { return try skip(1) }
            try skip(Int(count))
        }
    }
}

extension Span<UInt8> {
    func word(_ offset: Int) -> UInt16 { UInt16(self[offset]) << 8 | UInt16(self[offset + 1]) }
}

extension UInt8 {
    var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
}
