/// The extension mechanism's part of a message (RFC 6891): what the OPT record says.
public struct EDNS: Hashable, Sendable {
    /// The UDP payload that the sender can take, in octets.
    public var udpPayloadSize: UInt16
    public var version: UInt8 = 0
    /// DO: the sender wants DNSSEC records (RFC 3225).
    public var dnssecOK = false
    /// The 15 flags beside DO, as they stand.
    public var otherFlags: UInt16 = 0
    public var options: [Option] = []

    /// The least UDP payload that everybody must take (RFC 1035 §2.3.4).
    public static let leastPayloadSize: UInt16 = 512
    /// What does not get fragmented on any common path (DNS Flag Day 2020, RFC 9715).
    public static let safePayloadSize: UInt16 = 1232

    public init(udpPayloadSize: UInt16 = EDNS.safePayloadSize, dnssecOK: Bool = false) {
        self.udpPayloadSize = udpPayloadSize
        self.dnssecOK = dnssecOK
    }

    /// One option: a code and any octets.
    public struct Option: Hashable, Sendable {
        public var code: Code
        public var data: [UInt8]

        public init(_ code: Code, _ data: [UInt8] = []) {
            self.code = code
            self.data = data
        }

        public struct Code: RawRepresentable, Hashable, Sendable {
            public let rawValue: UInt16
            public init(rawValue: UInt16) { self.rawValue = rawValue }

            public static let nameServerIdentifier = Code(rawValue: 3)
            public static let clientSubnet = Code(rawValue: 8)
            public static let expire = Code(rawValue: 9)
            public static let cookie = Code(rawValue: 10)
            public static let tcpKeepalive = Code(rawValue: 11)
            public static let padding = Code(rawValue: 12)
            public static let extendedError = Code(rawValue: 15)
            public static let zoneVersion = Code(rawValue: 19)
        }
    }

    /// The extended errors among the options; malformed ones are left out.
    public var extendedErrors: [ExtendedError] {
        options.compactMap { option in
            guard option.code == .extendedError, option.data.count >= 2 else { return nil }
            let code = UInt16(option.data[0]) << 8 | UInt16(option.data[1])
            // RFC 8914 §2: the text may end in a null octet, which is not part of it.
            let text = option.data[2...].last == 0 ? option.data[2...].dropLast() : option.data[2...]
            return ExtendedError(.init(rawValue: code), text: String(decoding: text, as: UTF8.self))
        }
    }

    public mutating func append(_ error: ExtendedError) {
        let code = error.code.rawValue
        options.append(Option(.extendedError, [UInt8(code >> 8), UInt8(code & 0xFF)] + Array(error.text.utf8)))
    }
}

extension EDNS {
    /// DO's place in the lower 16 bits of the OPT record's TTL.
    static let dnssecOKFlag: UInt16 = 0x8000

    /// Reads the options, which are `count` octets.
    static func options(from reader: inout WireReader, count: Int) throws(WireError) -> [Option] {
        var options: [Option] = []
        try reader.within(count) { (reader: inout WireReader) throws(WireError) in
            while !reader.isAtEnd {
                guard reader.remaining >= 4, options.count < Limits.options else { throw .badOption }
                let code = Option.Code(rawValue: try reader.u16())
                let length = Int(try reader.u16())
                guard length <= reader.remaining else { throw .badOption }
                var data: [UInt8] = []
                try reader.octets(length, into: &data)
                options.append(Option(code, data))
            }
        }
        return options
    }
}
