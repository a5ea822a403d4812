// The normal form C is the one part of Unicode that the standard library keeps to itself, as for Foundation.
@_spi(_Unicode) import Swift

/// Internationalised names (RFC 5890 to 5893): U-labels in, and out where they are lawful.
enum IDNA {
    /// The name as it is asked for: labels with other characters than ASCII as A-labels. Nil where one is not lawful.
    static func ascii(_ name: String) -> String? {
        if name.utf8.allSatisfy({ $0 < 0x80 }) { return name }
        var labels: [String] = []
        // A mark makes one character with the dot before it: by code points.
        for label in mapped(name).unicodeScalars.split(separator: ".", omittingEmptySubsequences: false) {
            if label.allSatisfy(\.isASCII) {
                labels.append(String(label))
            } else {
                let label = Array(label)
                guard isLawful(label), let encoded = Punycode.encode(label) else { return nil }
                labels.append("xn--" + encoded)
            }
        }
        return labels.joined(separator: ".")
    }

    /// Text in ASCII with the A-labels of its names as U-labels where they are lawful. Text in quotes has no names.
    static func unicode(_ text: String) -> String {
        guard text.lowercased().contains("xn--"), !text.contains("\"") else { return text }
        return text.split(separator: " ", omittingEmptySubsequences: false).map(name).joined(separator: " ")
    }

    private static func name(_ word: Substring) -> String {
        let plain = word.split(separator: ".", omittingEmptySubsequences: false)
        let shown = plain.map { label($0) ?? Array($0.unicodeScalars) }
        // With a label from right to left all must keep their places (RFC 5893 §2); commas and colons are no labels.
        let keepsOrder = shown.allSatisfy { label in
            !label.contains { $0.properties.isAlphabetic || $0.properties.numericType != nil } || hasOneDirection(label)
        }
        return zip(plain, shown).map { plain, shown in
            isRightToLeft(shown) && !keepsOrder ? String(plain) : text(shown)
        }.joined(separator: ".")
    }

    /// The U-label of an A-label; nil where it is none.
    private static func label(_ label: Substring) -> [Unicode.Scalar]? {
        let lower = label.lowercased()
        guard lower.hasPrefix("xn--"), lower.utf8.count <= 63, let scalars = Punycode.decode(lower.dropFirst(4)),
            isLawful(scalars), Punycode.encode(scalars) == String(lower.dropFirst(4))
        else { return nil }
        return scalars
    }

    private static func text(_ scalars: [Unicode.Scalar]) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }

    private static func composed(_ text: String) -> String { self.text(Array(text._nfc)) }

    /// Whether the characters are a U-label (RFC 5891 §5.4): composed, of permitted characters in their contexts, with no
    /// hyphen where A-labels have theirs, and in one direction.
    private static func isLawful(_ label: [Unicode.Scalar]) -> Bool {
        guard let first = label.first, !label.allSatisfy(\.isASCII), first != "-", label.last != "-" else {
            return false
        }
        let marks: [Unicode.GeneralCategory] = [.nonspacingMark, .spacingMark, .enclosingMark]
        return Array(text(label)._nfc) == label && !(label.count > 3 && label[2] == "-" && label[3] == "-")
            && !marks.contains(first.properties.generalCategory)
            && label.indices.allSatisfy { isPermitted(label, $0) }
            && (!isRightToLeft(label) || hasOneDirection(label))
    }
}

// MARK: Typing

extension IDNA {
    private static let fullWidth: ClosedRange<UInt32> = 0xFF01...0xFF5E
    /// The characters that those from U+FF65 on stand for.
    private static let katakana = Array(
        "・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン\u{3099}\u{309A}".unicodeScalars)

    /// What was typed as it is meant (RFC 5895 §2): in lower case, of usual width, composed, with dots between labels.
    private static func mapped(_ name: String) -> String {
        let usual = name.unicodeScalars.map { scalar in
            if scalar == "。" || scalar == "｡" { return "." as Unicode.Scalar }
            if fullWidth ~= scalar.value { return Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar }
            let place = Int(scalar.value) - 0xFF65
            return katakana.indices ~= place ? katakana[place] : scalar
        }
        let lower = usual.map { $0.properties.changesWhenNFKCCaseFolded ? $0.properties.lowercaseMapping : String($0) }
        return composed(lower.joined())
    }
}
