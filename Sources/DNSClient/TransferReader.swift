public import DNS

/// What a message of a transfer brought.
public enum TransferContent: Sendable {
    /// Records of the zone as it is now, in the order that the server sent them; the SOA record is the first, and not
    /// repeated at the end. It may come so even where differences were asked for.
    case records([Record])
    /// The steps from one version to the next, in their order.
    case differences([ZoneDifference])
    /// The server has no version behind the one that was named.
    case upToDate
}

/// Judges the messages of a zone transfer (RFC 5936 §2.2, RFC 1995 §4). It touches no socket.
///
///     whole          SOA new, all other records, SOA new
///     differences    SOA new, (SOA from, removed records, SOA to, added records) …, SOA new
///     up to date     SOA
struct TransferReader {
    private enum Stage {
        /// Before the first record.
        case opening
        /// Behind the first record of the answer to IXFR: the next one tells what it will be.
        case undecided
        case whole, removing, adding, finished
    }

    private let question: Question
    private let since: SerialNumber?
    private var id: UInt16 = 0
    private var stage = Stage.opening
    private var opening: Record?
    /// Of the zone, once it is known.
    private(set) var serial: SerialNumber?
    /// What the current message has brought.
    private var records: [Record] = []
    private var steps: [ZoneDifference] = []
    /// Of the step under way, with the SOA records that they begin with.
    private var removed: [Record] = []
    private var added: [Record] = []

    init(of zone: Name, since: SerialNumber? = nil) {
        question = Question(zone, since == nil ? .axfr : .ixfr)
        self.since = since
    }

    /// Whether the closing SOA record was there.
    var isFinished: Bool { stage == .finished }

    /// The query, with an id of its own. Without EDNS, which no server needs here and some do not know.
    mutating func query() throws(WireError) -> [UInt8] {
        id = .random(in: 0...(.max))
        var message = Message(id: id, question: question)
        // RFC 1995 §3: of this record the serial counts.
        if let since {
            let serial = (0..<4).map { UInt8(truncatingIfNeeded: since.value >> (24 - 8 * $0)) }
            let data = try RecordData(type: .soa, octets: [0, 0] + serial + [UInt8](repeating: 0, count: 16))
            message.authority = [Record(owner: question.name, ttl: 0, data: data)]
        }
        return try message.encoded()
    }

    /// What a message brings; nil where that is nothing by itself.
    mutating func read(_ octets: [UInt8]) throws(TransferError) -> TransferContent? {
        let message = try asTransfer { () throws(WireError) in try Message(decoding: octets.span) }
        let header = message.header
        guard header.id == id, header.isResponse, header.opcode == .query else { throw .unexpected }
        guard header.responseCode == .noError else { throw .responseCode(header.responseCode) }
        // RFC 5936 §2.2.1: later messages may come without the question.
        let isAsked = message.questions == [question] || message.questions.isEmpty && opening != nil
        guard isAsked, !header.isTruncated else { throw .unexpected }
        records = []
        steps = []
        for record in message.answer { try take(record) }
        // An empty message is passed over, but not as the first.
        guard opening != nil, let serial else { throw .noSOA }
        if stage == .undecided, let since, !serial.isAfter(since) {
            stage = .finished
            return .upToDate
        }
        return !records.isEmpty ? .records(records) : !steps.isEmpty ? .differences(steps) : nil
    }

    private mutating func take(_ record: Record) throws(TransferError) {
        let soa = record.owner == question.name && record.recordClass == .internet ? SOA(record.data) : nil
        if soa == nil, stage != .opening { try check(record) }
        switch stage {
        case .finished: throw .recordsBehindEnd
        case .opening:
            guard let soa else { throw .noSOA }
            (opening, serial) = (record, soa.serial)
            stage = since == nil ? .whole : .undecided
            if stage == .whole { records.append(record) }
        case .undecided:
            if let soa, !isOpening(record) { return try beginStep(record, soa.serial, behind: since) }
            stage = .whole
            records += [opening].compactMap { $0 }
            try take(record)
        case .whole where soa == nil: records.append(record)
        case .whole: try finish(record)
        case .removing where soa == nil: try Self.add(record, to: &removed)
        case .removing:
            added = [record]
            stage = .adding
        case .adding where soa == nil: try Self.add(record, to: &added)
        case .adding:
            guard let from = removed.serial, let to = added.serial, let soa else { throw .unexpected }
            steps.append(ZoneDifference(from: from, to: to, removing: removed, adding: added))
            if to == serial { try finish(record) } else { try beginStep(record, soa.serial, behind: to) }
        }
    }

    private mutating func beginStep(
        _ record: Record, _ serial: SerialNumber, behind last: SerialNumber?
    ) throws(TransferError) {
        guard serial == last else { throw .otherVersion(serial) }
        removed = [record]
        stage = .removing
    }

    private mutating func finish(_ closing: Record) throws(TransferError) {
        guard isOpening(closing) else { throw .changed }
        stage = .finished
    }

    private func isOpening(_ record: Record) -> Bool { record.data.canonical == opening?.data.canonical }

    private static func add(_ record: Record, to records: inout [Record]) throws(TransferError) {
        guard records.count < Limits.stepRecords else { throw .tooLarge }
        records.append(record)
    }

    private func check(_ record: Record) throws(TransferError) {
        guard record.recordClass == .internet, record.owner.isSubdomain(of: question.name), record.type != .soa,
            !record.type.isQueryOnly
        else { throw .foreignRecord(record) }
    }
}

extension [Record] {
    /// Of the SOA record that a list begins with.
    fileprivate var serial: SerialNumber? { first.flatMap { SOA($0.data) }?.serial }
}

extension RecordType {
    /// OPT, and the types that only queries have (RFC 6895 §3.1).
    fileprivate var isQueryOnly: Bool { self == .opt || 128...255 ~= rawValue }
}
