@testable import DNS

// What is read from the wire or from text, and written back.

extension Message {
    /// Encoded and decoded.
    func reread() throws -> Message {
        let octets = try encoded()
        return try Message(decoding: octets.span)
    }

    /// Names that were compressed may come in another case (RFC 4343 §4.1).
    var canonical: Message {
        var message = self
        func canonical(_ records: [Record]) -> [Record] {
            records.map { record in
                var record = record
                record.data = RecordData(validated: record.data.canonical, type: record.type)
                return record
            }
        }
        message.answer = canonical(answer)
        message.authority = canonical(authority)
        message.additional = canonical(additional)
        return message
    }
}

extension FuzzTarget {
    /// A message that decodes is encoded to one that says the same.
    static let message = FuzzTarget(name: "message") { octets in
        guard let message = try? Message(decoding: octets.span) else { return }
        try checkJSON(octets, message)
        for record in message.answer + message.authority + message.additional { _ = record.description }
        let code = message.header.responseCode
        try Finding.unless(ResponseCode("\(code)".lowercased()) == code, "\(code)")
        try Finding.unless(!message.header.opcode.description.isEmpty, "opcode")
        for error in message.edns?.extendedErrors ?? [] where error.text.utf8.last != 0 {
            var edns = EDNS()
            edns.append(error)
            try Finding.unless(edns.extendedErrors == [error] && !error.code.description.isEmpty, "\(error)")
        }
        // Compression may not be as good as the sender's.
        guard let encoded = try? message.encoded() else { return }
        let again = try message.reread()
        try Finding.unless(again.canonical == message.canonical, "another message after encoding: \(encoded)")
        try Finding.unless(try again.encoded() == encoded, "encoded in another way each time: \(encoded)")
    }

    /// What is printed as JSON straight from the octets is JSON, and says what the message says.
    private static func checkJSON(_ octets: [UInt8], _ message: Message) throws {
        guard message.questions.count <= 1 else { return }
        let question = message.questions.first ?? Question(.root, .a)
        // A client has compared the question with its own.
        let isPlain = octets[Header.count...].starts(with: question.name.wire)
        guard message.questions.isEmpty || isPlain else { return }
        var printer = MessageJSON()
        var text = Array("{".utf8)
        try Finding.unless(
            try printer.print(octets.span, to: question, into: &text) == message.header.responseCode, "RCODE")
        text[text.count - 1] = 0x7D
        guard let value = JSON(parsing: text) else { throw Finding(description: String(decoding: text, as: UTF8.self)) }
        let sections = [
            ("answerRRs", message.answer), ("authorityRRs", message.authority), ("additionalRRs", message.additional),
        ]
        for (name, records) in sections {
            // The OPT record may stand between others.
            let printed = (value[name]?.array ?? []).filter { name != "additionalRRs" || $0["TYPE"] != .number(41) }
            try Finding.unless(printed.count == records.count, name)
            for (printed, record) in zip(printed, records) {
                let data = printed["rdata\(record.type)"]?.string
                try Finding.unless(
                    data == record.data.description && printed["TTL"] == .number(Int(record.ttl.seconds)),
                    "\(printed.text), not \(record)")
            }
        }
        // What cannot be read leaves nothing.
        var rest: [UInt8] = []
        for count in stride(from: 0, to: octets.count, by: 1 + octets.count / 16) {
            _ = try? printer.print(octets.span.extracting(0..<count), to: question, into: &rest)
            try Finding.unless(rest.isEmpty, "half of a message was printed")
        }
    }

    /// A type, and octets of data: what is lawful survives the way through text, in both its forms, and through a
    /// message with compressed names.
    static let records = FuzzTarget(name: "records") { octets in
        var choices = Choices(octets)
        let type = RecordType(rawValue: choices.word())
        let octets = Array(choices.rest)
        guard let data = try? RecordData(type: type, octets: octets) else { return }
        try Finding.unless(data.octets == octets && data.canonical.count == octets.count, "octets differ")
        let canonical = try RecordData(type: type, octets: data.canonical)
        try Finding.unless(canonical.canonical == data.canonical, "the canonical form has another one")
        _ = data.fields
        try Finding.unless(try RecordData(type, data.genericDescription) == data, data.genericDescription)
        // Zeros at the end of its bits are lawful (RFC 1035 §3.4.2), but text cannot say them.
        if type != .wks { try Finding.unless(try RecordData(type, data.description) == data, data.description) }
        // OPT is no record of a section.
        guard octets.count <= 20_000, type != .opt else { return }
        var message = Message(id: 0, question: Question(.root, type))
        message.answer = Array(repeating: Record(owner: .root, ttl: 0, data: data), count: 2)
        let again = try message.reread()
        try Finding.unless(again.canonical == message.canonical, "the message differs")
    }

    /// A line of text, its first word a type: what is lawful survives the way through the wire.
    static let texts = FuzzTarget(name: "texts") { octets in
        let line = String(decoding: octets, as: UTF8.self)
        if let record = try? Record(line) {
            let again = try Record(record.description)
            try Finding.unless(again == record || record.type == .wks, "\(record)")
        }
        let word = line.prefix { $0 != " " }
        guard let type = RecordType(String(word)), word.count < line.count else { return }
        guard let data = try? RecordData(type, String(line.dropFirst(word.count + 1))) else { return }
        try Finding.unless(try RecordData(type: type, octets: data.octets) == data, data.description)
        try Finding.unless(try RecordData(type, data.description) == data, data.description)
    }

