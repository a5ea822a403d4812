#if CrossTests
    import DNS
    import Foundation
    import TestSupport

    /// A record that is given to ldns, and where it stands.
    struct Specimen: Sendable {
        var place: String
        var record: Record

        /// The records of Vectors/ldns.txt and of the zone-file corpus.
        static func all() throws -> [Specimen] { try own() + corpus() }

        private static func own() throws -> [Specimen] {
            let file = TestData.root.appending(path: "DNSTests/Vectors/ldns.txt")
            let text = try String(contentsOf: file, encoding: .utf8)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            return try lines.filter { !$0.element.isEmpty && !$0.element.hasPrefix("#") }.map { index, line in
                Specimen(place: "ldns.txt:\(index + 1)", record: try Record("x.example. 300 IN " + line))
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
