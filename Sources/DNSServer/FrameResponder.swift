import DNS
import Linux

/// Answers the frames (a length in two octets, then a message: RFC 1035 §4.2.2) that one reading
/// brought: read many, answer all into one buffer, write once.
struct FrameResponder: ~Copyable {
    /// What became of the frames.
    struct Outcome {
        /// Octets of complete frames that are done with.
        var consumed = 0
        var queries = 0
        var replies = 0
        /// Others get their turn; there may be more to answer.
        var isTurnOver = false
    }

    private var responder: Responder
    private var watch: QueryWatch
    private var output: [UInt8]
    private var filled = 0
    private let queriesInARow: Int

    private static let lengthSize = 2
    private static let largestMessage = 65_535
    /// The header of a message: what is shorter is no query.
    private static let smallestQuery = 12
    private static let outputSize = 128 << 10

    init(_ limits: ServerLimits, _ tap: QueryTap) {
        watch = QueryWatch(tap, over: .tcp)
        responder = Responder(limits.responderOptions)
        output = Array(repeating: 0, count: Self.outputSize)
        queriesInARow = limits.queriesInARow
    }

    /// Makes and accepts cookies with these secrets from now on.
    mutating func use(_ secrets: CookieSecrets?) { responder.use(secrets) }

    /// Answers complete frames in order, until the octets end, the turn is over or the client takes no more. What it
    /// does not take at once becomes the connection's `unsent`. A zone transfer begins here and goes on
    /// in `continueTransfer`; queries behind it are answered meanwhile, another transfer waits.
    mutating func answer(
        _ octets: borrowing [UInt8], _ count: Int, of connection: Connection, from database: Database
    ) throws(SystemError) -> Outcome {
        let octets = octets.span.extracting(0..<count)
        var outcome = Outcome()
        connection.isWaiting = false
        responder.setTime(UInt32(truncatingIfNeeded: Clock.secondsSince1970))
        watch.begin()
        while connection.unsent.isEmpty, !outcome.isTurnOver, let frame = Self.frame(in: octets, at: outcome.consumed) {
            if frame.count < Self.smallestQuery {
                outcome.consumed = frame.upperBound
                continue
            }
            guard let reply = respond(to: octets.extracting(frame), of: connection, from: database) else { break }
            outcome.consumed = frame.upperBound
            outcome.queries += 1
            if reply { outcome.replies += 1 }
            let isFull = output.count - filled < Self.lengthSize + Self.largestMessage
            outcome.isTurnOver = isFull || outcome.queries == queriesInARow
        }
        try flush(to: connection)
        return outcome
    }

    /// Where the message of the frame at `offset` lies; nil where it is not all there.
    private static func frame(in octets: Span<UInt8>, at offset: Int) -> Range<Int>? {
        let start = offset + lengthSize
        guard start <= octets.count else { return nil }
        let end = start + (Int(octets[offset]) << 8 | Int(octets[offset + 1]))
        return end <= octets.count ? start..<end : nil
    }

    /// Whether there was a reply; nil where the query must wait for the transfer at hand to end.
    private mutating func respond(
        to query: Span<UInt8>, of connection: Connection, from database: Database
    ) -> Bool? {
        let reply = Self.respond(
            to: query, from: database, for: connection.asker, with: &responder, into: &output,
            at: filled + Self.lengthSize)
        switch consume reply {
        case .message(let count):
            note(query, of: connection, octets: count)
            guard count > 0 else { return false }
            endMessage(count)
            return true
        case .transfer(let transfer):
            guard connection.begin(transfer) else { return nil }
            // Its messages come later: it counts as if it had octets.
            note(query, of: connection, octets: 1)
            return true
        }
    }

    private mutating func note(_ query: Span<UInt8>, of connection: Connection, octets: Int) {
        if watch.count(responder.summary, octets: octets) {
            watch.handOn(query, from: connection.peer, responder.summary, octets: octets)
        }
    }

    /// Puts the length before the message that was just written.
    private mutating func endMessage(_ count: Int) {
        output[filled] = UInt8(truncatingIfNeeded: count >> 8)
        output[filled + 1] = UInt8(truncatingIfNeeded: count)
        filled += Self.lengthSize + count
    }

    // The responder and the output change at once: two properties, so that neither excludes the other.
    private static func respond(
        to query: Span<UInt8>, from database: Database, for client: Client, with responder: inout Responder,
        into output: inout [UInt8], at start: Int
    ) -> Responder.StreamReply {
        var all = output.mutableSpan
        var response = all._mutatingExtracting(start..<start + largestMessage)
        return responder.respond(toStreamed: query, from: database, for: client, into: &response)
    }

    /// Sends as much of the connection's transfer as one filling of the output holds, so that others get their turn.
    mutating func continueTransfer(of connection: Connection) throws(SystemError) {
        while connection.transfer != nil, output.count - filled >= Self.lengthSize + Self.largestMessage {
            let count = Self.nextMessage(of: connection, into: &output, at: filled + Self.lengthSize)
            if count == 0 { connection.transfer = nil } else { endMessage(count) }
        }
        try flush(to: connection)
    }

    private static func nextMessage(of connection: Connection, into output: inout [UInt8], at start: Int) -> Int {
        var all = output.mutableSpan
        var response = all._mutatingExtracting(start..<start + largestMessage)
        return connection.transfer?.next(into: &response) ?? 0
    }

    private mutating func flush(to connection: Connection) throws(SystemError) {
        let count = filled
        filled = 0
        var sent = 0
        while sent < count, let more = try connection.socket.send(output.span.extracting(sent..<count)) {
            sent += more
        }
        if sent < count { connection.keep(unsent: output[sent..<count]) }
    }
}
