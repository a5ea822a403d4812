public import DNS
public import Linux

/// A response, and how it was come by.
public struct Reply: Sendable {
    public enum Transport: Hashable, Sendable, CustomStringConvertible {
        case udp, tcp

        public var description: String { self == .udp ? "UDP" : "TCP" }
    }

    /// Where a response comes from.
    public enum Source: Hashable, Sendable {
        case server
        /// The resolver's cache; the rest is told of the query that filled it.
        case cache
        /// What every resolver knows of itself (`QueryOptions.answersSpecialNames`): no server was asked.
        case specialName
    }

    /// Its names have the case that was asked for, wherever they point at the question.
    public var message: Message
    /// The message as it came.
    public var octets: [UInt8]
    public var source = Source.server
    /// Who answered.
    public var server: SocketAddress
    public var transport: Transport
    /// From the sending of the query that was answered to its answer.
    public var duration: Duration
    /// How many queries were sent until then, this one included.
    public var attempts: Int
    /// Why the ones before were not enough, in their order.
    public var notes: [Note]

    public var responseCode: ResponseCode { message.header.responseCode }
    /// The octets that the message had on the wire.
    public var size: Int { octets.count }

    /// The records of the question's type in the answer, at its name or at the end of the aliases that begin there.
    public var records: [Record] {
        guard let question = message.questions.first else { return [] }
        var owner = question.name
        for _ in 0...Limits.aliases {
            let here = message.answer.filter { $0.owner == owner && $0.recordClass == question.recordClass }
            let found = here.filter { $0.type == question.type || question.type == .any }
            if !found.isEmpty { return found }
            guard let target = here.first(where: { $0.type == .cname })?.data.target else { return [] }
            owner = target
        }
        return []
    }
}

/// How a response was come by, or why there is none.
public struct Provenance: Sendable {
    /// Who answered, or was asked last.
    public let server: SocketAddress
    public let transport: Reply.Transport
    /// From the sending of the last query to its end.
    public let duration: Duration
    /// How many queries were sent: 0 where nobody was asked, as the name is special. One that a bulk lookup sends again because it seems to be lost is not counted.
    public let attempts: Int
    /// Why the ones before were not enough, and the last one where there is no reply.
    public let notes: [Note]
}

extension Reply {
    init(message: Message, octets: [UInt8], _ provenance: Provenance) {
        self.init(
            message: message, octets: octets, server: provenance.server, transport: provenance.transport,
            duration: provenance.duration, attempts: provenance.attempts, notes: provenance.notes)
    }

    var provenance: Provenance {
        Provenance(server: server, transport: transport, duration: duration, attempts: attempts, notes: notes)
    }
}

extension RecordData {
    /// The name that the data is, for types like CNAME and PTR whose data is one.
    var target: Name? { try? Name(wire: octets.span) }
}

/// What became of one query that was not the last one.
public struct Note: Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// No reply came within the time.
        case timedOut(Duration)
        /// SERVFAIL, REFUSED or NOTIMP: another server may do better.
        case responseCode(ResponseCode)
        /// The answer did not fit a datagram: asked again over TCP.
        case truncated
        /// FORMERR or NOTIMP to a query with EDNS: asked again without.
        case ednsRefused(ResponseCode)
        /// The server sent the name in another case than it was asked: asked again over TCP.
        case caseNotEchoed
        /// BADVERS to a version of EDNS: asked again with version 0.
        case versionRefused(UInt8)
        /// BADCOOKIE: asked again with the cookie that came with it, or over TCP.
        case badCookie
        /// A reply without the cookie that the server sent before: asked again over TCP.
        case cookieMissing
        /// The reply could not be read.
        case malformed(WireError)
        /// A reply over TCP to another query, or one that says that it is truncated.
        case unexpected
        /// More replies to other queries than anybody would send by accident.
        case tooManyMismatches
        /// The connection ended before the reply did.
        case endedEarly
        /// Every id is in use.
        case busy
        /// The system could not send or receive.
        case failed(SystemError)
    }

    public var server: SocketAddress
    public var transport: Reply.Transport
    public var reason: Reason

    public init(server: SocketAddress, transport: Reply.Transport, reason: Reason) {
        self.server = server
        self.transport = transport
        self.reason = reason
    }
}

extension Note: CustomStringConvertible {
    /// `192.0.2.1:53 over UDP: no reply within 2 s`.
    public var description: String { "\(server) over \(transport): \(reason)" }
}

extension Note.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .timedOut(let duration): "no reply within \(duration.seconds)"
        case .responseCode(let code): "\(code)"
        case .truncated: "the answer is truncated; asked again over TCP"
        case .ednsRefused(let code): "\(code) to a query with EDNS; asked again without"
        case .caseNotEchoed: "the case of the name was not kept; asked again over TCP"
        case .versionRefused(let version): "EDNS version \(version) is not known there; asked again with version 0"
        case .badCookie: "BADCOOKIE; asked again"
        case .cookieMissing: "the cookie is missing; asked again over TCP"
        case .malformed(let error): "the reply cannot be read: \(error.words)"
        case .unexpected: "not the reply to the query"
        case .tooManyMismatches: "over \(Limits.mismatches) replies to other queries"
        case .endedEarly: "the connection ended before the reply did"
        case .busy: "too many queries are under way"
        case .failed(let error): error.message
        }
    }
}

extension WireError {
    var words: String {
        switch self {
        case .truncated: "it ends too early"
        case .badLabelType, .badPointer, .nameTooLong: "a name is malformed"
        case .badRecordData: "the data of a record is malformed"
        case .badOption: "its EDNS part is malformed"
        case .trailingOctets: "octets follow its end"
        case .noRoom: "it is too long"
        }
    }
}

extension Duration {
    /// `2 s`, `0.25 s`: as many digits as it has, down to milliseconds.
    var seconds: String {
        let milliseconds = nanoseconds / 1_000_000
        if milliseconds % 1_000 == 0 { return "\(milliseconds / 1_000) s" }
        var digits = String(1_000 + milliseconds % 1_000).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return "\(milliseconds / 1_000).\(digits) s"
    }

    /// Never negative, and at most some 30 years.
    var nanoseconds: Int {
        let (seconds, attoseconds) = components
        return Int(max(0, min(seconds, 1_000_000_000))) * 1_000_000_000 + Int(max(0, attoseconds) / 1_000_000_000)
    }
}
