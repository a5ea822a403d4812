#if CrossTests
    import DNS
    import TestSupport
    import Testing

    /// Every record of the vectors, through ldns and back.
    @Suite struct RecordCrossTests {
        static let specimens = Result { try Specimen.all() }

        @Test func specimensAreThere() throws {
            let types = Set(try Self.specimens.get().map(\.record.type))
            for format in RecordRegistry.formats where format.hasData {
                #expect(types.contains(format.type), "\(format.mnemonic) has no vector")
            }
        }

        @Test(arguments: Specimen.Check.allCases)
        func isTheSame(_ check: Specimen.Check) throws {
            for specimen in try Self.specimens.get() {
                guard let difference = specimen.difference(check) else { continue }
                if Fault.all.contains(where: { $0.explains(specimen, check) }) { continue }
                Issue.record("\(specimen.place) \(check): \(specimen.record): \(difference)")
            }
        }

        /// A fault that is mended, or whose vector is gone, leaves the table.
        @Test func everyFaultMatters() throws {
            let specimens = try Self.specimens.get()
            for fault in Fault.all {
                let matters = specimens.contains { specimen in
                    fault.explains(specimen, fault.check) && specimen.difference(fault.check) != nil
                }
                #expect(matters, "\(fault.type) \(fault.check) \(fault.part): \(fault.reason)")
            }
        }
    }
#endif
