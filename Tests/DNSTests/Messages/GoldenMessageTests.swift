import DNS
import TestSupport
import Testing

/// Real and malformed messages, and what they say.
@Suite struct GoldenMessageTests {
    static let messages = Result { try GoldenMessage.all() }

    @Test func messagesAreThere() throws {
        let messages = try Self.messages.get()
        #expect(messages.filter { $0.error == nil }.count >= 40)
        #expect(messages.filter { $0.error != nil }.count >= 60)
        #expect(Set(messages.map(\.name)).count == messages.count)
    }

    @Test(arguments: (try? messages.get()) ?? [])
    func decodes(_ golden: GoldenMessage) throws {
        do throws(WireError) {
            let message = try Message(decoding: golden.octets.span)
            #expect(golden.error == nil, "\(golden.place) was accepted")
            #expect(GoldenMessage.lines(of: message) == golden.lines, "\(golden.place)")
        } catch {
            #expect("\(error)" == golden.error, "\(golden.place)")
        }
    }

    @Test(arguments: (try? messages.get().filter { $0.error == nil }) ?? [])
    func encodesAgain(_ golden: GoldenMessage) throws {
        let message = try Message(decoding: golden.octets.span)
        let octets = try message.encoded()
        #expect((octets != golden.octets) == golden.isRewritten, "\(golden.place): \(octets.hex)")
        // A compressed name takes the case of the one that it points at.
        let lines = GoldenMessage.lines(of: try Message(decoding: octets.span))
        #expect(lines.map { $0.lowercased() } == golden.lines.map { $0.lowercased() }, "\(golden.place)")
    }

    /// Every message cut short anywhere is refused, and no octet that changes stops the program.
    @Test(arguments: (try? messages.get().filter { $0.error == nil }) ?? [])
    func survivesDamage(_ golden: GoldenMessage) {
        for count in 0..<golden.octets.count {
            #expect(throws: WireError.self, "\(golden.place) cut after \(count)") {
                try Message(decoding: golden.octets.span.extracting(..<count))
            }
        }
        var octets = golden.octets
        for index in octets.indices {
            let mask: UInt8 = 1 << (index % 8)
            octets[index] ^= mask
            if let message = try? Message(decoding: octets.span) { _ = GoldenMessage.lines(of: message) }
            octets[index] ^= mask
        }
    }
}
