#if CrossTests
    import DNS
    import TestSupport

    /// A record that is given to ldns, and where it stands.
    struct Specimen: Sendable {
        var place: String
        var record: Record

        /// The records of the vectors and of the zone-file corpus.
        static func all() throws -> [Specimen] { try vectors() + corpus() }

        private static func vectors() throws -> [Specimen] {
            let owner = try Name("x.example.")
            return try RecordVector.all().compactMap { vector in
                guard let good = vector.good, let type = RecordType(vector.type) else { return nil }
                let data = try RecordData(type: type, octets: good.wire)
                return Specimen(place: vector.place, record: Record(owner: owner, ttl: 300, data: data))
            }
        }

        private static func corpus() throws -> [Specimen] {
            try ZoneFileCase.all().flatMap { zone in
                try zone.records.map { Specimen(place: zone.place, record: try Record($0)) }
            }
        }
    }

    extension Specimen {
        /// What is done with a record, each time to get the same octets back.
        enum Check: String, CaseIterable {
            /// Our octets, decoded and encoded by ldns.
            case wire
            /// Our octets, printed by ldns, parsed by us.
            case print
            /// Our text, parsed by ldns, encoded by ldns.
            case parse
            /// The same with the data as `\#`.
            case parseGeneric
        }

        /// What ldns makes of the record otherwise than we do; nil where it is the same.
        func difference(_ check: Check) -> String? {
            do {
                let octets: [UInt8]
                switch check {
                case .wire: octets = try LDNS.reencoded(record: record.wire)
                case .print:
                    let text = try LDNS.text(ofRecord: record.wire)
                    do {
                        octets = try Record(text).wire
                    } catch {
                        return "we refuse \(text): \(error)"
                    }
                case .parse where LDNS.knows(type: record.type.rawValue):
                    octets = try LDNS.wire(ofRecord: record.description)
                case .parse, .parseGeneric: octets = try LDNS.wire(ofRecord: genericText)
                }
                return octets == record.wire ? nil : "gives \(octets.hex), must give \(record.wire.hex)"
            } catch {
                return "ldns refuses it: \(error)"
            }
        }

        /// Whether ldns carries it through messages unchanged.
        var isCarried: Bool {
            record.type != .opt && record.type != .tsig && record.data.octets.count < 2000
                && !Fault.all.contains { $0.explains(self, .wire) }
        }

        /// The record as every server that knows RFC 3597 must read it.
        private var genericText: String {
            "\(record.owner) \(record.ttl) \(record.recordClass) TYPE\(record.type.rawValue) "
                + record.data.genericDescription
        }
    }
#endif
