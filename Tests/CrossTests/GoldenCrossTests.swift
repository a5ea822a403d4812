#if CrossTests
    import DNS
    import TestSupport
    import Testing

    /// The golden messages, read by ldns.
    @Suite struct GoldenCrossTests {
        static let messages = Result { try GoldenMessage.all() }

        /// What we accept, ldns accepts with the same meaning, and what we refuse it refuses; but for the table's.
        @Test(arguments: (try? messages.get()) ?? [])
        func saysTheSame(_ golden: GoldenMessage) {
            let difference = Self.difference(golden)
            if Departure.all.contains(where: { $0.messages.contains(golden.name) }) {
                #expect(difference != nil, "\(golden.place): the departure no longer matters")
            } else {
                #expect(difference == nil, "\(golden.place)")
            }
        }

        /// A departure whose message is gone leaves the table.
        @Test func everyDepartureHasItsMessage() throws {
            let names = Set(try Self.messages.get().map(\.name))
            for message in Departure.all.flatMap(\.messages) { #expect(names.contains(message), "\(message)") }
        }

        private static func difference(_ golden: GoldenMessage) -> String? {
            let message = try? Message(decoding: golden.octets.span)
            do {
                let packet = try LDNS.packet(from: golden.octets)
                guard let message else { return "ldns accepts it" }
                let differences = packet.differences(from: LDNS.Packet(message))
                return differences.isEmpty ? nil : differences.joined(separator: "; ")
            } catch {
                return message == nil ? nil : "ldns refuses it: \(error)"
            }
        }
    }
#endif
