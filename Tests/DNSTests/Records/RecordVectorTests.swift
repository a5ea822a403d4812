import DNS
import TestSupport
import Testing

@Suite struct RecordVectorTests {
    /// `everyTypeHasVectors` fails where they cannot be read.
    static let vectors = (try? RecordVector.all()) ?? []
    static let good = vectors.filter { $0.good != nil }
    static let bad = vectors.filter { $0.good == nil }

    private func parts(_ vector: RecordVector) throws -> (type: RecordType, good: RecordVector.Good) {
        (try #require(RecordType(vector.type)), try #require(vector.good))
    }

    @Test(arguments: good) func textGivesWireFieldsAndCanonicalForm(_ vector: RecordVector) throws {
        let (type, good) = try parts(vector)
        let data = try RecordData(type, vector.input)
        #expect(data.octets == good.wire)
        #expect(data.canonical == good.canonical)
        #expect(data.fields.map { "\($0.name)=\($0.text)" } == good.fields)
        #expect(data.description == good.printed)
    }

    @Test(arguments: good) func wireGivesTextAndBack(_ vector: RecordVector) throws {
        let (type, good) = try parts(vector)
        let data = try RecordData(type: type, octets: good.wire)
        #expect(data.octets == good.wire)
        #expect(data.description == good.printed)
        #expect(try RecordData(type, data.description) == data)
        #expect(try RecordData(type, data.lines().joined(separator: "\n")) == data)
    }

    @Test(arguments: good) func genericFormIsReadForEveryType(_ vector: RecordVector) throws {
        let (type, good) = try parts(vector)
        let data = try RecordData(type: type, octets: good.wire)
        #expect(try RecordData(type, data.genericDescription) == data)
        #expect(try RecordData(type, "( " + data.genericDescription + "\n)") == data)
    }

    /// Encoded into a message that already has every name in it, and decoded from there.
    @Test(arguments: good) func messageGivesTheSameOctets(_ vector: RecordVector) throws {
        let (type, good) = try parts(vector)
        let format = RecordRegistry.format(of: type)
        var message = [UInt8](repeating: 0, count: 70_000)
        var compressor = NameCompressor()
        var ends: [Int] = []
        do {
            var span = message.mutableSpan
            var writer = WireWriter(&span)
            for _ in 0..<2 {
                try format.encode(good.wire.span, to: &writer, compressor: &compressor)
                ends.append(writer.count)
            }
        }
        var decoded: [UInt8] = []
        var reader = WireReader(message.span)
        try format.decode(&reader, count: ends[0], into: &decoded)
        try format.decode(&reader, count: ends[1] - ends[0], into: &decoded)
        #expect(decoded == good.wire + good.wire)
    }

    /// Cut or lengthened data are refused or lawful, and whatever is lawful survives a round trip.
    @Test(arguments: good) func damagedWireNeverTraps(_ vector: RecordVector) throws {
        let (type, good) = try parts(vector)
        guard good.wire.count < 600 else { return }
        for count in 0..<good.wire.count { try expectRoundTrip(type, Array(good.wire[..<count])) }
        for index in good.wire.indices {
            for octet: UInt8 in [0x00, 0x01, 0x3F, 0x40, 0x80, 0xC0, 0xFF, good.wire[index] ^ 1] {
                var wire = good.wire
                wire[index] = octet
                try expectRoundTrip(type, wire)
            }
        }
    }

    private func expectRoundTrip(_ type: RecordType, _ wire: [UInt8]) throws {
        guard let data = try? RecordData(type: type, octets: wire) else { return }
        #expect(data.octets == wire)
        #expect(data.canonical.count == wire.count)
        _ = (data.fields, data.keyTag, data.text(hidingOctets: true))
        // Zeros at the end of its bits are lawful (RFC 1035 §3.4.2), but text cannot say them.
        if type == .wks { return }
        for text in [data.description, data.lines().joined(separator: "\n")] {
            #expect(try RecordData(type, text) == data, "\(text)")
        }
    }

    /// Any text is refused with an error, or its data survive a round trip.
    @Test(arguments: vectors) func damagedTextNeverTraps(_ vector: RecordVector) throws {
        let type = try #require(RecordType(vector.type))
        let text = Array(vector.input.utf8.prefix(160))
        for index in text.indices {
            for octet: UInt8 in [0x20, 0x22, 0x28, 0x2D, 0x2E, 0x30, 0x39, 0x3D, 0x5C, 0x7A, 0xFF] {
                var damaged = text
                damaged[index] = octet
                let damagedText = String(decoding: damaged, as: UTF8.self)
                guard let data = try? RecordData(type, damagedText) else { continue }
                #expect(try RecordData(type: type, octets: data.octets) == data, "\(damagedText)")
                #expect(try RecordData(type, data.description) == data, "\(damagedText)")
            }
            _ = try? RecordData(type, String(decoding: text[..<index], as: UTF8.self))
        }
    }

    @Test(arguments: bad) func badInputIsRefused(_ vector: RecordVector) throws {
        let type = try #require(RecordType(vector.type))
        switch vector.outcome {
        case .good: break
        case .badText(let message, let octets):
            let error = #expect(throws: SyntaxError.self) { try RecordData(type, vector.input) }
            let text = Array(vector.input.utf8)
            let range = try #require(error?.range)
            #expect(error?.message == message)
            #expect(range.upperBound <= text.count)
            if let octets { #expect(String(decoding: text[range], as: UTF8.self) == octets) }
        case .badWire(let name):
            let wire = try #require(octets(vector.input))
            let error = #expect(throws: WireError.self) { try RecordData(type: type, octets: wire) }
            #expect(error.map { "\($0)" } == name)
        }
    }

    @Test func everyTypeHasVectors() {
        for format in RecordRegistry.formats where format.hasData {
            let cases = Self.vectors.filter { $0.type == format.mnemonic }
            let good = cases.filter { $0.good != nil }
            #expect(good.count >= 2, "\(format.mnemonic) needs good vectors")
            #expect(cases.count - good.count >= 2, "\(format.mnemonic) needs bad vectors")
        }
    }
}