    /// Text, and the same octets as wire format: the three readers of names agree, and a name survives printing.
    static let names = FuzzTarget(name: "names") { octets in
        do {
            try check(Name(text: octets.span))
        } catch let error as NameError {
            _ = error.description
        }
        var lookup = LookupName()
        let view = Octets(octets.span)
        let fault = lookup.load(view, at: 0, seed: 1)
        var reader = WireReader(octets.span, allowsPointers: false)
        let name = try? reader.name()
        try Finding.unless((fault == nil) == (name != nil), "read by one of two readers")
        if let name {
            try check(name)
            try Finding.unless(Query.nameEnd(view, 0) == name.count && lookup.count == name.count, "ends differ")
            try Finding.unless(lookup.labelCount == name.labelCount, "labels differ")
            for count in 0...name.labelCount {
                let suffix = name.suffix(labels: count)
                try Finding.unless(lookup.count(ofSuffix: count) == suffix.count, "suffixes differ")
                try Finding.unless(name.isSubdomain(of: suffix), "not below its suffix")
            }
        }
        // A message whose header is octets of names, too: pointers lead anywhere before them.
        var before = Name.root
        for start in stride(from: 0, to: octets.count, by: 7) {
            var reader = WireReader(octets.span)
            guard (try? reader.skip(start)) != nil, let name = try? reader.name() else { continue }
            try Finding.unless(Query.nameEnd(view, start) == reader.offset, "ends differ at \(start)")
            let fault = lookup.load(view, at: start, seed: 1, followsPointers: true)
            try Finding.unless(fault == nil && lookup.count == name.count, "not read at \(start)")
            try compare(name, before)
            before = name
        }
    }

    /// Both orders of names agree, and an alias of one's ancestors for the other leads there and back (RFC 6672).
    private static func compare(_ name: Name, _ other: Name) throws {
        var left = LookupName()
        var right = LookupName()
        try Finding.unless(left.load(name.wire, seed: 1) == nil && right.load(other.wire, seed: 1) == nil, "\(name)")
        let order = CanonicalKey.compare(left, originLabels: 0, Octets(other.wire.span), 0, other.count - 1)
        try Finding.unless((order < 0) == (name < other) && (order == 0) == (name == other), "\(name), \(other)")
        let keys = (CanonicalKey.key(of: left, originLabels: 0), CanonicalKey.key(of: right, originLabels: 0))
        try Finding.unless(keys.0 == keys.1 || (keys.0 < keys.1) == (name < other), "keys of \(name), \(other)")
        let isEqual = left.count == other.count && left.isEqual(0, left.count, Octets(other.wire.span), at: 0)
        try Finding.unless(isEqual == (name == other), "\(name), \(other)")
        let parent = name.parent
        guard let moved = name.replacingSuffix(parent, with: other) else { return }
        try Finding.unless(moved.replacingSuffix(other, with: parent) == name, "\(moved)")
    }

    private static func check(_ name: Name) throws {
        let text = name.description
        try Finding.unless(try Name(text).wire == name.wire, text)
        try Finding.unless(try Name(wire: name.wire.span).wire == name.wire, text)
        try Finding.unless(1...Name.maximumCount ~= name.count && name.labels.count == name.labelCount, text)
        let labels = name.labels
        let rebuilt = labels.reversed().reduce(Name.root) { $0.prepending($1) ?? .root }
        try Finding.unless(rebuilt.wire == name.wire, text)
        try Finding.unless(labels.map { $0.description + "." }.joined() == (name.isRoot ? "" : text), text)
        try Finding.unless(name.isWildcard == (labels.first == Label([0x2A])), text)
        // RFC 4034 §6.1: a name comes before those below it, and case makes no difference.
        try Finding.unless(name.isRoot || name.parent < name, text)
        try Finding.unless(name == name.lowercased && !(name < name.lowercased), text)
        if let below = name.prepending(Label(validated: [0])) { try Finding.unless(name < below, text) }
    }

    /// Octets of EDNS options behind a version and flags: the reader of queries takes what the reader of messages takes,
    /// and the reply decodes.
    static let options = FuzzTarget(name: "options") { octets in
        var choices = Choices(octets)
        // Mostly version 0.
        let version = choices.octet() & 0x81
        let size = choices.word()
        let flags = choices.word()
        let options = Array(choices.rest.prefix(10_000))
        var query: [UInt8] = [1, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 6, 0, 1, 0, 0, 41]
        for word in [size, UInt16(version), flags, UInt16(options.count)] {
            query += [UInt8(word >> 8), UInt8(word & 0xFF)]
        }
        query += options
        let read = Query(reading: query)
        let asked = AskedServer(.empty)
        let reply = try asked.check(query, over: .udp)
        if let message = try? Message(decoding: query.span) {
            try asked.checkCookie(message, reply)
            let edns = message.edns
            let hasVersion = edns?.options.contains { $0.code == .zoneVersion && !$0.data.isEmpty } == true
            let wanted: ResponseCode? = version != 0 ? .badVersion : hasVersion ? .formatError : nil
            try Finding.unless(read.fault == wanted, "\(read.fault as Any), not \(wanted as Any)")
            try Finding.unless(
                hasVersion || read.edns?.payloadSize == size && read.edns?.dnssecOK == edns?.dnssecOK, "OPT differs")
            try Finding.unless(try message.reread() == message, "another message")
        }
        try asked.check(query, over: .tcp)
    }
}
