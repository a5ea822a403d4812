import DNS
import Testing

@Suite struct RecordTypeTests {
    @Test func everyMnemonicIsReadInAnyCaseAndAsNumber() {
        for format in RecordRegistry.formats {
            let number = format.type.rawValue
            #expect(format.type.description == format.mnemonic)
            for text in [format.mnemonic, format.mnemonic.lowercased(), "TYPE\(number)", "type\(number)"] {
                #expect(RecordType(text) == format.type, "\(text)")
            }
        }
    }

    @Test func linesStandInOrderAndTwiceIsNone() {
        let numbers = RecordRegistry.formats.map(\.type.rawValue)
        #expect(numbers == Set(numbers).sorted())
        #expect(RecordRegistry.formats.filter(\.hasData).count == 91)
    }

    @Test(arguments: [
        "", "TYPE", "TYPE65536", "TYPE-1", "TYPE+1", "TYPE 1", "TYPE1x", "NOPE", "AA", "NSEC3PARAMETERS", "A ",
        "OPENPGPKEYOPENPGPKEY", "TYPE00000000000000001", "é",
    ])
    func whatIsNoTypeIsRefused(_ text: String) { #expect(RecordType(text) == nil) }

    @Test func unknownTypesSurvive() {
        #expect(RecordType("TYPE65535")?.rawValue == 65_535)
        #expect(RecordType("TYPE0")?.rawValue == 0)
        for number: UInt16 in [0, 54, 69, 511, 512, 32_767, 32_770, 65_535] {
            let type = RecordType(rawValue: number)
            #expect(type.description == "TYPE\(number)")
            #expect(RecordType(type.description) == type)
            #expect(RecordRegistry.format(of: type).type == type)
        }
    }

    @Test func metaTypesHaveNoPlaceInZones() {
        for type: RecordType in [.opt, .tsig, .tkey, .axfr, .ixfr, .any, .maila, .mailb, .nxname] {
            #expect(type.isMeta)
        }
        for format in RecordRegistry.formats where !format.type.isMeta { #expect(format.hasData) }
        #expect(!RecordType.a.isMeta && !RecordType.uri.isMeta && !RecordType(rawValue: 65_280).isMeta)
    }
}
