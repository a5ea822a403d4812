/// What a packet asks, as far as it could be understood. The name asked for is in a `LookupName` beside it.
struct Query {
    /// Set where there is no answer but this code.
    var fault: ResponseCode?
    var flags: UInt16
    /// Where the question ends; the header's end where it has none that can be echoed.
    var questionEnd = Header.count
    var type = RecordType(rawValue: 0)
    var recordClass = RecordClass.internet
    var edns: Extension?
    /// Where a TSIG record begins.
    var signature: Int?

    /// What the OPT record says.
    struct Extension {
        var payloadSize: Int
        var version: UInt8
        var dnssecOK: Bool
    }

    var opcode: Opcode { Opcode(rawValue: UInt8(truncatingIfNeeded: flags >> 11)) }
    var hasQuestion: Bool { questionEnd > Header.count }

    /// Reads a query of at least 12 octets that is no response.
    init(_ octets: Octets, name: inout LookupName, seed: UInt64) {
        flags = octets.u16(2)
        if opcode != .query {
            fault = .notImplemented
            return
        }
        // RFC 9619: one question.
        guard octets.u16(4) == 1, readQuestion(octets, name: &name, seed: seed) else {
            fault = .formatError
            return
        }
        let records = (Int(octets.u16(6)) + Int(octets.u16(8)), Int(octets.u16(10)))
        if records == (0, 0) {
            if questionEnd != octets.count { fault = .formatError }
        } else {
            readRecords(octets, ignored: records.0, additional: records.1)
        }
    }

    private mutating func readQuestion(_ octets: Octets, name: inout LookupName, seed: UInt64) -> Bool {
        // A pointer in the question could only point at the question itself.
        guard name.load(octets, at: Header.count, seed: seed) == nil else { return false }
        let end = Header.count &+ name.count
        guard end &+ 4 <= octets.count else { return false }
        type = RecordType(rawValue: octets.u16(end))
        recordClass = RecordClass(rawValue: octets.u16(end &+ 2))
        questionEnd = end &+ 4
        return true
    }

    /// Skips the records that a query does not need, and reads OPT and TSIG.
    private mutating func readRecords(_ octets: Octets, ignored: Int, additional: Int) {
        var offset = questionEnd
        for index in 0..<(ignored + additional) {
            let start = offset
            guard let nameEnd = Query.skipName(octets, start), nameEnd + 10 <= octets.count else {
                fault = .formatError
                return
            }
            offset = nameEnd + 10 + Int(octets.u16(nameEnd + 8))
            if offset > octets.count {
                fault = .formatError
                return
            }
            let type = RecordType(rawValue: octets.u16(nameEnd))
            if type == .opt { readOptions(octets, start, nameEnd, isAdditional: index >= ignored) }
            if type == .tsig {
                // RFC 8945 §5.1: only as the last record.
                if index == ignored + additional - 1 && additional > 0 { signature = start } else { fault = .formatError }
            }
        }
        if offset != octets.count { fault = .formatError }
    }

    private mutating func readOptions(_ octets: Octets, _ start: Int, _ nameEnd: Int, isAdditional: Bool) {
        guard isAdditional, edns == nil, octets.u8(start) == 0 else {
            fault = .formatError
            return
        }
        let read = Extension(
            payloadSize: Int(octets.u16(nameEnd + 2)), version: octets.u8(nameEnd + 5),
            dnssecOK: octets.u16(nameEnd + 6) & EDNS.dnssecOKFlag != 0)
        edns = read
        // RFC 6891 §6.1.3: of a later version only the version is understood.
        if read.version != 0 {
            fault = fault ?? .badVersion
            return
        }
        var offset = nameEnd + 10
        let end = offset + Int(octets.u16(nameEnd + 8))
        while offset < end {
            guard offset + 4 <= end, offset + 4 + Int(octets.u16(offset + 2)) <= end else {
                fault = .formatError
                return
            }
            offset += 4 + Int(octets.u16(offset + 2))
        }
    }

    /// The end of a name whose labels need not be known: nil where it is malformed.
    static func skipName(_ octets: Octets, _ start: Int) -> Int? {
        var offset = start
        while offset < octets.count, offset - start < Name.maximumCount {
            let length = Int(octets.u8(offset))
            if length == 0 { return offset + 1 }
            if length >= 0xC0 { return offset + 2 <= octets.count ? offset + 2 : nil }
            if length > Name.maximumLabelCount { return nil }
            offset += length + 1
        }
        return nil
    }
}
