#if CrossTests
    import DNS
    import TestSupport

    extension LDNS.Packet {
        /// What our message says, in the terms of ldns.
        init(_ message: Message) {
            let header = message.header
            id = header.id
            flags = Set(
                [
                    (header.isResponse, "qr"), (header.isAuthoritative, "aa"), (header.isTruncated, "tc"),
                    (header.recursionDesired, "rd"), (header.recursionAvailable, "ra"), (header.authenticData, "ad"),
                    (header.checkingDisabled, "cd"),
                ].filter(\.0).map(\.1))
            opcode = header.opcode.rawValue
            responseCode = UInt8(header.responseCode.rawValue & 0xF)
            questions = message.questions.map {
                $0.name.wire + $0.type.rawValue.octets + $0.recordClass.rawValue.octets
            }
            answer = message.answer.map(\.wire)
            authority = message.authority.map(\.wire)
            additional = message.additional.map(\.wire)
            guard let edns = message.edns else { return }
            self.edns = LDNS.EDNS(
                udpPayloadSize: edns.udpPayloadSize, upperResponseCode: UInt8(header.responseCode.rawValue >> 4),
                version: edns.version, flags: edns.otherFlags | (edns.dnssecOK ? 0x8000 : 0),
                options: edns.options.flatMap { $0.code.rawValue.octets + UInt16($0.data.count).octets + $0.data })
        }

        /// The same with each TTL of more than 31 bits as 0 (RFC 2181 §8), which ldns leaves as it is.
        var withLawfulTTLs: LDNS.Packet {
            func lawful(_ wire: [UInt8]) -> [UInt8] {
                var wire = wire
                var offset = 0
                while wire[offset] != 0 { offset += Int(wire[offset]) + 1 }
                let ttl = offset + 5
                if wire[ttl] & 0x80 != 0 { wire.replaceSubrange(ttl..<(ttl + 4), with: [0, 0, 0, 0]) }
                return wire
            }
            var packet = self
            packet.answer = answer.map(lawful)
            packet.authority = authority.map(lawful)
            packet.additional = additional.map(lawful)
            return packet
        }

        /// In what the two differ; nothing where they are the same.
        func differences(from other: LDNS.Packet) -> [String] {
            var differences: [String] = []
            func compare(_ what: String, _ part: (LDNS.Packet) -> some Equatable) {
                let (mine, others) = (part(self), part(other))
                if mine != others { differences.append("\(what) is \(mine), must be \(others)") }
            }
            compare("id") { $0.id }
            compare("flags") { $0.flags.sorted() }
            compare("opcode") { $0.opcode }
            compare("rcode") { $0.responseCode }
            compare("question") { $0.questions.map(\.hex) }
            compare("answer") { $0.answer.map(\.hex) }
            compare("authority") { $0.authority.map(\.hex) }
            compare("additional") { $0.additional.map(\.hex) }
            compare("EDNS") { $0.edns }
            return differences
        }
    }

    extension Record {
        /// Uncompressed wire format.
        var wire: [UInt8] {
            owner.wire + type.rawValue.octets + recordClass.rawValue.octets + UInt16(ttl.seconds >> 16).octets
                + UInt16(truncatingIfNeeded: ttl.seconds).octets + UInt16(data.octets.count).octets + data.octets
        }

        /// The record with the case of its names folded wherever the canonical form folds it, so that a pointer to
        /// a name of another case does not show.
        func folded() throws -> Record {
            let data = try RecordData(type: type, octets: data.canonical)
            return Record(owner: owner.lowercased, recordClass: recordClass, ttl: ttl, data: data)
        }
    }

    extension UInt16 {
        /// In network order.
        var octets: [UInt8] { [UInt8(self >> 8), UInt8(truncatingIfNeeded: self)] }
    }
#endif
