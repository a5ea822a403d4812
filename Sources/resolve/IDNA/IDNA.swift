// The normal form C is the one part of Unicode that the standard library keeps to itself, as for Foundation.
@_spi(_Unicode) import Swift

/// Internationalised names (RFC 5890 to 5893): U-labels in, and out where they are lawful.
///
/// Lawful is what RFC 5892 §3 derives from the properties of Unicode, and the rules of context of its appendix A, but
/// for one: a zero-width non-joiner is taken after a virama only. RFC 5893 is held within a label; scripts that are
/// written from right to left are known by their blocks.
enum IDNA {
    /// The name as it is asked for: labels with other characters than ASCII as A-labels. Nil where one is not lawful.
    static func ascii(_ name: String) -> String? {
        if name.utf8.allSatisfy({ $0 < 0x80 }) { return name }
        // RFC 5895: fold the case and the width, compose, and take the ideographic full stop for a dot.
        let folded = name.unicodeScalars.map {
            0xFF01...0xFF5E ~= $0.value ? Unicode.Scalar($0.value - 0xFEE0) ?? $0 : $0
        }
        let mapped = composed(folded.map { $0 == "。" || $0 == "｡" ? "." : $0.properties.lowercaseMapping }.joined())
        var labels: [String] = []
        for label in mapped.split(separator: ".", omittingEmptySubsequences: false) {
            let scalars = Array(label.unicodeScalars)
            if scalars.allSatisfy(\.isASCII) {
                labels.append(String(label))
            } else {
                guard isLawful(scalars), let encoded = Punycode.encode(scalars) else { return nil }
                labels.append("xn--" + encoded)
            }
        }
        return labels.joined(separator: ".")
    }

    /// Text in ASCII with the A-labels of its names as U-labels where they are lawful. Text in quotes has no names.
    static func unicode(_ text: String) -> String {
        guard text.lowercased().contains("xn--"), !text.contains("\"") else { return text }
        let words = text.split(separator: " ", omittingEmptySubsequences: false).map { word in
            word.split(separator: ".", omittingEmptySubsequences: false).map(label).joined(separator: ".")
        }
        return words.joined(separator: " ")
    }

    private static func label(_ label: Substring) -> String {
        let lower = label.lowercased()
        guard lower.hasPrefix("xn--"), lower.utf8.count <= 63, let scalars = Punycode.decode(lower.dropFirst(4)),
            isLawful(scalars), Punycode.encode(scalars) == String(lower.dropFirst(4))
        else { return String(label) }
        return scalars.map(String.init).joined()
    }

    private static func composed(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text._nfc { scalars.append(scalar) }
        return String(scalars)
    }

    /// Whether the characters are a U-label (RFC 5891 §5.4): composed, of permitted characters, in their contexts.
    private static func isLawful(_ label: [Unicode.Scalar]) -> Bool {
        guard let first = label.first, !label.allSatisfy(\.isASCII), first != "-", label.last != "-" else {
            return false
        }
        let text = label.map(String.init).joined()
        return Array(composed(text).unicodeScalars) == label
            && !(label.count > 3 && label[2] == "-" && label[3] == "-")
            && !isMark(first) && label.indices.allSatisfy { isPermitted(label, $0) } && hasOneDirection(label)
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        [.nonspacingMark, .spacingMark, .enclosingMark].contains(scalar.properties.generalCategory)
    }
}

// MARK: Characters (RFC 5892)

extension IDNA {
    private static let valid: Set<UInt32> = [0xDF, 0x3C2, 0x6FD, 0x6FE, 0xF0B, 0x3007]
    private static let invalid: Set<UInt32> = [
        0x640, 0x7FA, 0x302E, 0x302F, 0x3031, 0x3032, 0x3033, 0x3034, 0x3035, 0x303B,
    ]

    private static func isPermitted(_ label: [Unicode.Scalar], _ index: Int) -> Bool {
        let scalar = label[index]
        let before = index > 0 ? label[index - 1] : nil
        let after = index + 1 < label.count ? label[index + 1] : nil
        switch scalar.value {
        case 0x200C, 0x200D: return before?.properties.canonicalCombiningClass == .virama
        case 0xB7: return before == "l" && after == "l"
        case 0x375: return after.map { 0x370...0x3FF ~= $0.value || 0x1F00...0x1FFF ~= $0.value } ?? false
        case 0x5F3, 0x5F4: return before.map { 0x591...0x5F4 ~= $0.value } ?? false
        case 0x30FB:
            return label.contains {
                0x3041...0x309F ~= $0.value || 0x30A1...0x30FA ~= $0.value || $0.properties.isIdeographic
            }
        case 0x660...0x669: return !label.contains { 0x6F0...0x6F9 ~= $0.value }
        case 0x6F0...0x6F9: return !label.contains { 0x660...0x669 ~= $0.value }
        case let value where valid.contains(value): return true
        case let value where invalid.contains(value): return false
        // The old jamo of Hangul.
        case 0x1100...0x11FF, 0xA960...0xA97C, 0xD7B0...0xD7FB: return false
        default: break
        }
        if scalar.isASCII { return "-0123456789abcdefghijklmnopqrstuvwxyz".unicodeScalars.contains(scalar) }
        let properties = scalar.properties
        guard !properties.changesWhenNFKCCaseFolded, !properties.isDefaultIgnorableCodePoint else { return false }
        // Combining marks for symbols, musical symbols.
        if 0x20D0...0x20FF ~= scalar.value || 0x1D100...0x1D24F ~= scalar.value { return false }
        switch properties.generalCategory {
        case .lowercaseLetter, .otherLetter, .modifierLetter, .decimalNumber, .nonspacingMark, .spacingMark: return true
        default: return false
        }
    }

    private static func isRightToLeft(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x660...0x669, 0x6F0...0x6F9: false
        case 0x590...0x8FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFF, 0x10800...0x10FFF, 0x1E800...0x1EFFF: !isMark(scalar)
        default: false
        }
    }

    /// RFC 5893 §2: a label from right to left begins so, and has nothing else but digits, hyphens and marks.
    private static func hasOneDirection(_ label: [Unicode.Scalar]) -> Bool {
        guard label.contains(where: isRightToLeft) else { return !label.contains { 0x660...0x669 ~= $0.value } }
        func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .decimalNumber }
        guard let first = label.first, isRightToLeft(first), let last = label.last(where: { !isMark($0) }) else {
            return false
        }
        let mixes =
            label.contains { 0x660...0x669 ~= $0.value }
            && label.contains { isDigit($0) && !(0x660...0x669 ~= $0.value) }
        return !mixes && (isRightToLeft(last) || isDigit(last))
            && label.allSatisfy { isRightToLeft($0) || isDigit($0) || isMark($0) || $0 == "-" }
    }
}
