import DNS

/// A message octet by octet, with what each means: offset, octets, meaning.
struct WireView {
    private let octets: [UInt8]
    private var lines: [String] = []

    private static let octetsInLine = 8

    static func text(of octets: [UInt8]) -> String {
        var view = WireView(octets: octets)
        var reader = WireReader(octets.span)
        do throws(WireError) {
            try view.read(&reader)
        } catch {
            view.add(reader.offset..<octets.count, "cannot be read")
        }
        return view.lines.map { Style.escaped($0) + "\n" }.joined()
    }

    private init(octets: [UInt8]) { self.octets = octets }

    private mutating func add(_ range: Range<Int>, _ meaning: String) {
        var meaning = meaning
        for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.octetsInLine) {
            let row = octets[start..<min(start + Self.octetsInLine, range.upperBound)]
            let hex = Hexadecimal.text(row, separator: " ")
            let offset = String(String(0x10000 + start, radix: 16).dropFirst())
            let padding = String(repeating: " ", count: 3 * Self.octetsInLine - hex.utf8.count)
            lines.append("\(offset)  \(hex)" + (meaning.isEmpty ? "" : "\(padding) \(meaning)"))
            meaning = ""
        }
    }

    private mutating func u16(_ reader: inout WireReader, _ meaning: (UInt16) -> String) throws(WireError) {
        let start = reader.offset
        let value = try reader.u16()
        add(start..<reader.offset, meaning(value))
    }

    private mutating func read(_ reader: inout WireReader) throws(WireError) {
        try u16(&reader) { "id \($0)" }
        let header = try Message(decoding: (Array(octets.prefix(4)) + [UInt8](repeating: 0, count: 8)).span).header
        try u16(&reader) { _ in Self.text(of: header) }
        var counts: [Int] = []
        for name in ["questions", "answer records", "authority records", "additional records"] {
            try u16(&reader) { count in
                counts.append(Int(count))
                return "\(name): \(count)"
            }
        }
        for _ in 0..<counts[0] {
            lines.append("question:")
            _ = try name(&reader, "name")
            try u16(&reader) { "type \(RecordType(rawValue: $0))" }
            try u16(&reader) { "class \(RecordClass(rawValue: $0))" }
        }
        for (section, count) in zip(["answer", "authority", "additional"], counts.dropFirst()) {
            for _ in 0..<count {
                lines.append("\(section):")
                try record(&reader)
            }
        }
        if !reader.isAtEnd { add(reader.offset..<octets.count, "behind the end of the message") }
    }

    private static func text(of header: Header) -> String {
        let flags = [
            (header.isResponse, "QR"), (header.isAuthoritative, "AA"), (header.isTruncated, "TC"),
            (header.recursionDesired, "RD"), (header.recursionAvailable, "RA"), (header.authenticData, "AD"),
            (header.checkingDisabled, "CD"),
        ]
        let set = flags.filter(\.0).map(\.1).joined(separator: " ")
        return "flags \(set.isEmpty ? "none" : set); opcode \(header.opcode); code \(header.responseCode)"
    }

    private mutating func name(_ reader: inout WireReader, _ what: String) throws(WireError) -> Name {
        let start = reader.offset
        let name = try reader.name()
        let last = octets[start..<reader.offset].suffix(2)
        var source = ""
        // A name ends in its root or in a pointer, whose two highest bits are set.
        if let first = last.first, last.count == 2, first & 0xC0 == 0xC0, last.last != 0 || name.count > 1 {
            source =
                ", its end at \(String(0x10000 + Int(first & 0x3F) << 8 + Int(last.last ?? 0), radix: 16).dropFirst())"
        }
        add(start..<reader.offset, "\(what) \(name)\(source)")
        return name
    }

    private mutating func record(_ reader: inout WireReader) throws(WireError) {
        _ = try name(&reader, "owner")
        var type = RecordType.any
        try u16(&reader) { value in
            type = RecordType(rawValue: value)
            return "type \(type)"
        }
        try u16(&reader) { type == .opt ? "UDP payload \($0) octets" : "class \(RecordClass(rawValue: $0))" }
        let start = reader.offset
        let ttl = try reader.u32()
        add(
            start..<reader.offset,
            type == .opt
                ? "upper code \(ttl >> 24), version \(ttl >> 16 & 0xFF)\(ttl & 0x8000 == 0 ? "" : ", DO")"
                : "TTL \(ttl) s")
        var count = 0
        try u16(&reader) { value in
            count = Int(value)
            return "\(count) octets of data"
        }
        if type == .opt { return try options(&reader, count) }
        try data(&reader, type, count)
    }

    private mutating func data(_ reader: inout WireReader, _ type: RecordType, _ count: Int) throws(WireError) {
        let start = reader.offset
        var copy: [UInt8] = []
        try RecordRegistry.format(of: type).decode(&reader, count: count, into: &copy)
        let fields = try RecordData(type: type, octets: copy).fields
        add(start..<reader.offset, fields.map { "\($0.name) \($0.text)" }.joined(separator: ", "))
    }

    private mutating func options(_ reader: inout WireReader, _ count: Int) throws(WireError) {
        let end = reader.offset + count
        while reader.offset < end {
            var code = EDNS.Option.Code.padding
            try u16(&reader) { value in
                code = .init(rawValue: value)
                return "option \(value)"
            }
            var size = 0
            try u16(&reader) { value in
                size = Int(value)
                return "\(size) octets of it"
            }
            let start = reader.offset
            var data: [UInt8] = []
            try reader.octets(size, into: &data)
            add(start..<reader.offset, OptionText.text(of: EDNS.Option(code, data)))
        }
    }
}
