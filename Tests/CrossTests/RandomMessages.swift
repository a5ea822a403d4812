#if CrossTests
    import DNS
    import TestSupport

    /// Messages of any questions and records, the same for the same seed.
    struct RandomMessages {
        private var generator: SeededGenerator
        private let records: [Record]

        init(seed: UInt64, of records: [Record]) {
            generator = SeededGenerator(seed: seed)
            self.records = records
        }

        mutating func next() throws -> Message {
            let name = try name()
            var message = Message(id: UInt16.random(in: 0...0xFFFF, using: &generator), question: Question(name, .a))
            message.questions[0].type = RecordType(rawValue: UInt16.random(in: 1...300, using: &generator))
            message.header.isResponse = Bool.random(using: &generator)
            message.header.opcode = [.query, .notify, .update][Int.random(in: 0..<3, using: &generator)]
            message.header.isAuthoritative = Bool.random(using: &generator)
            message.header.isTruncated = Bool.random(using: &generator)
            message.header.recursionDesired = Bool.random(using: &generator)
            message.header.recursionAvailable = Bool.random(using: &generator)
            message.header.authenticData = Bool.random(using: &generator)
            message.header.checkingDisabled = Bool.random(using: &generator)
            message.answer = try section()
            message.authority = try section()
            message.additional = try section()
            if Bool.random(using: &generator) { message.edns = edns() }
            let codes: ClosedRange<UInt16> = message.edns == nil ? 0...15 : 0...0xFFF
            message.header.responseCode = ResponseCode(rawValue: UInt16.random(in: codes, using: &generator))
            return message
        }

        private mutating func section() throws -> [Record] {
            try (0..<Int.random(in: 0...8, using: &generator)).map { _ in
                var record = records[Int.random(in: records.indices, using: &generator)]
                if Bool.random(using: &generator) { record.owner = try name() }
                record.ttl = TTL(UInt32.random(in: 0...TTL.maximum, using: &generator))
                return record
            }
        }

        /// A name of few labels, so that many end alike, seldom of any octets.
        private mutating func name() throws -> Name {
            var name = Name.root
            for _ in 0..<Int.random(in: 0...5, using: &generator) {
                let isAnything = Int.random(in: 0..<8, using: &generator) == 0
                let octets: [UInt8] =
                    isAnything
                    ? (0..<Int.random(in: 1...63, using: &generator)).map { _ in .random(in: 0...255, using: &generator)
                    }
                    : [.random(in: 0x61...0x64, using: &generator)]
                if let label = Label(octets), let longer = name.prepending(label) { name = longer }
            }
            return name.lowercased
        }

        private mutating func edns() -> EDNS {
            var edns = EDNS(
                udpPayloadSize: .random(in: 512...0xFFFF, using: &generator), dnssecOK: .random(using: &generator))
            edns.version = Bool.random(using: &generator) ? 0 : .random(in: 0...255, using: &generator)
            edns.otherFlags = Bool.random(using: &generator) ? 0 : .random(in: 0...0x7FFF, using: &generator)
            edns.options = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                let count = Int.random(in: 0...24, using: &generator)
                let data = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
                return EDNS.Option(.init(rawValue: .random(in: 0...20, using: &generator)), data)
            }
            return edns
        }
    }
#endif
