import DNS
import Foundation
import TestSupport
import Testing

/// Messages as JSON, compared with what decoding them gives.
struct MessageJSONTests {
    @Test(arguments: try GoldenMessage.all())
    func saysWhatDecodingSays(golden: GoldenMessage) throws {
        let message = try? Message(decoding: golden.octets.span)
        if let message, message.questions.count > 1 { return }
        var printer = MessageJSON()
        var text = Array("{".utf8)
        let question = message?.questions.first ?? Question(.root, .a)
        let code = try? printer.print(golden.octets.span, to: question, into: &text)
        guard let message, let code else {
            #expect(message == nil && code == nil && text == Array("{".utf8))
            return
        }
        #expect(code == message.header.responseCode)
        let object = try Self.object(text + Array("\"end\":0}".utf8))
        #expect(object["ID"] as? Int == Int(message.header.id))
        #expect(
            object["QNAME"] as? String == "\(question.name)" && object["QTYPE"] as? Int == Int(question.type.rawValue))
        let flags = ["QR", "AA", "TC", "RD", "RA", "AD", "CD"].map { object[$0] as? Int == 1 }
        let header = message.header
        #expect(
            flags == [
                header.isResponse, header.isAuthoritative, header.isTruncated, header.recursionDesired,
                header.recursionAvailable, header.authenticData, header.checkingDisabled,
            ])
        for (name, records) in [
            ("answerRRs", message.answer), ("authorityRRs", message.authority), ("additionalRRs", message.additional),
        ] {
            let all = object[name] as? [[String: Any]] ?? []
            let printed = all.filter { $0["TYPE"] as? Int != 41 || name != "additionalRRs" }
            #expect(printed.count == records.count)
            for (one, record) in zip(printed, records) {
                #expect(one["NAME"] as? String == "\(record.owner)" && one["TTL"] as? Int == Int(record.ttl.seconds))
                #expect(one["CLASS"] as? Int == Int(record.recordClass.rawValue))
                #expect(one["rdata\(record.type)"] as? String == "\(record.data)")
                #expect(one["RDATAHEX"] as? String == record.data.octets.map { String(format: "%02X", $0) }.joined())
                #expect(one["RDLENGTH"] as? Int == record.data.octets.count)
            }
            if name == "additionalRRs" { #expect((all.count > printed.count) == (message.edns != nil)) }
        }
    }

    @Test func keepsTheCaseThatWasTyped() throws {
        let question = Question(try Name("wWw.example.test"), .txt)
        var message = Message(id: 1, question: Question(try Name("www.EXAMPLE.test"), .txt))
        message.header.isResponse = true
        message.answer = [try Record("www.EXAMPLE.test. 60 IN TXT \"a\\\"\\\\\\010\"")]
        var printer = MessageJSON()
        var text: [UInt8] = []
        let octets = try message.encoded()
        _ = try printer.print(octets.span, to: question, into: &text)
        let expected = """
            "ID":1,"QR":1,"Opcode":0,"AA":0,"TC":0,"RD":0,"RA":0,"AD":0,"CD":0,"RCODE":0,"QDCOUNT":1,"ANCOUNT":1,\
            "NSCOUNT":0,"ARCOUNT":0,"QNAME":"wWw.example.test.","QTYPE":16,"QCLASS":1,"answerRRs":[\
            {"NAME":"wWw.example.test.","TYPE":16,"CLASS":1,"TTL":60,"RDLENGTH":5,"RDATAHEX":"0461225C0A",\
            "rdataTXT":"\\"a\\\\\\"\\\\\\\\\\\\010\\""}],
            """
        #expect(String(decoding: text, as: UTF8.self) == expected)
    }

    private static func object(_ text: [UInt8]) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text)) as? [String: Any])
    }
}
