#if CrossTests
    import CLDNS
    import Glibc

    /// libldns behind octets and text: nothing of it leaves this file but values of our own.
    ///
    /// What makes the pointers sound is the same everywhere: each is what ldns has just returned as valid, is freed
    /// exactly once by a `defer` of the function that got it, unless ldns took it over, and is not kept beyond.
    @safe enum LDNS {
        /// Why ldns did not do it.
        struct Refusal: Error, CustomStringConvertible {
            var description: String
        }

        /// Whether ldns knows the type as more than a number.
        static func knows(type: UInt16) -> Bool {
            // The descriptor and its name are static.
            guard let descriptor = unsafe ldns_rr_descript(type), let name = unsafe descriptor.pointee._name else {
                return false
            }
            let mnemonic = unsafe String(cString: name)
            return !mnemonic.hasPrefix("TYPE")
        }

        /// The text of a record from its uncompressed wire format.
        static func text(ofRecord wire: [UInt8]) throws -> String {
            let record = try unsafe record(from: wire)
            defer { unsafe ldns_rr_free(record) }
            guard let text = unsafe ldns_rr2str(record) else { throw Refusal(description: "ldns_rr2str gave nothing") }
            defer { unsafe free(text) }
            // It ends in a null octet, since it is a C string.
            return unsafe String(cString: text)
        }

        /// The uncompressed wire format of a record that is decoded and encoded again.
        static func reencoded(record wire: [UInt8]) throws -> [UInt8] {
            let record = try unsafe record(from: wire)
            defer { unsafe ldns_rr_free(record) }
            return try unsafe octets(of: record, LDNS_SECTION_ANSWER)
        }

        /// The uncompressed wire format of a record from its text.
        static func wire(ofRecord text: String) throws -> [UInt8] {
            var record: UnsafeMutablePointer<ldns_rr>?
            // The text is read during the call only; origin and previous owner may be null.
            try check(unsafe ldns_rr_new_frm_str(&record, text, 3600, nil, nil))
            guard let record = unsafe record else { throw Refusal(description: "ldns_rr_new_frm_str gave nothing") }
            defer { unsafe ldns_rr_free(record) }
            return try unsafe octets(of: record, LDNS_SECTION_ANSWER)
        }
    }

    extension LDNS {
        /// A message as ldns sees it. Questions and records are uncompressed wire format.
        struct Packet: Equatable {
            var id: UInt16 = 0
            var flags: Set<String> = []
            var opcode: UInt8 = 0
            /// The lower four bits.
            var responseCode: UInt8 = 0
            var questions: [[UInt8]] = []
            var answer: [[UInt8]] = []
            var authority: [[UInt8]] = []
            /// A transaction signature stands last; the OPT record is `edns`.
            var additional: [[UInt8]] = []
            var edns: EDNS?
        }

        struct EDNS: Equatable {
            var udpPayloadSize: UInt16 = 0
            var upperResponseCode: UInt8 = 0
            var version: UInt8 = 0
            /// DO and the bits beside it.
            var flags: UInt16 = 0
            var options: [UInt8] = []
        }

        /// What a message says.
        static func packet(from wire: [UInt8]) throws -> Packet {
            let packet = try unsafe decoded(wire)
            defer { unsafe ldns_pkt_free(packet) }
            var result = unsafe header(of: packet)
            result.questions = try unsafe all(of: ldns_pkt_question(packet), LDNS_SECTION_QUESTION)
            result.answer = try unsafe all(of: ldns_pkt_answer(packet), LDNS_SECTION_ANSWER)
            result.authority = try unsafe all(of: ldns_pkt_authority(packet), LDNS_SECTION_AUTHORITY)
            result.additional = try unsafe all(of: ldns_pkt_additional(packet), LDNS_SECTION_ADDITIONAL)
            if let signature = unsafe ldns_pkt_tsig(packet) {
                result.additional.append(try unsafe octets(of: signature, LDNS_SECTION_ADDITIONAL))
            }
            if unsafe ldns_pkt_edns(packet) { result.edns = unsafe edns(of: packet) }
            return result
        }

        /// The message that ldns makes of the parts, names compressed.
        static func message(_ packet: Packet) throws -> [UInt8] {
            guard let made = unsafe ldns_pkt_new() else { throw Refusal(description: "ldns_pkt_new gave nothing") }
            defer { unsafe ldns_pkt_free(made) }
            unsafe set(packet, on: made)
            for (section, records) in [
                (LDNS_SECTION_QUESTION, packet.questions), (LDNS_SECTION_ANSWER, packet.answer),
                (LDNS_SECTION_AUTHORITY, packet.authority), (LDNS_SECTION_ADDITIONAL, packet.additional),
            ] {
                for wire in records {
                    // Pushed, it belongs to the packet.
                    let record = try unsafe record(from: wire, section)
                    guard unsafe ldns_pkt_push_rr(made, section, record) else {
                        unsafe ldns_rr_free(record)
                        throw Refusal(description: "ldns_pkt_push_rr failed")
                    }
                }
            }
            return try unsafe octets(of: made)
        }

        /// The message decoded and encoded again.
        static func reencoded(message wire: [UInt8]) throws -> [UInt8] {
            let packet = try unsafe decoded(wire)
            defer { unsafe ldns_pkt_free(packet) }
            return try unsafe octets(of: packet)
        }
    }

    // Private from here on, where pointers pass between functions; each caller frees what it gets.
    extension LDNS {
        private static func check(_ status: ldns_status) throws {
            guard status != LDNS_STATUS_OK else { return }
            guard let text = unsafe ldns_get_errorstr_by_id(status) else {
                throw Refusal(description: "status \(status.rawValue)")
            }
            // A C string that is static.
            throw Refusal(description: unsafe String(cString: text))
        }

        private static func record(
            from wire: [UInt8], _ section: ldns_pkt_section = LDNS_SECTION_ANSWER
        ) throws -> UnsafeMutablePointer<ldns_rr> {
            var record: UnsafeMutablePointer<ldns_rr>?
            var position = 0
            // ldns reads at most `count` octets, during the call only.
            try check(unsafe ldns_wire2rr(&record, wire, wire.count, &position, section))
            guard let record = unsafe record else { throw Refusal(description: "ldns_wire2rr gave nothing") }
            guard position == wire.count else {
                unsafe ldns_rr_free(record)
                throw Refusal(description: "ldns_wire2rr read \(position) of \(wire.count) octets")
            }
            return unsafe record
        }

        private static func decoded(_ wire: [UInt8]) throws -> UnsafeMutablePointer<ldns_pkt> {
            var packet: UnsafeMutablePointer<ldns_pkt>?
            // ldns reads at most `count` octets, during the call only.
            try check(unsafe ldns_wire2pkt(&packet, wire, wire.count))
            guard let packet = unsafe packet else { throw Refusal(description: "ldns_wire2pkt gave nothing") }
            return unsafe packet
        }

        private static func octets(of packet: UnsafeMutablePointer<ldns_pkt>) throws -> [UInt8] {
            var start: UnsafeMutablePointer<UInt8>?
            var count = 0
            try check(unsafe ldns_pkt2wire(&start, packet, &count))
            defer { unsafe free(start) }
            return unsafe Array(UnsafeBufferPointer(start: start, count: count))
        }

        private static func octets(
            of record: UnsafeMutablePointer<ldns_rr>, _ section: ldns_pkt_section
        ) throws -> [UInt8] {
            var start: UnsafeMutablePointer<UInt8>?
            var count = 0
            try check(unsafe ldns_rr2wire(&start, record, Int32(section.rawValue), &count))
            defer { unsafe free(start) }
            return unsafe Array(UnsafeBufferPointer(start: start, count: count))
        }

        private static func all(
            of list: UnsafeMutablePointer<ldns_rr_list>?, _ section: ldns_pkt_section
        ) throws -> [[UInt8]] {
            guard let list = unsafe list else { return [] }
            // The records belong to the list.
            let count = unsafe ldns_rr_list_rr_count(list)
            return try (0..<count).map { index in
                guard let record = unsafe ldns_rr_list_rr(list, index) else {
                    throw Refusal(description: "ldns_rr_list_rr gave nothing")
                }
                return try unsafe octets(of: record, section)
            }
        }

        private static func header(of packet: UnsafeMutablePointer<ldns_pkt>) -> Packet {
            var result = Packet()
            result.id = unsafe ldns_pkt_id(packet)
            result.opcode = UInt8(truncatingIfNeeded: unsafe ldns_pkt_get_opcode(packet).rawValue)
            result.responseCode = UInt8(truncatingIfNeeded: unsafe ldns_pkt_get_rcode(packet).rawValue)
            if unsafe ldns_pkt_qr(packet) { result.flags.insert("qr") }
            if unsafe ldns_pkt_aa(packet) { result.flags.insert("aa") }
            if unsafe ldns_pkt_tc(packet) { result.flags.insert("tc") }
            if unsafe ldns_pkt_rd(packet) { result.flags.insert("rd") }
            if unsafe ldns_pkt_ra(packet) { result.flags.insert("ra") }
            if unsafe ldns_pkt_ad(packet) { result.flags.insert("ad") }
            if unsafe ldns_pkt_cd(packet) { result.flags.insert("cd") }
            return result
        }

        private static func edns(of packet: UnsafeMutablePointer<ldns_pkt>) -> EDNS {
            var result = EDNS()
            result.udpPayloadSize = unsafe ldns_pkt_edns_udp_size(packet)
            result.upperResponseCode = unsafe ldns_pkt_edns_extended_rcode(packet)
            result.version = unsafe ldns_pkt_edns_version(packet)
            result.flags = unsafe ldns_pkt_edns_z(packet)
            if let data = unsafe ldns_pkt_edns_data(packet), let start = unsafe ldns_rdf_data(data) {
                // ldns keeps `size` octets there as long as the packet lives; they are copied at once.
                result.options = unsafe Array(UnsafeRawBufferPointer(start: start, count: ldns_rdf_size(data)))
            }
            return result
        }

        private static func set(_ packet: Packet, on made: UnsafeMutablePointer<ldns_pkt>) {
            unsafe ldns_pkt_set_id(made, packet.id)
            unsafe ldns_pkt_set_opcode(made, ldns_pkt_opcode(rawValue: UInt32(packet.opcode)))
            unsafe ldns_pkt_set_rcode(made, packet.responseCode)
            unsafe ldns_pkt_set_qr(made, packet.flags.contains("qr"))
            unsafe ldns_pkt_set_aa(made, packet.flags.contains("aa"))
            unsafe ldns_pkt_set_tc(made, packet.flags.contains("tc"))
            unsafe ldns_pkt_set_rd(made, packet.flags.contains("rd"))
            unsafe ldns_pkt_set_ra(made, packet.flags.contains("ra"))
            unsafe ldns_pkt_set_ad(made, packet.flags.contains("ad"))
            unsafe ldns_pkt_set_cd(made, packet.flags.contains("cd"))
            guard let edns = packet.edns else { return }
            unsafe ldns_pkt_set_edns_udp_size(made, edns.udpPayloadSize)
            unsafe ldns_pkt_set_edns_extended_rcode(made, edns.upperResponseCode)
            unsafe ldns_pkt_set_edns_version(made, edns.version)
            unsafe ldns_pkt_set_edns_z(made, edns.flags)
            if !edns.options.isEmpty {
                // ldns copies the octets during the call; the copy belongs to the packet.
                unsafe ldns_pkt_set_edns_data(
                    made, ldns_rdf_new_frm_data(LDNS_RDF_TYPE_UNKNOWN, edns.options.count, edns.options))
            }
        }
    }
#endif
