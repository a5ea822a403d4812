extension RecordData {
    /// Presentation form for people: over several lines where there is much of it, each field in a line of its own with
    /// its name, and what a number stands for, as a comment. Zone files take it in either form.
    ///
    ///     (
    ///         ns.example.test.          ; primary
    ///         hostmaster.example.test.  ; mailbox
    ///         7                         ; serial
    ///         7200                      ; refresh, 2h
    ///
    /// - Parameter hidingOctets: whether keys, signatures and digests are left out, as in `text(hidingOctets:)`.
    public func lines(hidingOctets: Bool = false) -> [String] {
        let parts = parts(hidingOctets: hidingOctets)
        let lines = parts.flatMap { part in
            part.lines.enumerated().map { (text: $1, comment: $0 == 0 ? part.comment : "") }
        }
        let text = parts.map(\.text).joined(separator: " ")
        guard lines.count > 1, parts.count >= Part.manyFields || text.count > Part.width else { return [text] }
        let column = lines.filter { !$0.comment.isEmpty && $0.text.count <= Part.narrow }.map(\.text.count).max() ?? 0
        let indented = lines.map { text, comment in
            let gap = String(repeating: " ", count: max(0, column - text.count) + 2)
            return "    " + text + (comment.isEmpty ? "" : "\(gap); \(comment)")
        }
        return ["("] + indented + ["    )"]
    }

    /// Presentation form, where `hidingOctets` with `[omitted]` for keys, signatures and digests, and the key tag for
    /// the keys of DNSSEC. No zone file takes that.
    public func text(hidingOctets: Bool) -> String {
        hidingOctets ? parts(hidingOctets: true).map(\.text).joined(separator: " ") : description
    }

    /// Of a DNSSEC key (RFC 4034 appendix B); nil of other data.
    public var keyTag: UInt16? {
        guard [.dnskey, .cdnskey, .key].contains(type), octets.count > 4 else { return nil }
        // RSA/MD5 takes it from the modulus (appendix B.1).
        if octets[3] == 1 { return octets.suffix(3).prefix(2).reduce(0) { $0 << 8 | UInt16($1) } }
        let sum = octets.enumerated().reduce(UInt32(0)) { $0 + UInt32($1.element) << ($1.offset & 1 == 0 ? 8 : 0) }
        return UInt16(truncatingIfNeeded: sum + sum >> 16)
    }

    /// The fields that have a text.
    private func parts(hidingOctets: Bool) -> [Part] {
        let data = Octets(octets.span)
        var parts: [Part] = []
        var cursor = FieldCursor(RecordRegistry.format(of: type), data)
        while let piece = cursor.next() {
            var text = String(printing: { piece.print(of: data, into: &$0) })
            guard piece.field.isPrinted, !text.isEmpty else { continue }
            var remark: String?
            switch piece.field.kind {
            case .seconds: remark = Seconds.text(data.u32(piece.offset))
            // A certificate's algorithm 0 is none that is known (RFC 4398 §2).
            case .mnemonic(let mnemonics) where type != .cert:
                remark = mnemonics.name(data.number(piece.offset, size: piece.count))
            case .octets, .digest, .counted, .dashedBase64, .sizedBase64:
                remark = keyTag.map { "\(keyUse)id \($0)" }
                if hidingOctets { text = keyTag.map { "[key id = \($0)]" } ?? "[omitted]" }
            default: break
            }
            if remark == text { remark = nil }
            parts.append(Part(text: text, kind: piece.field.kind, comment: piece.field.name, remark))
        }
        return parts
    }

    /// What the flags of a DNSSEC key say (RFC 4034 §2.1.1, RFC 5011 §7).
    private var keyUse: String {
        guard type != .key, octets[0] & 1 != 0 else { return "" }
        return (octets[1] & 1 != 0 ? "KSK, " : "ZSK, ") + (octets[1] & 0x80 != 0 ? "revoked, " : "")
    }
}

/// A field as it is laid out.
private struct Part {
    let text: String
    let comment: String
    /// Whether it may be broken anywhere.
    private let isOctets: Bool

    /// So many fields always have a line each.
    static let manyFields = 5
    /// As in PEM.
    static let width = 64
    /// Comments stand below each other behind texts up to this wide.
    static let narrow = 32

    init(text: String, kind: Field.Kind, comment: String, _ remark: String?) {
        self.text = text
        self.comment = comment + (remark.map { ", \($0)" } ?? "")
        isOctets =
            switch kind {
            case .octets, .digest, .opaque: true
            default: false
            }
    }

    /// Filled with words; one that is longer stands alone.
    var lines: [String] {
        var lines: [String] = []
        for word in words {
            if let last = lines.last, last.utf8.count + word.utf8.count < Self.width {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(word)
            }
        }
        return lines
    }

    /// What stands between blanks outside strings; of octets no more than a line each.
    private var words: [String] {
        var words: [[UInt8]] = [[]]
        var isInString = false
        var isEscaped = false
        for octet in text.utf8 {
            let isFull = isOctets && words[words.count - 1].count == Self.width
            if isFull || octet == 0x20 && !isInString { words.append([]) }
            if octet != 0x20 || isInString { words[words.count - 1].append(octet) }
            if octet == 0x22 && !isEscaped { isInString.toggle() }
            isEscaped = octet == 0x5C && !isEscaped
        }
        return words.map { String(decoding: $0, as: UTF8.self) }
    }
}
