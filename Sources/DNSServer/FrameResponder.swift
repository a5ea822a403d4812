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
    }

    private var responder: Responder
    private var output: [UInt8]
    private var filled = 0

    private static let lengthSize = 2
    private static let largestMessage = 65_535
    /// The header of a message: what is shorter is no query.
    private static let smallestQuery = 12
    private static let outputSize = 256 << 10

    init(_ limits: ServerLimits) {
        responder = Responder(udpPayloadSize: limits.udpPayloadSize)
        output = Array(repeating: 0, count: Self.outputSize)
    }

    /// Answers complete frames in order, until the octets end or the client takes no more. What it
    /// does not take at once becomes the connection's `unsent`.
    ///
    /// An answer of many messages would be continued here, each time that `unsent` has left, before
    /// the next frame is looked at.
    mutating func answer(
        _ octets: borrowing [UInt8], _ count: Int, of connection: Connection, from database: Database
    ) throws(SystemError) -> Outcome {
        let octets = octets.span.extracting(0..<count)
        var outcome = Outcome()
        while connection.unsent.isEmpty, let frame = Self.frame(in: octets, at: outcome.consumed) {
            outcome.consumed = frame.upperBound
            if frame.count < Self.smallestQuery { continue }
            outcome.queries += 1
            if respond(to: octets.extracting(frame), from: database) { outcome.replies += 1 }
            if output.count - filled < Self.lengthSize + Self.largestMessage { try flush(to: connection) }
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

    private mutating func respond(to query: Span<UInt8>, from database: Database) -> Bool {
        let start = filled + Self.lengthSize
        let count = Self.respond(to: query, from: database, with: &responder, into: &output, at: start)
        guard count > 0 else { return false }
        output[filled] = UInt8(truncatingIfNeeded: count >> 8)
        output[filled + 1] = UInt8(truncatingIfNeeded: count)
        filled = start + count
        return true
    }

    // The responder and the output change at once: two properties, so that neither excludes the other.
    private static func respond(
        to query: Span<UInt8>, from database: Database, with responder: inout Responder, into output: inout [UInt8],
        at start: Int
    ) -> Int {
        var all = output.mutableSpan
        var response = all._mutatingExtracting(start..<start + largestMessage)
        return responder.respond(to: query, over: .tcp, from: database, into: &response)
    }

    private mutating func flush(to connection: Connection) throws(SystemError) {
        let count = filled
        filled = 0
        var sent = 0
        while sent < count, let more = try connection.socket.send(output.span.extracting(sent..<count)) {
            sent += more
        }
        if sent < count { connection.unsent = Array(output[sent..<count]) }
    }
}
