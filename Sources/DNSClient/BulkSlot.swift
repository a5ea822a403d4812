import Linux

/// One question of many that is under way.
struct BulkSlot {
    var exchange: Exchange
    let number: Int
    /// Whether a query was sent over UDP and waits for its reply.
    var isDatagram = false
    var id: UInt16 = 0
    /// The port that the query was sent from.
    var port = 0
    /// How often the query was sent again within its try, since those sent with it were answered long ago.
    var repetitions = 0
    /// The moment of the last repetition.
    var repeated = 0
}

/// A UDP socket that is connected to one server, with a source port of its own.
struct BulkPort {
    var socket: Socket
    let server: Int
    /// Queries under way.
    var count = 0
    /// Replies to no query of ours, not long ago.
    var mismatches = 0
    /// Whether queries leave together.
    var merging = ReplyMerging(isOn: true)
}
