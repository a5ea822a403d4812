#if CrossTests
    import DNS
    import TestSupport
    import Testing

    /// Golden and random messages, read and written by ldns and by us.
    @Suite struct MessageCrossTests {
        private static let messagesPerSeed = 250

        /// The records of the vectors that ldns can carry at all, in lower case, since it compresses a name into
        /// one of another case.
        static let records = Result {
            try Specimen.all().filter(\.isCarried).map { try $0.record.folded() }
        }

        @Test(arguments: 0..<UInt64(16))
        func messagesThatLDNSBuilds(seed: UInt64) throws {
            var messages = RandomMessages(seed: seed, of: try Self.records.get())
            for index in 0..<Self.messagesPerSeed {
                let message = try messages.next()
                let octets = try LDNS.message(LDNS.Packet(message))
                expect(octets, toSay: message, "seed \(seed), message \(index)")
            }
        }

        @Test(arguments: 16..<UInt64(32))
        func messagesThatWeBuild(seed: UInt64) throws {
            var messages = RandomMessages(seed: seed, of: try Self.records.get())
            for index in 0..<Self.messagesPerSeed {
                let message = try messages.next()
                let place = "seed \(seed), message \(index)"
                let octets = try message.encoded()
                for difference in try LDNS.packet(from: octets).differences(from: LDNS.Packet(message)) {
                    Issue.record("\(place): \(difference): \(octets.hex)")
                }
                expect(octets, toSay: message, place)
                expect(try LDNS.reencoded(message: octets), toSay: message, "\(place), encoded by ldns")
            }
        }

        /// What we accept of a damaged message, ldns accepts with the same meaning.
        @Test(arguments: 32..<UInt64(48))
        func damagedMessages(seed: UInt64) throws {
            var messages = RandomMessages(seed: seed, of: try Self.records.get())
            var generator = SeededGenerator(seed: ~seed)
            var accepted = 0
            for index in 0..<Self.messagesPerSeed {
                var octets = try messages.next().encoded()
                let place = Int.random(in: 2..<octets.count, using: &generator)
                octets[place] = .random(in: 0...255, using: &generator)
                guard let message = try? Message(decoding: octets.span) else { continue }
                accepted += 1
                // Damage may have made a type of it that ldns takes for something else.
                let records = message.answer + message.authority + message.additional
                guard records.allSatisfy({ Specimen(place: "", record: $0).isCarried }) else { continue }
                do {
                    let packet = try LDNS.packet(from: octets).withLawfulTTLs
                    for difference in packet.differences(from: LDNS.Packet(message)) {
                        Issue.record("seed \(seed), message \(index): \(difference): \(octets.hex)")
                    }
                } catch {
                    Issue.record("seed \(seed), message \(index): ldns refuses it: \(error): \(octets.hex)")
                }
            }
            #expect(accepted >= Self.messagesPerSeed / 4)
        }

        private func expect(_ octets: [UInt8], toSay message: Message, _ place: String) {
            do {
                let decoded = try Message(decoding: octets.span)
                for difference in LDNS.Packet(decoded).differences(from: LDNS.Packet(message)) {
                    Issue.record("\(place): \(difference): \(octets.hex)")
                }
            } catch {
                Issue.record("\(place): we refuse it: \(error): \(octets.hex)")
            }
        }
    }
#endif
