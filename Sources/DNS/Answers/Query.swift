/// What a packet asks, as far as it could be understood. The name asked for is in a `LookupName` beside it.
struct Query {
    /// Set where there is no answer but this code.
    var fault: ResponseCode?
    var flags: UInt16
    /// Where the question ends; the header's end where it has none that can be echoed.
    var questionEnd: Int { Int(questionLimit) }
    private var questionLimit = UInt16(Header.count)
    var type = RecordType(rawValue: 0)
    var recordClass = RecordClass.internet
    /// The number of the zone that encloses the name, where it was looked for already; below zero: it was not.
    var zone: Int32 = -1
    var edns: Extension?
    var signature: Signature?
    /// The serial of an SOA record in the authority section: what an IXFR client has.
    var serial: SerialNumber?

    /// Where the parts of a TSIG record stand that a reply repeats.
    struct Signature {
        var owner: UInt16
        var algorithm: UInt16
        /// Time and fudge, 8 octets.
        var time: UInt16
        var originalID: UInt16
    }

    /// What the OPT record says.
    struct Extension {
        var payloadSize: UInt16
        var version: UInt8
        var dnssecOK: Bool
        var wanted: WantedOptions = []
        /// Where the data of the COOKIE option stand, behind their count (RFC 7873).
        var cookie: UInt16 = 0
    }

    /// The options that ask for something.
    struct WantedOptions: OptionSet {
        let rawValue: UInt8
        /// RFC 5001.
        static let nameServerIdentifier = WantedOptions(rawValue: 1)
        /// RFC 7314.
        static let expire = WantedOptions(rawValue: 2)
        /// RFC 7828.
        static let keepalive = WantedOptions(rawValue: 4)
        /// RFC 9660.
        static let zoneVersion = WantedOptions(rawValue: 8)
        /// RFC 7873.
        static let cookie = WantedOptions(rawValue: 16)
        /// The query's only fault is that it has no question.
        static let nothing = WantedOptions(rawValue: 32)

        init(rawValue: UInt8) { self.rawValue = rawValue }

        init(_ code: EDNS.Option.Code) {
            switch code {
            case .nameServerIdentifier: self = .nameServerIdentifier
            case .expire: self = .expire
            case .tcpKeepalive: self = .keepalive
            case .zoneVersion: self = .zoneVersion
            case .cookie: self = .cookie
            default: self = []
            }
        }
    }

    var opcode: Opcode { Opcode(rawValue: UInt8(truncatingIfNeeded: flags >> 11)) }
    var hasQuestion: Bool { questionEnd > Header.count }

    /// A response is never answered, or two servers could keep each other busy. What is too long to be a message would
    /// have places that two octets cannot count.
    static func isQuery(_ octets: Octets) -> Bool {
        octets.count >= Header.count && octets.count <= Message.maximumCount
            && octets.u16(2) & Header.Flags.response == 0
    }

    /// Reads a query of at least 12 octets that is no response, up to the first thing that cannot be understood.
    init(_ octets: Octets, name: inout LookupName, seed: UInt64) {
        flags = octets.u16(2)
        let questionCount = octets.u16(4)
        let ignored = Int(octets.u16(6)) + Int(octets.u16(8))
        let additional = Int(octets.u16(10))
        // RFC 9619: one question.
        if questionCount != 1 { fault = .formatError }
        if questionCount > 1 || (questionCount == 1 && !readQuestion(octets, name: &name, seed: seed)) {
            fault = .formatError
        } else if !readRecords(octets, ignored: ignored, additional: additional) {
            fault = .formatError
        } else if questionCount == 0 {
            edns?.wanted.insert(.nothing)
        }
        if opcode != .query {
            fault = .notImplemented
            edns?.wanted.remove(.nothing)
            // RD and CD are bits of QUERY; UPDATE wants zero in their place (RFC 2136 §2.2), and so may any other opcode.
            flags &= ~(Header.Flags.recursionDesired | Header.Flags.checkingDisabled)
        }
    }

    private mutating func readQuestion(_ octets: Octets, name: inout LookupName, seed: UInt64) -> Bool {
        // A pointer in the question could only point at the question itself.
        guard name.load(octets, at: Header.count, seed: seed) == nil else { return false }
        let end = Header.count &+ name.count
        guard end &+ 4 <= octets.count else { return false }
        type = RecordType(rawValue: octets.u16(end))
        recordClass = RecordClass(rawValue: octets.u16(end &+ 2))
        questionLimit = UInt16(truncatingIfNeeded: end &+ 4)
        return true
    }

