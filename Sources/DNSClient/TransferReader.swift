import DNS

/// Judges the messages of a zone transfer (RFC 5936 §2.2). It touches no socket.
struct TransferReader {
    private let question: Question
    private var id: UInt16 = 0
    private var opening: Record?
    /// Of the zone, once it is known.
    private(set) var serial: SerialNumber?
    /// Whether the closing SOA record was there.
    private(set) var isFinished = false

    init(of zone: Name) {
        question = Question(zone, .axfr)
    }

    /// The query, with an id of its own.
    mutating func query() throws(TransferError) -> [UInt8] {
        id = .random(in: 0...(.max))
        do throws(WireError) {
            // Without EDNS, which no server needs here and some do not know.
            return try Message(id: id, question: question).encoded()
        } catch {
            throw .malformed(error)
        }
    }

    /// The records that a message brings, without the closing SOA record.
    mutating func read(_ octets: [UInt8]) throws(TransferError) -> [Record] {
        let message: Message
        do throws(WireError) {
            message = try Message(decoding: octets.span)
        } catch {
            throw .malformed(error)
        }
        let header = message.header
        guard header.id == id, header.isResponse, header.opcode == .query else { throw .unexpected }
        guard header.responseCode == .noError else { throw .responseCode(header.responseCode) }
        // RFC 5936 §2.2.1: later messages may come without the question.
        let isAsked = message.questions == [question] || message.questions.isEmpty && opening != nil
        guard isAsked, !header.isTruncated else { throw .unexpected }
        var records: [Record] = []
        records.reserveCapacity(message.answer.count)
        for record in message.answer {
            if isFinished { throw .recordsBehindEnd }
            try check(record)
            if !isFinished { records.append(record) }
        }
        // An empty message is passed over, but not as the first.
        if opening == nil { throw .noSOA }
        return records
    }

    private mutating func check(_ record: Record) throws(TransferError) {
        let isSOA = record.type == .soa && record.owner == question.name && record.recordClass == .internet
        guard let opening else {
            guard isSOA, let soa = SOA(record.data) else { throw .noSOA }
            opening = record
            serial = soa.serial
            return
        }
        if isSOA {
            guard record.data.canonical == opening.data.canonical else { throw .changed }
            isFinished = true
            return
        }
        guard record.recordClass == .internet, record.owner.isSubdomain(of: question.name), record.type != .soa,
            !record.type.isQueryOnly
        else { throw .foreignRecord(record) }
    }
}

extension RecordType {
    /// OPT, and the types that only queries have (RFC 6895 §3.1).
    fileprivate var isQueryOnly: Bool { self == .opt || 128...255 ~= rawValue }
}
