/// A zone on its way to a secondary (RFC 5936): one message after the other, made from the compiled zone as there is
/// room for them. Nothing is copied beforehand, and the zone stays as it was when the transfer began.
public struct ZoneTransfer: ~Copyable {
    /// Keeps the memory that the messages are made from.
    private let zone: CompiledZone
    private let flags: UInt16
    /// Header and question of the query, which begin each message.
    private let head: [UInt8]
    /// The UDP payload size that OPT of the first message says; nil without OPT.
    private var payloadSize: Int?
    private let dnssecOK: Bool
    private var progress = Progress.opening

    /// What the next message begins with.
    private enum Progress {
        case opening
        /// The entry at an octet of the zone, and the first of its parts that is not yet sent.
        case entry(offset: Int, part: Int)
        case closing
        case done
    }

    init(_ zone: CompiledZone, query: Octets, _ parsed: Query, payloadSize: Int) {
        self.zone = zone
        flags = parsed.flags
        var head: [UInt8] = []
        for offset in 0..<parsed.questionEnd { head.append(query.u8(offset)) }
        self.head = head
        self.payloadSize = parsed.edns == nil ? nil : payloadSize
        dnssecOK = parsed.edns?.dnssecOK ?? false
    }

    /// A message is ended at this size, so that every name in it is within a pointer's reach. Only a set that is larger
    /// gets a larger one.
    static let messageCount = 0x4000

    public var isFinished: Bool {
        if case .done = progress { return true }
        return false
    }

    /// Writes the next message at the start of `response`, which has room for `Message.maximumCount` octets, and returns
    /// its octets; 0 when all have been written.
    public mutating func next(into response: inout MutableSpan<UInt8>) -> Int {
        guard !isFinished, response.count >= Message.maximumCount else { return 0 }
        let region = zone.region
        let view = ZoneView(region.octets, zone.layout)
        var writer = ResponseWriter(
            &response, echoing: Octets(head.span), questionEnd: head.count, withSignatures: true)
        let reserve = payloadSize == nil ? 0 : ResponseWriter.extensionCount
        writer.setLimit(ZoneTransfer.messageCount, reserve: reserve)
        progress = ZoneTransfer.fill(&writer, from: progress, view)
        if writer.isEmpty {
            // A single set that is larger than a message usually is.
            writer.setLimit(Message.maximumCount, reserve: reserve)
            progress = ZoneTransfer.fill(&writer, from: progress, view)
            if writer.isEmpty { progress = .done }
        }
        if let payloadSize {
            writer.appendExtension(payloadSize: payloadSize, code: .noError, dnssecOK: dnssecOK)
            self.payloadSize = nil
        }
        return writer.finish(flags: flags, code: .noError, isAuthoritative: true)
    }

    /// Adds sets until no more fit, and says what comes next.
    private static func fill(_ writer: inout ResponseWriter, from start: Progress, _ view: ZoneView) -> Progress {
        var progress = start
        while true {
            switch progress {
            case .opening:
                guard appendSOA(view, &writer) else { return progress }
                progress = .entry(offset: view.layout.heap, part: 0)
            case .entry(let offset, let part):
                guard offset < view.offset(view.layout.negative) else {
                    progress = .closing
                    continue
                }
                let entry = view.entry(atOffset: offset)
                let next = append(entry, from: part, view, &writer)
                if next < entry.setCount &* 2 { return .entry(offset: offset, part: next) }
                progress = .entry(offset: view.end(of: entry), part: 0)
            case .closing:
                return appendSOA(view, &writer) ? .done : progress
            case .done:
                return .done
            }
        }
    }

    @_lifetime(writer: copy writer)
    private static func appendSOA(_ view: ZoneView, _ writer: inout ResponseWriter) -> Bool {
        guard let block = view.block(.soa, of: view.apex) else { return true }
        var owner: Int?
        return writer.append(block, ownedBy: view.apex, at: &owner, of: view, .records)
    }

    /// Adds the parts of an entry from `part` on, two a set: its records and their signatures. Returns the first that
    /// did not fit.
    @_lifetime(writer: copy writer)
    private static func append(
        _ entry: ZoneView.Entry, from part: Int, _ view: ZoneView, _ writer: inout ResponseWriter
    ) -> Int {
        var owner: Int?
        for index in part..<max(part, entry.setCount &* 2) {
            let (type, block) = view.set(index / 2, of: entry)
            let isCut = type == .ns && entry.marks.contains(.zoneCut)
            let isSignatures = index % 2 == 1
            // The apex's SOA record begins the transfer, and what signs addresses at a cut stands with these.
            if isSignatures ? isCut : type == .soa && entry.nameCount == 0 { continue }
            let piece: ResponseWriter.TransferPart = isSignatures ? .signatures : isCut ? .servers : .records
            if !writer.append(block, ownedBy: entry, at: &owner, of: view, piece) { return index }
        }
        return entry.setCount &* 2
    }
}