    /// Reads OPT and TSIG, skips the records that a query does not need. Nothing may follow them.
    private mutating func readRecords(_ octets: Octets, ignored: Int, additional: Int) -> Bool {
        var offset = questionEnd
        for index in 0..<(ignored &+ additional) {
            // OPT is owned by the root.
            let isRoot = offset < octets.count && octets.u8(offset) == 0
            guard let end = isRoot ? offset &+ 1 : Query.nameEnd(octets, offset), end &+ 10 <= octets.count else {
                return false
            }
            let place = RecordPlace(owner: offset, type: end, dataCount: Int(octets.u16(end &+ 8)))
            if place.end > octets.count { return false }
            switch RecordType(rawValue: octets.u16(end)) {
            case .opt:
                guard index >= ignored, readExtension(octets, place) else { return false }
            case .tsig:
                // RFC 8945 §5.1: only as the last record.
                guard index >= ignored, index == ignored &+ additional &- 1, readSignature(octets, place) else {
                    return false
                }
            case .soa where index < ignored && place.dataCount >= 20:
                serial = SerialNumber(octets.u32(place.end &- 20))
            default: break
            }
            offset = place.end
        }
        return offset == octets.count
    }

    /// Where the parts of a record stand.
    private struct RecordPlace {
        var owner: Int
        /// Behind the owner.
        var type: Int
        var dataCount: Int
        var data: Int { type &+ 10 }
        var end: Int { data &+ dataCount }
    }

    private mutating func readExtension(_ octets: Octets, _ place: RecordPlace) -> Bool {
        guard edns == nil, octets.u8(place.owner) == 0 else {
            edns = nil
            return false
        }
        var read = Extension(
            payloadSize: octets.u16(place.type &+ 2), version: octets.u8(place.type &+ 5),
            dnssecOK: octets.u16(place.type &+ 6) & EDNS.dnssecOKFlag != 0)
        if read.version != 0 {
            // RFC 6891 §6.1.3: of a later version only the version is understood.
            fault = fault ?? .badVersion
            edns = read
            return true
        }
        var offset = place.data
        while offset < place.end {
            guard offset &+ 4 <= place.end else { return false }
            let wanted = WantedOptions(EDNS.Option.Code(rawValue: octets.u16(offset)))
            let count = Int(octets.u16(offset &+ 2))
            // RFC 9660 §3.1: a query carries no version.
            if wanted == .zoneVersion, count > 0 { return false }
            // RFC 7873 §5.2: the first one counts.
            if wanted == .cookie, !read.wanted.contains(.cookie) {
                read.cookie = UInt16(truncatingIfNeeded: offset &+ 4)
            }
            read.wanted.formUnion(wanted)
            offset &+= 4 &+ count
        }
        guard offset == place.end else { return false }
        edns = read
        return true
    }

    /// RFC 8945 §4.2: algorithm, time (6 octets), fudge, MAC, original id, error, other data.
    private mutating func readSignature(_ octets: Octets, _ place: RecordPlace) -> Bool {
        guard RecordClass(rawValue: octets.u16(place.type &+ 2)) == .any,
            let time = Query.nameEnd(octets, place.data), time &+ 10 <= place.end
        else { return false }
        let rest = time &+ 10 &+ Int(octets.u16(time &+ 8))
        guard rest &+ 6 <= place.end, rest &+ 6 &+ Int(octets.u16(rest &+ 4)) == place.end else { return false }
        // A message has no more octets than two can count.
        signature = Signature(
            owner: UInt16(truncatingIfNeeded: place.owner), algorithm: UInt16(truncatingIfNeeded: place.data),
            time: UInt16(truncatingIfNeeded: time), originalID: UInt16(truncatingIfNeeded: rest))
        return true
    }

    /// The end of a name that may be compressed; nil where it is malformed.
    static func nameEnd(_ octets: Octets, _ start: Int) -> Int? {
        var end: Int?
        var offset = start
        var lowest = start
        var count = 0
        var jumps = 0
        while offset < octets.count {
            let length = Int(octets.u8(offset))
            if length >= 0xC0 {
                guard offset &+ 2 <= octets.count else { return nil }
                let target = Int(octets.u16(offset)) & 0x3FFF
                // Backwards only, so that it ends, and no more often than a lawful name can need.
                guard target < lowest, jumps < Name.maximumLabels else { return nil }
                jumps &+= 1
                end = end ?? (offset &+ 2)
                lowest = target
                offset = target
            } else {
                count &+= length &+ 1
                if length > Name.maximumLabelCount || count > Name.maximumCount { return nil }
                offset &+= length &+ 1
                if length == 0 { return end ?? offset }
            }
        }
        return nil
    }
}
