import DNS

/// What the reply to a query must have.
struct Expectation {
    /// The question's name as it was sent, in wire format.
    var name: [UInt8] = []
    var question = Question(.root, .a)
    var opcode = Opcode.query
    /// Whether the name's case is by chance, so that it must come back as it was.
    var mixesCase = false
    var sendsCookie = false
    /// The server has given a cookie, so it must send ours back.
    var owesCookie = false

    /// What a message is to the query.
    enum Reading {
        case message(Message)
        /// It answers, but not all of it is there.
        case truncated
        /// It answers, and cannot be read.
        case malformed(WireError)
        /// It answers the same name in another case.
        case caseDiffers
        /// It answers something else, or nothing.
        case mismatch
    }

    /// - Parameter takesTruncated: whether a part of the answer is better than none.
    func read(_ octets: [UInt8], _ takesTruncated: Bool) -> Reading {
        guard octets.count >= Header.count, octets[2] & 0x80 != 0, octets[2] >> 3 & 0xF == opcode.rawValue else {
            return .mismatch
        }
        var whole = octets
        let hasQuestion = word(octets, 4) != 0
        // An error may come without the question.
        if hasQuestion {
            let end = Header.count + name.count
            let type = question.type.rawValue
            let recordClass = question.recordClass.rawValue
            guard word(octets, 4) == 1, octets.count >= end + 4,
                octets[Header.count..<end].elementsEqual(name, by: Self.isSame),
                word(octets, end) == type, word(octets, end + 2) == recordClass
            else { return .mismatch }
            if mixesCase && !octets[Header.count..<end].elementsEqual(name) { return .caseDiffers }
            // Names that point at the question have the case that was asked for.
            whole.replaceSubrange(Header.count..<end, with: question.name.wire)
        }
        // What was cut need not end where a record does.
        if octets[2] & 0x02 != 0 && !takesTruncated { return .truncated }
        do throws(WireError) {
            let message = try Message(decoding: whole.span)
            // The upper bits of the code stand in the OPT record: only now it is known whether it is an error.
            let isMatch = !message.questions.isEmpty || message.header.responseCode != .noError
            return isMatch ? .message(message) : .mismatch
        } catch {
            return hasQuestion || octets[3] & 0xF != 0 ? .malformed(error) : .mismatch
        }
    }

    private static func isSame(_ one: UInt8, _ other: UInt8) -> Bool {
        one == other || one ^ other == 0x20 && one.isLetter
    }

    private func word(_ octets: [UInt8], _ offset: Int) -> UInt16 {
        UInt16(octets[offset]) << 8 | UInt16(octets[offset + 1])
    }
}

extension UInt8 {
    var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
}
