/// Which characters U-labels may have, from the properties of Unicode that the standard library knows (RFC 5892). Those
/// that it does not know are here for what is in use, and what they would allow beyond is refused: how letters join, for
/// the block of Arabic; directions, by blocks.
extension IDNA {
    /// Exceptions (RFC 5892 §2.6), and blocks and jamo of no use in names (§2.4, §2.9).
    private static let valid: Set<UInt32> = [0xDF, 0x3C2, 0x6FD, 0x6FE, 0xF0B, 0x3007]
    private static let invalid: [ClosedRange<UInt32>] = [
        0x640...0x640, 0x7FA...0x7FA, 0x302E...0x302F, 0x3031...0x3035, 0x303B...0x303B, 0x20D0...0x20FF,
        0x1D100...0x1D24F, 0x1100...0x11FF, 0xA960...0xA97C, 0xD7B0...0xD7FB,
    ]
    /// Letters of Arabic that join to the letter before them only, and those that join to none (Joining_Type R, U).
    private static let joiningBackwards: [ClosedRange<UInt32>] = [
        0x622...0x625, 0x627...0x627, 0x629...0x629, 0x62F...0x632, 0x648...0x648, 0x671...0x673, 0x675...0x677,
        0x688...0x699, 0x6C0...0x6C0, 0x6C3...0x6CB, 0x6CD...0x6CD, 0x6CF...0x6CF, 0x6D2...0x6D3, 0x6D5...0x6D5,
        0x6EE...0x6EF,
    ]
    private static let notJoining: Set<UInt32> = [0x621, 0x674, 0x6E5, 0x6E6]

    /// Whether a label may have the character at the index: PVALID, or CONTEXTJ and CONTEXTO where they belong.
    static func isPermitted(_ label: [Unicode.Scalar], _ index: Int) -> Bool {
        let scalar = label[index]
        let before = index > 0 ? label[index - 1] : nil
        let after = index + 1 < label.count ? label[index + 1] : nil
        // RFC 5892, appendix A.
        switch scalar.value {
        case 0x200C: return before?.properties.canonicalCombiningClass == .virama || breaksJoint(label, index)
        case 0x200D: return before?.properties.canonicalCombiningClass == .virama
        case 0xB7: return before == "l" && after == "l"
        case 0x375: return after.map { 0x370...0x3E1 ~= $0.value || 0x1F00...0x1FFF ~= $0.value } ?? false
        case 0x5F3, 0x5F4: return before.map { 0x591...0x5F4 ~= $0.value } ?? false
        case 0x30FB: return label.contains(where: isJapanese)
        case 0x660...0x669: return !label.contains { 0x6F0...0x6F9 ~= $0.value }
        case 0x6F0...0x6F9: return !label.contains { 0x660...0x669 ~= $0.value }
        default: return isValid(scalar)
        }
    }

    /// Whether the character is PVALID (RFC 5892 §3).
    private static func isValid(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return "-0123456789abcdefghijklmnopqrstuvwxyz".unicodeScalars.contains(scalar) }
        if valid.contains(scalar.value) { return true }
        if invalid.contains(where: { $0 ~= scalar.value }) { return false }
        let properties = scalar.properties
        guard !properties.changesWhenNFKCCaseFolded, !properties.isDefaultIgnorableCodePoint else { return false }
        switch properties.generalCategory {
        // Capitals but those of Cherokee change when they are folded.
        case .lowercaseLetter, .uppercaseLetter, .otherLetter, .modifierLetter, .decimalNumber, .nonspacingMark,
            .spacingMark:
            return true
        default: return false
        }
    }

    private static func isJapanese(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x3005, 0x3007, 0x3041...0x3096, 0x309D...0x309E, 0x30A1...0x30FA, 0x30FD...0x30FE, 0x31F0...0x31FF: true
        default: scalar.properties.isUnifiedIdeograph
        }
    }

    /// Whether the letters on both sides would join without the non-joiner between them.
    private static func breaksJoint(_ label: [Unicode.Scalar], _ index: Int) -> Bool {
        func isLetter(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory != .nonspacingMark }
        guard let before = label[..<index].last(where: isLetter), joins(before) == .both,
            let after = label[(index + 1)...].first(where: isLetter)
        else { return false }
        return joins(after) != nil
    }

    private enum Joining { case backwards, both }

    private static func joins(_ scalar: Unicode.Scalar) -> Joining? {
        guard 0x620...0x6FF ~= scalar.value, isValid(scalar), !notJoining.contains(scalar.value),
            [.otherLetter, .modifierLetter].contains(scalar.properties.generalCategory)
        else { return nil }
        return joiningBackwards.contains { $0 ~= scalar.value } ? .backwards : .both
    }
}

// MARK: Direction (RFC 5893)

extension IDNA {
    /// What counts of Bidi_Class: R with AL, L, AN, EN, NSM, and all others that may stand in a label.
    private enum Direction { case right, left, arabicNumber, number, mark, neutral }

    private static func direction(_ scalar: Unicode.Scalar) -> Direction {
        switch scalar.value {
        case 0x30...0x39, 0x6F0...0x6F9: .number
        case 0x660...0x669, 0x10D30...0x10D39: .arabicNumber
        case 0x200C, 0x200D, 0xB7, 0x375, 0x30FB: .neutral
        case _ where scalar.isASCII: scalar.properties.isAlphabetic ? .left : .neutral
        case _ where scalar.properties.generalCategory == .nonspacingMark: .mark
        case 0x590...0x8FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFF, 0x10800...0x10FFF, 0x1E800...0x1EFFF: .right
        default: .left
        }
    }

    static func isRightToLeft(_ label: [Unicode.Scalar]) -> Bool {
        label.contains { direction($0) == .right || direction($0) == .arabicNumber }
    }

    /// The rules of §2 for labels of names in which one is written from right to left.
    static func hasOneDirection(_ label: [Unicode.Scalar]) -> Bool {
        let directions = label.map(direction)
        guard let last = directions.last(where: { $0 != .mark }) else { return false }
        switch directions.first {
        case .right:
            let hasBothNumbers = directions.contains(.number) && directions.contains(.arabicNumber)
            return !directions.contains(.left) && !hasBothNumbers && last != .neutral
        case .left: return !isRightToLeft(label) && (last == .left || last == .number)
        default: return false
        }
    }
}
